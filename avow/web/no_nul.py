"""
Requests with a NUL in them, answered before anything asks the database for it.

Why here: PostgreSQL keeps no text with a NUL and breaks off at it. Forms refuse one by themselves; what is looked up
without a form (a client's name, a word of an address) would end as a broken page.

Holds:    no view sees a NUL in an address, a query or a form's field.
"""

from collections.abc import Callable, Sequence

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from avow.web import refusals

NUL = "\0"


class NoNul:
    """Django middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        """Refuse what holds one."""
        given = [
            request.path,
            *(part for form in (request.GET, request.POST) for item in form.lists() for part in parts(item)),
        ]
        return refusals.bad_request(request, ValueError("NUL")) if any(NUL in part for part in given) else None


def parts(item: tuple[str, Sequence[object]]) -> list[str]:
    """Return a field's name and its values."""
    name, values = item
    return [name, *map(str, values)]
