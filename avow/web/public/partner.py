"""
What a partner reads under its link: the release with its picture, its table and what it can and cannot tell.

Holds:    the page is drawn from the two files that left, and from nothing else. It needs no account and asks nothing
          of who reads it; the link's answer when it does not open is one and the same.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from avow.sharing import generalising, handing_over
from avow.sharing.release_models import Release
from avow.sharing.spec import Kind
from avow.sharing.usage_rows import DAYS

FORMS = {"csv": ("table", "text/csv"), "json": ("descriptor", "application/json")}
MOST = 60  # rows of a table on the page; the file has all
HEADERS = {"X-Robots-Tag": "noindex", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True)
class Report:
    """A release as a page shows it."""

    told: dict[str, Any]
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    @property
    def since(self) -> date:
        """Its first day."""
        return date.fromisoformat(self.told["since"])

    @property
    def until(self) -> date:
        """Its last day."""
        return date.fromisoformat(self.told["until"])

    @property
    def are_figures(self) -> bool:
        """Whether it holds figures; else rows."""
        return bool(self.told["kind"] == Kind.FIGURES)

    @property
    def picture(self) -> list[tuple[str, float]]:
        """One bar for each page, or for each first value of the rows."""
        if self.are_figures:
            return [(page, float(number)) for page, number in self.rows if number]
        counted = Counter(row[0] for row in self.rows)
        return [(value, float(counted[value])) for value in sorted(counted, key=_weekdays_first)]

    @property
    def unsaid(self) -> int:
        """How many pages have too few."""
        return sum(not number for _, number in self.rows) if self.are_figures else 0

    @property
    def alike(self) -> list[tuple[tuple[str, ...], int]]:
        """Rows that are alike, with how many there are of each."""
        largest = Counter(self.rows).most_common(MOST)
        return sorted(largest, key=lambda pair: (_weekdays_first(pair[0][0]), pair[0]))


def _weekdays_first(value: str) -> tuple[int, str]:
    return (DAYS.index(value) if value in DAYS else len(DAYS), value)


def report(release: Release) -> Report:
    """Return what the page shows of a release's files."""
    columns, rows = generalising.from_csv(bytes(release.table or b""))
    return Report(json.loads(bytes(release.descriptor or b"{}")), columns, rows)


def partner(request: HttpRequest, token: str) -> HttpResponse:
    """Show the release."""
    found = report(handing_over.read(token, now=timezone.now()))
    page = render(request, "avow/partner.html", {"report": found, "token": token})
    for name, value in HEADERS.items():
        page[name] = value
    return page


def download(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """Hand over one of the two files, byte for byte as it left the egress gate."""
    if form not in FORMS:
        raise Http404
    name, kind = FORMS[form]
    release = handing_over.read(token, now=timezone.now(), download=True)
    named = {"Content-Disposition": f'attachment; filename="{release.kind}-{release.spec["since"]}.{form}"'}
    return HttpResponse(bytes(getattr(release, name)), content_type=kind, headers=HEADERS | named)
