"""
What a queued message is sealed into, and how it opens again.

Why two keys: a person's message dies with the person's key. An address that is nobody's
yet (somebody asked a new password for it) has no key, so its message is sealed under the
installation's, bound to its number, and its row ends within days.

Holds:    opening a person's message states the purpose of its class, at the vault's one door; a message moved to
          another row does not open, and one whose row was given another channel neither.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from avow.communications.classes import PURPOSE, Channel, kind_of
from avow.communications.models import Outgoing
from avow.errors import DoesNotOpen
from avow.people.install import secret
from avow.policy.purposes import Purpose
from avow.vault import crypto
from avow.vault.sealing import open_blob, open_each_blob, seal_blob, seal_each_blob

LABEL = "message"  # what a refusal at the gate is counted under
PLACE = crypto.bind("avow.message/1")


@dataclass(frozen=True)
class Mail:
    """Address or number, subject and text; for letters that can be switched off, the two ways out of the headers."""

    to: str
    subject: str
    text: str
    stop_url: str = ""
    stop_mail: str = ""
    channel: Channel = Channel.MAIL


def seal(mail: Mail, *, person: UUID | None, number: UUID) -> bytes:
    """Return the mail sealed for its row."""
    plain = _plain(mail, number)
    return crypto.seal(_nobodys_key(), plain, PLACE) if person is None else seal_blob(person, LABEL, plain)


def seal_each(mails: Mapping[UUID, Mail], numbers: Mapping[UUID, UUID], *, now: datetime) -> dict[UUID, bytes]:
    """Return the mails of many persons, each sealed for its row."""
    return seal_each_blob({person: _plain(mail, numbers[person]) for person, mail in mails.items()}, LABEL, now=now)


def unseal_each(rows: Sequence[Outgoing], *, now: datetime) -> dict[UUID, Mail]:
    """Open the mails of many persons' rows, all of one kind, by their numbers; what may not be opened is left out."""
    assert all(row.kind == rows[0].kind for row in rows), "all have one purpose"
    wanted = [(row.whose, LABEL, bytes(row.sealed)) for row in rows]
    opened = open_each_blob(wanted, purpose=PURPOSE[kind_of(rows[0].kind)], now=now) if rows else []
    return {row.id: _mail(plain, row) for row, plain in zip(rows, opened, strict=True) if plain is not None}


def unseal(row: Outgoing, *, purpose: Purpose | None = None) -> Mail:
    """Open the mail of a row for its class's purpose, unless another is stated."""
    sealed = bytes(row.sealed)
    if row.person is None:
        plain = crypto.unseal(_nobodys_key(), sealed, PLACE)
    else:
        plain = open_blob(row.person, LABEL, sealed, purpose=purpose or PURPOSE[kind_of(row.kind)])
    return _mail(plain, row)


def _plain(mail: Mail, number: UUID) -> bytes:
    return json.dumps({"number": number.hex, **asdict(mail)}).encode()


def _mail(plain: bytes, row: Outgoing) -> Mail:
    content = json.loads(plain)
    if content.pop("number") != row.id.hex:
        raise DoesNotOpen("A queued message lies in another message's row; remove the row, its person can ask again.")
    channel = Channel(content.pop("channel", Channel.MAIL))  # what was queued before there were two has none
    if channel != row.channel:
        raise DoesNotOpen("A queued message's row names another channel; remove the row, its person can ask again.")
    return Mail(**content, channel=channel)


def _nobodys_key() -> bytes:
    return crypto.derive(secret("messages"), "avow.message/1")
