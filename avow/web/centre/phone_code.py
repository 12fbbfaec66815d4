"""The code that shows a phone number to be one's own."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from avow.errors import BadInput, NotFound, NotYet, Unavailable
from avow.people import phone_codes
from avow.web.centre.gate import person_of


@login_required
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """Send a code to the number."""
    try:
        phone_codes.begin(person_of(request), now=timezone.now())
    except (NotFound, NotYet, Unavailable) as refused:
        messages.error(request, str(refused))
        return redirect("my-data")
    return redirect("phone-code")


@login_required
def phone_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code, and take it."""
    now, refusal = timezone.now(), None
    if request.method == "POST":
        try:
            phone_codes.confirm(person_of(request), request.POST.get("code", ""), now=now)
        except BadInput as wrong:
            refusal = str(wrong)
        except NotFound as gone:
            messages.error(request, str(gone))
            return redirect("my-data")
        else:
            messages.success(request, "The number is confirmed.")
            return redirect("my-data")
    if not phone_codes.is_waiting(person_of(request), now=now):
        return redirect("my-data")
    return render(request, "avow/phone_code.html", {"refusal": refusal}, status=422 if refusal else 200)
