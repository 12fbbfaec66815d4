"""The log as its clients read it: the public key, the newest checkpoint, the tiles (C2SP tlog-tiles)."""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from avow.errors import NotYet
from avow.evidence import tiles

FOR_EVER = "public, max-age=31536000, immutable"


def vkey() -> str:
    """Return the log's public key, as the start of the service wrote it down."""
    try:
        return Path(settings.HOME.root, "log.vkey").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise NotYet("The log has no public key yet; the service writes it when it starts.") from None


def key(request: HttpRequest) -> HttpResponse:
    """Serve the public key."""
    return HttpResponse(vkey() + "\n", content_type="text/plain; charset=utf-8")


def tile(request: HttpRequest, rest: str) -> HttpResponse:
    """Serve a checkpoint, a tile or a bundle of entries; tiles never change and may be kept."""
    if rest == "checkpoint":
        return HttpResponse(tiles.serve(rest), content_type="text/plain; charset=utf-8")
    return HttpResponse(tiles.serve(rest), content_type="application/octet-stream", headers={"Cache-Control": FOR_EVER})
