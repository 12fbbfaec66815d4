"""
What the company's own application asks, from server to server: with the installation's host key.

Holds:    without the key nothing is answered, and the answer is the same for a wrong one. Who is meant is named by a
          ticket (`people.tickets`) and never by an address or an identifier of the application's.
Assumes:  the key lies in the application's own configuration, out of browsers' reach.
"""

import hmac

from django.conf import settings
from django.http import HttpRequest
from ninja import Router
from ninja.security import HttpBearer

from avow.people.install import secret


def host_key() -> str:
    """Return the key: the configured one, or the installation's own."""
    return settings.HOST_KEY or secret("host").hex()


class HostKey(HttpBearer):
    """Bearer authentication with the host key."""

    def authenticate(self, request: HttpRequest, token: str) -> str | None:  # noqa: ARG002 - the library's signature
        """Compare in constant time."""
        return "host" if hmac.compare_digest(token.encode(), host_key().encode()) else None


host = Router(auth=HostKey(), tags=["the company's own application"])

# usage

# policy notices and acceptance
