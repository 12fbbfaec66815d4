"""
What was announced: the page, both feeds, and the snippet for the company's own site.

Holds:    the feeds and the snippet may be read from every site (CORS, GET alone); they carry no cookie and set none.
          Who put an announcement away is known to that browser alone.
"""

from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe

from avow.communications import announcing, changes
from avow.communications.announcing import Announced
from avow.errors import NotFound
from avow.people import company

FROM_ANYWHERE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}
SNIPPET = Path(__file__).resolve().parent.parent / "scripts" / "announce.js"
IN_A_FEED = 20


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the announcements, the newest first."""
    told = [(one, path(one)) for one in announcing.newest()]
    return render(request, "avow/announcements.html", {"announcements": told})


@require_safe
def as_json(request: HttpRequest) -> JsonResponse:
    """Return the newest announcements for programs, as a JSON Feed 1.1."""
    items = [
        {
            "id": f"urn:uuid:{one.id}",
            "url": settings.BASE_URL + path(one),
            "title": one.title,
            "content_text": one.text,
            "date_published": one.at.isoformat(),
            "tags": [one.kind.value],
        }
        for one in announcing.newest(IN_A_FEED)
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title(),
        "home_page_url": settings.BASE_URL + reverse("announcements"),
        "feed_url": settings.BASE_URL + reverse("announcements-json"),
        "items": items,
    }
    return JsonResponse(feed, headers=FROM_ANYWHERE, content_type="application/feed+json")


@require_safe
def as_atom(request: HttpRequest) -> HttpResponse:
    """Return the newest announcements as an Atom feed."""
    home = settings.BASE_URL + reverse("announcements")
    feed = Atom1Feed(title(), home, "", feed_url=settings.BASE_URL + reverse("announcements-atom"), feed_guid=home)
    for one in announcing.newest(IN_A_FEED):
        feed.add_item(
            one.title, settings.BASE_URL + path(one), one.text, pubdate=one.at, updateddate=one.at,
            unique_id=f"urn:uuid:{one.id}", categories=[one.kind.value],
        )  # fmt: skip
    return HttpResponse(feed.writeString("utf-8"), content_type=feed.content_type, headers=FROM_ANYWHERE)


@require_safe
def snippet(request: HttpRequest) -> HttpResponse:
    """Return the script for the company's own pages."""
    headers = {**FROM_ANYWHERE, "Cache-Control": "public, max-age=3600"}
    return HttpResponse(SNIPPET.read_bytes(), content_type="text/javascript; charset=utf-8", headers=headers)


def path(one: Announced) -> str:
    """Return where an announcement leads: to what changed, or to its own words."""
    if one.version:
        try:
            return reverse("changes", args=changes.changed(one.version).path)
        except NotFound:
            return reverse("policy")
    return f"{reverse('announcements')}#{one.id}"


def title() -> str:
    """Return the feeds' title."""
    return f"{company.name(timezone.now())}: announcements"
