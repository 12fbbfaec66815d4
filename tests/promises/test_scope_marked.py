"""§1.2 what is outside the policy is marked as outside, and who works for the company is not.

Tried: matching hosts by their ending without the dot fails here.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from avow.policy import leaving
from avow.policy.leaving import Border, mark
from avow.policy.promises import Promise
from avow.web import border

pytestmark = pytest.mark.proves(Promise.SCOPE_MARKED)
HERE = Border("Optimibi", frozenset({"optimibi.com"}), frozenset({"parcel.example"}))


@pytest.mark.parametrize(
    "href",
    ["https://elsewhere.example", "http://elsewhere.example:81/x?a=1&amp;b=2", "//elsewhere.example", "https://notoptimibi.com", "https://optimibi.com.evil.example", "HTTPS://Elsewhere.Example"],
)  # fmt: skip
def test_what_leads_elsewhere_says_so(href):
    said = mark(f'<a href="{href}" rel="noopener noreferrer">there</a>', HERE)
    assert (
        said
        == f'<a href="{href}" rel="external noopener noreferrer">there<span class="leaves"> (leaves Optimibi)</span></a>'
    )


@pytest.mark.parametrize("href", ["/policy", "#3a.2", "mailto:info@optimibi.com", "https://optimibi.com/x", "https://www.optimibi.com", "tel:+49"])  # fmt: skip
def test_what_stays_is_left_as_it_is(href):
    assert mark(f'<a href="{href}">there</a>', HERE) == f'<a href="{href}">there</a>'


def test_an_agent_is_inside_what_the_policy_covers():
    said = mark('<a href="https://parcel.example/">Parcel</a>', HERE)
    assert "works for Optimibi; the policy covers it" in said and "leaves" not in said.replace('"leaves"', "")


@given(st.text("<>a/=\" bhref'", max_size=60))
def test_whatever_the_html_only_links_change(html):
    assert leaving.LINK.sub("", mark(html, HERE)) == leaving.LINK.sub("", html)


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    with shown_to_fail("outside-is-marked", how="nothing marks links") as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(leaving, "mark", lambda html, border: html)
            assert "does not say so" in trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(border.agents_register, "sites", lambda now: frozenset())
            assert "called outside" in trial.fails()
        trial.holds()
