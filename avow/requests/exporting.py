"""
Export everything that is held about a person, as one zip that can be read, reused and verified.

Why built in memory and handed over: a copy that waits on a disk is one more place to erase, to
guard and to forget. Making it again is one act, so nothing is kept.

Why a salt: a file can be as guessable as an address, and a plain hash of it would outlive its erasure.

Holds:    what `gathering` found is in the files; the manifest names the HMAC-SHA256 of each under a
          random salt that is in the zip and nowhere else; neither the manifest nor the salt is kept.
          The log has an entry about it that only the person can tell is theirs. A request for
          access is answered in the same transaction that says so. Of two exports at once each
          answers a request of its own, although both began with one.
          Nobody who is being erased is exported: what is going must not leave a fresh copy.
Assumes:  a person's data fits into memory. Recorded usage will not; its room brings the stream.
Does not: wait long for a slow log: after PATIENCE the export comes without its MANIFEST and says
          so in PENDING.txt; making it again brings one that can be verified.
"""

import hmac
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.template.loader import render_to_string

from avow.errors import BeingRecorded
from avow.evidence import statements, verifier
from avow.evidence.acts import Act
from avow.evidence.entries import stamp
from avow.policy.promises import Promise, keeps
from avow.requests import cases, gathering, receiving, writing
from avow.requests.case_states import CaseKind
from avow.requests.copies import Copy
from avow.requests.moving import move
from avow.requests.states import Kind, State
from avow.vault import attesting
from avow.vault.actor import THE_PERSON, Actor

KIND = "export"
SALT = 32  # bytes
PATIENCE, BETWEEN = 3.0, 0.05  # seconds: how long an export waits for its entry's number, and between looks


@dataclass(frozen=True)
class Export:
    """An export as it is handed over; nothing of it is kept."""

    number: str
    name: str
    content: bytes
    pending: bool  # the log was slow: it has no manifest yet

    content_type = "application/zip"


@dataclass(frozen=True)
class Made:
    """What was gathered, as files, with the line of the statement that names them."""

    copy: Copy
    salt: bytes
    files: dict[str, bytes]
    line: bytes


@keeps(Promise.ACCESS_AND_ERASE)
def export(
    person: UUID,
    *,
    now: datetime,
    by: Actor = THE_PERSON,
    channel: str = "web",
    patience: float = PATIENCE,
    sleep: Callable[[float], None] = time.sleep,
    random: Callable[[int], bytes] = secrets.token_bytes,
) -> Export:
    """Return everything that is held about a person, as a zip with its manifest."""
    request = receiving.receive(Kind.ACCESS, person, by=by, now=now, channel=channel)
    copy = gathering.gather(person, number=request.number, by=by, now=now)
    entry, made = _record(request.pk, _make(copy, random(SALT)), by=by, now=now, channel=channel)
    manifest = _wait(entry, made.line, patience, sleep)
    last = {verifier.MANIFEST: manifest} if manifest else {"PENDING.txt": _pending(made.copy)}
    name = f"{_safe(copy.company)}-{now:%Y-%m-%d}.zip"
    return Export(made.copy.number, name, verifier.pack(made.files | last), pending=manifest is None)


def _make(copy: Copy, salt: bytes) -> Made:
    files = {**writing.files(copy), verifier.SALT: salt.hex().encode()}
    return Made(copy, salt, files, statements.said(KIND, _body(copy, files, salt)))


@transaction.atomic
def _record(request: UUID, made: Made, *, by: Actor, now: datetime, channel: str) -> tuple[UUID, Made]:
    """Record the export under the person's key and close the request: both or nothing."""
    person = made.copy.person
    receiving.not_being_erased(person)
    if not receiving.is_open(request):  # another export answered it meanwhile
        fresh = receiving.receive(Kind.ACCESS, person, by=by, now=now, channel=channel)
        request, made = fresh.pk, _make(replace(made.copy, number=fresh.number), made.salt)
    said = attesting.attest(
        person,
        Act.EXPORT_MADE,
        promise=Promise.ACCESS_AND_ERASE,
        evidence=sha256(made.line).digest(),
        actor=by.kind.value,
        now=now,
    )
    move(request, State.COMPLETE, now=now, person=None, statement=said.entry_id)
    cases.done(CaseKind.ACCESS, person, now=now)  # a wish that came by mail is answered by this as well
    return said.entry_id, made


def _body(copy: Copy, files: dict[str, bytes], salt: bytes) -> dict[str, object]:
    return {
        "number": copy.number,
        "made_at": stamp(copy.made_at),
        "company": copy.company,
        "policy": {"sha256": copy.governing.sha256, "effective": copy.governing.effective},
        "digest": verifier.DIGEST,
        "files": {name: hmac.digest(salt, content, "sha256").hex() for name, content in files.items()},
        "layout": verifier.LAYOUT,
    }


def _wait(entry: UUID, line: bytes, patience: float, sleep: Callable[[float], None]) -> bytes | None:
    """Return the manifest, or None when the log does not come to it in time."""
    for _ in range(int(patience / BETWEEN) + 1):
        try:
            return statements.around(KIND, line, entry)
        except BeingRecorded:
            sleep(BETWEEN)
    return None


def _pending(copy: Copy) -> bytes:
    return render_to_string("requests/export/PENDING.txt", {"copy": copy}).encode()


def _safe(company: str) -> str:
    """Make a file's name of the company's."""
    return (
        "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in company).strip("-") or "export"
    )
