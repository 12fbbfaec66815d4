"""
The policy's own text: the one in force, every earlier one, and the address it gives itself.

Holds:    whatever version is read, the text is that version's; the marks are today's.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.evidence import versions
from avow.evidence.versions import Version
from avow.web.reading import proof, text
from avow.web.reading.history import told


def policy(request: HttpRequest) -> HttpResponse:
    """Show the version in force."""
    return show(request, versions.in_force(timezone.now()))


def version(request: HttpRequest, number: int) -> HttpResponse:
    """Show one published version."""
    return show(request, numbered(number))


def exact_file(request: HttpRequest, number: int) -> HttpResponse:
    """Return a published text byte for byte."""
    return HttpResponse(numbered(number).raw, content_type="text/markdown; charset=utf-8")


def all_versions(request: HttpRequest) -> HttpResponse:
    """Show the published versions, newest first."""
    return render(request, "avow/versions.html", {"versions": told(timezone.now())})


def sentence(request: HttpRequest, sentence_id: str) -> HttpResponse:
    """Show what keeps, proves and watches one sentence."""
    now = timezone.now()
    return render(
        request, "avow/sentence.html", {"sentence": proof.proof(versions.in_force(now), sentence_id, now=now)}
    )


def permalink(request: HttpRequest, rest: str) -> HttpResponse:
    """Show the policy at the address that its front matter names, however it ends."""
    current = versions.in_force(timezone.now())
    own = current.bound.document.permalink
    if own is None or bare(own) != bare(rest):
        raise Http404
    return show(request, current)


def bare(path: str) -> str:
    """Return a path without the white space and slashes around it."""
    return path.strip("/ ").rstrip("/ ")


def show(request: HttpRequest, found: Version) -> HttpResponse:
    """Render a version."""
    now = timezone.now()
    in_force = versions.in_force(now).sha256 == found.sha256
    return render(request, "avow/policy.html", {"reading": text.read(found, now=now, in_force=in_force)})


def numbered(number: int) -> Version:
    """Return the version with this number, or answer 404."""
    found = next((one for one in versions.all_versions() if one.number == number), None)
    if found is None:
        raise Http404
    return found
