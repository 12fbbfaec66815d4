"""
Live checks of what accounts promise; each goes through the very act that people use.

Holds:    whatever a check writes belongs to the canary (`canary`) or to nobody, and is rolled back
          or removed; no check opens a real person's data.
"""

import secrets
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Token
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest

from avow.people import (
    alert_trial,
    application_sessions,
    canary,
    desk_trial,
    guards,
    passkey_trial,
    password_trial,
    phone_trial,
    queries,
    second_step_trial,
    settings_change,
    signing,
)
from avow.people.application_sessions import Shown
from avow.people.catalogue import FIELDS, SIGN_UP
from avow.people.forms import INPUTS, SignUp
from avow.people.in_vain import in_vain
from avow.people.models import Account
from avow.people.password_rules import NotGuessable
from avow.people.sessions import SessionStore
from avow.policy.promises import Promise, watches

PARTY = "live-check"
OFFERED = {PARTY: "Live check"}
REFUSED = {"passwordpassword12345678": "made of common words and runs", "blackstarcat_ok": "that was stolen long ago"}
ARGON = "argon2id-peppered$argon2id$v=19$m="


@watches(Promise.PASSWORD_PROTECTION, every=timedelta(minutes=5))
def passwords_are_hashed_and_wrong_ones_refused(now: datetime) -> str | None:
    """Give the canary a password: it must rest as a hash, open with itself alone, and be refused when it is easy."""
    account = canary.account(now)
    if (
        Account.objects.exclude(password__startswith=ARGON)
        .exclude(password__startswith=UNUSABLE_PASSWORD_PREFIX)
        .exists()
    ):
        return "an account's password rests in another form than argon2id under the pepper"
    if (wrong := password_trial.fault(account)) is not None:
        return wrong
    for bad, why in REFUSED.items():
        try:
            NotGuessable().validate(bad)
        except ValidationError:
            continue
        return f"a password {why} is not refused"
    return None


@watches(Promise.PASSWORD_PROTECTION, every=timedelta(minutes=5))
def a_second_step_opens_once(now: datetime) -> str | None:
    """Give the canary an authenticator app: its code must open once, another never, and its seed must rest sealed."""
    return second_step_trial.fault(canary.account(now))


@watches(Promise.PASSWORD_PROTECTION, every=timedelta(minutes=5))
def a_passkey_opens_once(now: datetime) -> str | None:
    """Give the canary a passkey: it must open once a challenge, its copy never, and what it is known by rest sealed."""
    return passkey_trial.fault(canary.account(now), now=now)


@watches(Promise.PASSWORD_PROTECTION, every=timedelta(minutes=5))
def a_strangers_sign_in_is_noticed(now: datetime) -> str | None:
    """Have the canary sign in from two places: the second is news once, and what was sent must rest sealed."""
    return alert_trial.fault(canary.account(now), now=now)


@watches(Promise.SECURITY_MEASURES, every=timedelta(minutes=5))
def nobody_at_the_desk_can_sign_in_as_another(now: datetime) -> str | None:  # noqa: ARG001 - rights have no hour
    """Ask the database what the desk's roles may write, and step down to each."""
    return desk_trial.fault()


@watches(Promise.SIGN_OUT, every=timedelta(minutes=5))
def a_signed_out_cookie_opens_nothing(now: datetime) -> str | None:
    """Sign the canary in and out, then show its cookie again, and what an application got in that session."""
    account = canary.account(now)
    with in_vain():
        cookie = _signed_in(account)
        request = _request(cookie)
        if request.user != account:
            return "a session that was just begun does not open"
        token = _issued(account, cookie, now)
        signing.sign_out(request, now=now)
        if token.exists():
            return "what an application got in a session still opens after signing out"
        if SessionStore(cookie).load() or _request(cookie).user == account:
            return "a cookie still opens its session after signing out"
    return None


@watches(Promise.VIEW_AND_CORRECT, every=timedelta(minutes=5))
def a_correction_replaces_the_old_value(now: datetime) -> str | None:
    """Correct the canary's name and read it where people read theirs."""
    canary.account(now)
    with in_vain():
        before = _name(now)
        fresh = next(name for name in canary.NAMES if name != before)
        settings_change.change(canary.PERSON, "name", fresh, now=now)
        if _name(now) != fresh:
            return "a corrected field still shows what it was before"
        if before not in [past.value for past in queries.history(canary.PERSON, "name", now) if past.until]:
            return "a correction loses what was there before"
    return None


@watches(Promise.CONTACT_LIMIT, every=timedelta(minutes=5))
def a_number_is_used_only_with_its_own_yes(now: datetime) -> str | None:
    """Give the canary a phone number: it must open for messages after a yes to that alone, and not before or after."""
    return phone_trial.fault(canary.account(now).person, now=now)


@watches(Promise.GIVEN_DATA, every=timedelta(minutes=5))
def forms_ask_only_for_declared_fields(_now: datetime) -> str | None:
    """Build the form that asks strangers, and compare it with the catalogue."""
    if settings.ACCOUNT_FORMS.get("signup") != f"{SignUp.__module__}.{SignUp.__qualname__}":
        return "the sign-up form is not the one that is built from the catalogue"
    declared = {INPUTS[field.name] for field in FIELDS if field.name in INPUTS}
    undeclared = set(SignUp().fields) - declared
    return f"the sign-up form asks for what nobody declared: {', '.join(sorted(undeclared))}" if undeclared else None


@watches(Promise.CHOICE_TO_WITHHOLD, every=timedelta(minutes=5))
def required_fields_have_reasons(_now: datetime) -> str | None:
    """Read the form as a person does, and fill in only what it requires."""
    form = SignUp()
    silent = [name for name, field in form.fields.items() if field.required and not field.help_text]
    if silent:
        return f"a required field does not say why: {', '.join(silent)}"
    undecided = [
        field.name
        for field in FIELDS
        if field.name in SIGN_UP and form.fields[INPUTS[field.name]].required != field.required
    ]
    if undecided:
        return f"a field is required in the form and optional in the catalogue, or the reverse: {', '.join(undecided)}"
    least = {"email": f"canary-{secrets.token_hex(4)}@example.invalid", "password1": secrets.token_urlsafe(20)}
    return None if SignUp(least).is_valid() else "sign-up with nothing but the required fields is refused"


@watches(Promise.THIRD_PARTY_SIGN_IN, every=timedelta(minutes=5))
def the_page_says_what_guards_an_account(now: datetime) -> str | None:
    """Connect the canary with a third party, read what guards it, try to take the last way, then add a password."""
    account = canary.account(now)
    with in_vain():
        row = SocialAccount.objects.create(user=account, provider=PARTY, uid=secrets.token_hex(8))
        if [party.provider for party in guards.guarding(account, OFFERED).third_parties] != [PARTY]:
            return "a third party by which one signs in is left out"
        if guards.guarding(account, OFFERED).password:
            return "a password is said to guard an account that has no password"
        try:
            guards.disconnect(account, row.pk, now=now, offered=OFFERED)
        except guards.LastWay:
            return _says_both(account)
    return "the last way into an account can be taken away"


def _says_both(account: Account) -> str | None:
    account.set_password(secrets.token_urlsafe(20))
    address = f"canary-{secrets.token_hex(8)}@example.invalid"
    EmailAddress.objects.create(user=account, email=address, verified=True, primary=True)
    return None if guards.guarding(account, OFFERED).ways > 1 else "a password that guards an account is left out"


def _signed_in(account: Account) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.save()
    return session.session_key or ""


def _issued(account: Account, cookie: str, now: datetime) -> QuerySet[Token]:
    """Give the canary a token, as an application gets one in the browser's session."""
    shown, value = Shown(PARTY, code=secrets.token_urlsafe(20)), secrets.token_urlsafe(20)
    application_sessions.begin(account.person, PARTY, shown.code, cookie=cookie, authenticated_at=now, ways="", now=now)
    made = Token(user=account, type=Token.Type.ACCESS_TOKEN, expires_at=now + timedelta(hours=1))
    made.set_value(value)
    made.save()
    application_sessions.exchange(shown, [value], now=now)
    found: QuerySet[Token] = Token.objects.filter(pk=made.pk)
    return found


def _request(cookie: str) -> HttpRequest:
    request = HttpRequest()
    request.session = SessionStore(cookie)
    request.user = get_user(request)
    return request


def _name(now: datetime) -> str | None:
    return next(shown.value for shown in queries.profile(canary.PERSON, now) if shown.field.name == "name")
