"""Forms ask for what the policy names, and nothing else."""

from datetime import UTC, datetime

import pytest
from django import forms as django_forms

from avow.people import checks, queries
from avow.people.catalogue import FIELDS
from avow.people.forms import SignUp
from avow.policy.promises import Promise
from tests.people.walking import asked

pytestmark = [pytest.mark.proves(Promise.GIVEN_DATA)]


def test_the_page_asks_for_four_things(somebody):
    """It bites: with one more field in the form (allauth's `remember`, say) this fails."""
    assert asked(somebody().get("/accounts/signup/")) == ["email", "password1", "name", "phone"]


def test_each_category_that_is_asked_for_is_named_in_the_policy(policy):
    named = {category for _, clause in policy.bound.clauses if clause for category in clause.categories}
    for field in FIELDS:
        assert any(field.category == one or field.category.startswith(f"{one}.") for one in named), field.name


def test_what_is_sent_beside_the_form_is_not_kept(somebody):
    ada = somebody().join(dob="1815-12-10", company="Analytical Engines", name="Ada")
    shown = {one.field.name: one.value for one in queries.profile(ada.person, datetime.now(UTC))}
    assert shown == {"email": "ada@example.com", "name": "Ada", "phone": None}


def test_signing_in_asks_for_address_and_password_alone(somebody):
    assert asked(somebody().get("/accounts/login/")) == ["login", "password"]


def test_the_check_is_shown_to_fail(policy, shown_to_fail, monkeypatch):
    class Curious(SignUp):
        def __init__(self, *positional, **named):
            super().__init__(*positional, **named)
            self.fields["dob"] = django_forms.DateField()

    with shown_to_fail("forms-ask-only-for-declared-fields", how="the form also asks for a date of birth") as trial:
        trial.holds()
        with monkeypatch.context() as broken:
            broken.setattr(checks, "SignUp", Curious)
            trial.fails()
        trial.holds()
