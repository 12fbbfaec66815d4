"""The code that shows a new address to be one's own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.errors import BadInput, NotFound
from avow.people import new_address
from avow.web.centre.gate import person_of


@login_required
def email_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code, and exchange the address when it is right."""
    now = timezone.now()
    refusal = None
    if request.method == "POST":
        try:
            new_address.confirm(person_of(request), request.POST.get("code", ""), now=now)
        except BadInput as wrong:
            refusal = str(wrong)
        except NotFound as gone:
            messages.error(request, str(gone))
            return redirect("my-data")
        else:
            messages.success(request, "The new address is yours and in use. The old one was told.")
            return redirect("my-data")
    if not new_address.is_waiting(person_of(request), now=now):
        return redirect("my-data")
    return render(request, "avow/email_code.html", {"refusal": refusal}, status=422 if refusal else 200)
