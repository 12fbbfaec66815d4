"""Forms in which somebody writes to the company, and how what they wrote becomes a mail."""

import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any

from django import forms

from avow.communications import mailbox
from avow.communications.letters import one_line
from avow.communications.parsing import LONGEST, Letter
from avow.errors import BadInput, Unavailable
from avow.vault.normalising import EMAIL, normalise


class Question(forms.Form):
    """A question of somebody who is signed in: we know where to answer."""

    text = forms.CharField(label="Your question", max_length=LONGEST, widget=forms.Textarea)


class Written(Question):
    """A question of anybody, with an address to answer to."""

    address = forms.CharField(
        label="Your e-mail address", max_length=254, help_text="Where the answer goes; it is used for nothing else.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    field_order: Any = ("address", "text")

    def clean_address(self) -> str:
        """Refuse what is no address."""
        try:
            return normalise(EMAIL, self.cleaned_data["address"])
        except BadInput as wrong:
            raise forms.ValidationError(str(wrong)) from None


class Mail(Written):
    """A mail as a mail program would ask for it."""

    subject = forms.CharField(label="Subject", max_length=200, required=False)
    field_order: Any = ("address", "subject", "text")


def leave(form: Written, now: datetime) -> None:
    """Hand what was written to the mailbox: it goes the same way as a mail, and is believed as little."""
    if mailbox.is_full(now):
        raise Unavailable("More mail came within this hour than we read; please send yours again in an hour.")
    typed = form.cleaned_data
    subject = one_line(typed.get("subject", ""))
    letter = Letter(typed["address"], subject, typed["text"].strip(), is_reply=subject.lower().startswith("re:"))
    mailbox.leave_letter(letter, digest=sha256(secrets.token_bytes(32)).digest(), now=now)
