"""
Live checks of public pages: what they say of the outside is what is so.

Holds:    a page is rendered as a stranger gets it, and read as HTML. What a check enters is rolled back.
"""

from datetime import datetime, timedelta
from html.parser import HTMLParser

from django.template.loader import render_to_string

from avow.evidence import versions
from avow.people.in_vain import in_vain
from avow.policy.promises import Promise, watches
from avow.sharing import agents, agents_checks
from avow.vault import catalogue, recipients
from avow.vault.models import Recipient, RecipientGrant, RecipientKind
from avow.web import border
from avow.web.public import recipients as page
from avow.web.reading import text

ELSEWHERE = '<p><a href="https://elsewhere.invalid/x" rel="noopener noreferrer">somewhere else</a></p>'


@watches(Promise.AGENT_REGISTER, every=timedelta(minutes=5))
def the_register_is_the_configuration(now: datetime) -> str | None:
    """Read the public page and hold every agent and grant that stands against it; also a canary that comes and goes."""
    with in_vain():
        canary = agents_checks.an_agent(now)
        if wrong := _missing(_public(now), now):
            return wrong
        recipients.end(canary, now=now)
        if agents_checks.NOBODY.site in _public(now):
            return "an agent that has ended is still in the register"
    return None


@watches(Promise.SCOPE_MARKED, every=timedelta(minutes=5))
def outside_is_marked(now: datetime) -> str | None:
    """Read the policy, the register and a page that links elsewhere: what leads out says so, and no agent is."""
    with in_vain():
        agents_checks.an_agent(now)
        here = border.border(now)
        for html in (border.marked(ELSEWHERE), text.read(versions.in_force(now), now=now).html, _public(now)):
            for link in links(html):
                words = here.words(link.href)
                if words and (words not in link.text or "external" not in link.rel.split()):
                    return "a link that leads out of what the policy covers does not say so"
        if "(leaves" not in border.link("https://elsewhere.invalid/", "x"):
            return "a link that leads elsewhere does not say that it leaves the company"
        if "(leaves" in border.link(agents_checks.NOBODY.site, "x"):
            return "an agent, who works for the company, is called outside of the policy"
    return None


class Link:
    """One link as a reader meets it."""

    def __init__(self, href: str, rel: str) -> None:
        self.href, self.rel, self.text = href, rel, ""


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Link] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            said = dict(attrs)
            self.found.append(Link(said.get("href") or "", said.get("rel") or ""))
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "a"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1].text += data


def links(html: str) -> list[Link]:
    """Return the links of a page with all that they say."""
    reader = _Links()
    reader.feed(html)
    return reader.found


def _public(now: datetime) -> str:
    return render_to_string("avow/recipients.html", page.shown(now))


def _missing(html: str, now: datetime) -> str | None:
    """Return what the configuration has and the page lacks, read from the rows themselves."""
    for agent in Recipient.objects.filter(kind=RecipientKind.AGENT, ended_at=None):
        if f'id="agent-{agent.id}"' not in html:
            return "an agent that may receive something is not in the register"
        block = html.partition(f'id="agent-{agent.id}"')[2].partition("</section>")[0]
        standing = RecipientGrant.objects.filter(recipient=agent, ended_at=None, since__lte=now, until__gt=now)
        granted = {name for names in standing.values_list("what", flat=True) for name in names}
        receives = block.partition("Receives")[2].partition("Because")[0]
        if {field.name for field in catalogue.fields() if field.label in receives} != granted:
            return "the register names other fields of an agent than it was granted"
        if agent.facts["place"] not in block or agents.find(agent.id).facts["purpose"] not in block:
            return "the register does not say where an agent is, or what it needs data for"
    return None
