"""
Verify what somebody was given: here, or anywhere else with the file that this page hands out.

Holds:    an uploaded file is read once, in memory, and kept nowhere.
"""

from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from avow.errors import BadInput
from avow.evidence import tiles, verifier
from avow.web.public import log

LARGEST = 32 * 1024 * 1024  # bytes, as FILE_UPLOAD_MAX_MEMORY_SIZE; an export is the largest thing that is verified


@dataclass(frozen=True)
class Verdict:
    """What came out."""

    accepted: bool
    says: str
    facts: tuple[str, ...] = ()


def verify(request: HttpRequest) -> HttpResponse:
    """Show how to verify, and the verdict on an uploaded file."""
    verdict = judge(upload(request)) if request.method == "POST" else None
    shown = {"verdict": verdict, "vkey": log.vkey(), "checkpoint": tiles.newest()}
    return render(request, "avow/verify.html", shown)


def upload(request: HttpRequest) -> bytes:
    """Return the uploaded bytes."""
    file = request.FILES.get("statement")
    if file is None or (file.size or 0) > LARGEST:
        raise BadInput("Choose the file that you were given, of at most 32 MB, and send it again.")
    return bytes(file.read())


def judge(text: bytes) -> Verdict:
    """Ask the very verifier that people download."""
    try:
        found = verifier.verify(text, log.vkey())
    except (verifier.Refused, verifier.Unreadable) as refused:
        return Verdict(accepted=False, says=str(refused))
    return Verdict(accepted=True, says="Every byte is what this log recorded.", facts=tuple(verifier.shows(found)))


def verifier_file(request: HttpRequest) -> HttpResponse:
    """Hand out the verifier: one file that needs no Avow."""
    source = Path(verifier.__file__).read_bytes()
    return HttpResponse(
        source,
        content_type="text/x-python; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="verify_avow.py"'},
    )
