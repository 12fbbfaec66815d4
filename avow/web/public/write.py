"""Write a mail to the company in the demo, without a mail program; no such page stands where mail really comes."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from avow.communications import demo_box
from avow.errors import NotFound
from avow.people import company
from avow.web.public.written import Mail, leave


def write(request: HttpRequest) -> HttpResponse:
    """Show the form; take in what it sends, as if it were a mail."""
    if not demo_box.is_open():
        raise NotFound("There is no demo here; write to the company's own address.")
    now = timezone.now()
    form = Mail(request.POST or None)
    if request.method == "POST" and form.is_valid():
        leave(form, now)
        messages.success(request, "Sent. Whatever is answered arrives among the letters of this demo within seconds.")
        return redirect("demo-mail")
    shown = {"form": form, "to": company.contact(now) or "the company"}
    return render(request, "avow/demo_write.html", shown, status=422 if form.errors else 200)
