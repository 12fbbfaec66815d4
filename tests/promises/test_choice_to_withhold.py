"""What is required is marked with its reason; the rest can be left out, from sign-up to the export."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape

import pytest

from avow.people import catalogue, forms, queries
from avow.people.models import Account
from avow.policy.promises import Promise

pytestmark = [pytest.mark.proves(Promise.CHOICE_TO_WITHHOLD)]


def test_sign_up_works_with_what_is_required_and_leaves_no_value_for_the_rest(somebody):
    ada = somebody().join()
    shown = {one.field.name: one.value for one in queries.profile(ada.person, datetime.now(UTC))}
    assert shown == {"email": "ada@example.com", "name": None, "phone": None}
    assert queries.history(ada.person, "phone", datetime.now(UTC)) == []


def test_each_field_says_at_the_field_whether_it_is_needed_and_why(somebody):
    page = unescape(somebody().get("/accounts/signup/").content.decode())
    required = set(re.findall(r'<input\b(?=[^>]*\srequired\b)[^>]*\bname="([^"]+)"', page))
    assert required == {"email", "password1"}
    for field in catalogue.FIELDS:
        assert field.reason in page, field.name
        assert field.reason.startswith("Needed: " if field.required else "Optional: ")


@pytest.mark.parametrize("left_out", ["email", "password1"])
def test_without_a_required_field_nothing_is_opened(somebody, left_out):
    person = somebody()
    filled = {"email": person.address, "password1": "four boats on a quiet river"}
    del filled[left_out]
    assert person.post("/accounts/signup/", **filled).status_code == 200
    assert not Account.objects.exists()


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    """It bites both ways: a required field without reason, and an optional one that the form insists on."""

    def insist(form_field, field):
        catalogue_mark(form_field, field)
        form_field.required = True

    catalogue_mark = forms.mark
    with shown_to_fail(
        "required-fields-have-reasons", how="the form insists on optional fields; a required field gives no reason"
    ) as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(forms, "mark", insist)
            trial.fails()
        with monkeypatch.context() as broken:
            broken.setattr(forms, "declared", lambda name: replace(catalogue.declared(name), reason=""))
            assert "does not say why" in trial.fails()
        trial.holds()
