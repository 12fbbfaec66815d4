"""Two versions of the policy beside each other: what changed, how far, and why it is judged so."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from avow.communications import announcing, changes, rendering
from avow.web.public.policy import numbered
from avow.web.reading import changing


def difference(request: HttpRequest, before: int, after: int) -> HttpResponse:
    """Show what changed from one version to a later one."""
    if before > after:
        return redirect("changes", after, before)
    if before == after:
        raise Http404
    old, new = numbered(before), numbered(after)
    found = changes.between(old, new)
    shown = {
        "old": old,
        "new": new,
        "changes": changing.beside(found),
        "counts": changing.counted(found),
        "kept": len(new.bound.document.sentences) - sum(change.after is not None for change in found),
        "announcement": announcing.of_version(new.sha256) if new.parent == old.sha256 else None,
    }
    return render(request, "avow/changes.html", shown)


def rendered(request: HttpRequest, digest: str) -> HttpResponse:
    """Hand out a notice exactly as somebody was shown it, as text that no browser runs."""
    return HttpResponse(bytes(rendering.find(digest).content), content_type="text/plain; charset=utf-8")
