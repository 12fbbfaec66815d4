"""
Headers that no page goes without.

Why here and not in a proxy: whoever runs `avow up` alone must have them too.
The content security policy is django-csp's, from the settings.

Holds:    pages of somebody signed in, certificates, and what a key or a token opens are never stored by a cache.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=(), interest-cohort=()"


class Headers:
    """Django middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add what the answer does not say itself."""
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if not response.has_header("Cache-Control"):
            is_open = request.user.is_authenticated or "Authorization" in request.headers
            response.headers["Cache-Control"] = "no-store" if is_open else "no-cache"
        return response
