"""What machines look for at fixed addresses: the policy's state, the page for passwords, whom to tell of a hole."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone

from avow.evidence import versions
from avow.people import company
from avow.web.reading.history import told
from avow.web.reading.standing import standings

EXPIRES = timedelta(days=300)  # RFC 9116 asks for less than a year


def privacy_policy(request: HttpRequest) -> JsonResponse:
    """Name the versions with their hashes, and where each sentence of the one in force stands."""
    now = timezone.now()
    current = versions.in_force(now)
    return JsonResponse(
        {
            "company": company.name(now),
            "policy": f"{settings.BASE_URL}/policy",
            "log": f"{settings.BASE_URL}/log",
            "versions": [
                {
                    "sha256": one.sha256,
                    "effective": str(one.effective),
                    "published": one.published_at.isoformat(),
                    "log_index": one.log_index,
                }
                for one in told(now)
            ],
            "sentences": [
                {"id": one.id, "clause": one.clause.name if one.clause else None, "state": one.shown.name}
                for one in standings(current.bound, now)
            ],
        }
    )


def change_password(request: HttpRequest) -> HttpResponse:
    """Lead a password manager to the page where the password is changed."""
    return redirect("account_change_password")


def security_txt(request: HttpRequest) -> HttpResponse:
    """Say whom to tell of a hole, for the next 300 days (RFC 9116)."""
    now = timezone.now()
    contact = company.contact(now)
    expires = (now + EXPIRES).replace(microsecond=0, minute=0, second=0, hour=0)
    lines = [
        f"Contact: mailto:{contact}" if contact else f"Contact: {settings.BASE_URL}/",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en",
    ]
    lines += [f"Canonical: {settings.BASE_URL}/.well-known/security.txt", f"Policy: {settings.BASE_URL}/policy"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
