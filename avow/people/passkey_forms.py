"""
allauth's forms about passkeys, which judge nothing themselves: `passkeys` does.

Holds:    the challenge that a page set is taken out of the session before its answer is judged.
          Guesses for one account are counted; who has no account yet in mind is counted by address alone, since
          otherwise somebody could lock another out (allauth's `webauthn_login`).
"""

from collections.abc import Callable
from typing import Any

from allauth.core import context
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as allauth_forms
from allauth.mfa.webauthn.internal import auth
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from avow.errors import BadInput
from avow.people import passkeys, security_events
from avow.people.security_events import Event

LONGEST_NAME = 60  # letters
WHY_A_NAME = "For you, to tell your passkeys apart: the phone, the key on the ring. Nobody else reads it."


def in_one_line(name: str) -> str:
    """Return a name without what does not print."""
    return "".join(letter for letter in name if letter.isprintable()).strip()


class Name(forms.Form):
    """Another name for a passkey."""

    name = forms.CharField(max_length=LONGEST_NAME)

    def clean_name(self) -> str:
        """Take what prints of it."""
        name = in_one_line(self.cleaned_data["name"])
        if not name:
            raise ValidationError("A name has at least one letter.", code="empty")
        return name


class Answer(forms.JSONField):
    """What a browser sends of a key: JSON of a bounded length and depth."""

    def to_python(self, value: Any) -> Any:
        """Read it."""
        if isinstance(value, str) and len(value) > passkeys.LONGEST:
            raise ValidationError(passkeys.NOT_TAKEN, code="too_long")
        try:
            return super().to_python(value)
        except RecursionError:
            raise ValidationError(passkeys.NOT_TAKEN, code="too_deep") from None


def _answer() -> Answer:
    said = {"required": passkeys.NOT_TAKEN, "invalid": passkeys.NOT_TAKEN}
    return Answer(widget=forms.HiddenInput, error_messages=said)


class _New(forms.Form):
    """What a new passkey is called, and what it answered."""

    name = forms.CharField(label="Name", required=False, max_length=LONGEST_NAME, help_text=WHY_A_NAME)
    credential = _answer()

    def __init__(self, *positional: Any, user: Any, **named: Any) -> None:
        self.user = user
        super().__init__(*positional, **named)

    def clean_name(self) -> str:
        """Give a key a name that has none: it may lie in the device already."""
        return in_one_line(self.cleaned_data["name"]) or f"Passkey {len(passkeys.of(self.user)) + 1}"

    def clean_credential(self) -> dict[str, Any]:
        """Judge what the key answered."""
        answer: dict[str, Any] = self.cleaned_data["credential"]
        _judged(lambda state: passkeys.register(self.user, answer, state, now=timezone.now()))
        return answer


class Add(_New):
    """One more passkey."""


class SignUp(_New):
    """The first, by which an account is opened."""


class _Shown(forms.Form):
    """A passkey that its person shows."""

    credential = _answer()

    def clean_credential(self) -> Authenticator:
        """Judge what the key signed."""
        answer, user = self.cleaned_data["credential"], getattr(self, "user", None)
        clear = check_rate_limit(user) if user is not None else None
        row = _judged(lambda state: passkeys.show(user, answer, state, now=timezone.now()))
        if clear:
            clear()
        found: Authenticator = row
        return found


class SignIn(_Shown, allauth_forms.LoginWebAuthnForm):  # type: ignore[misc]
    """Instead of address and password."""


class SecondStep(_Shown, allauth_forms.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """After another way's first step."""


class OnceMore(_Shown, allauth_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Before an act that asks who is there."""


def _judged(judge: Callable[[Any], Any]) -> Any:
    state = context.request.session.pop(auth.STATE_SESSION_KEY, None)
    try:
        return judge(state)
    except BadInput as refused:
        security_events.note(Event.PASSKEY_REFUSED)
        raise ValidationError(str(refused), code="not_taken") from None
