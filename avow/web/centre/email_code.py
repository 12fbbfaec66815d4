"""The code that shows a new address to be one's own."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse

from avow.people import new_address
from avow.web.centre import awaited_code
from avow.web.centre.awaited_code import Words

WORDS = Words(
    title="Confirm the new address",
    field="e-mail",
    sent="mailed to the new address",
    leave="Keep the old address",
    done="The new address is yours and in use. The old one was told.",
    digits=False,
)


@login_required
def email_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code, and exchange the address when it is right."""
    return awaited_code.page(request, WORDS, new_address.confirm, new_address.is_waiting)
