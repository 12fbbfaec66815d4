"""
Where a form of ours may lead on to, for browsers that ask (`form-action` of the content security policy).

Why more than our own origin: signing in for the company's application ends there, and signing in by a third party
begins there; a browser follows neither from a form unless the page named it.

Holds:    the origins are those of registered applications and of configured third parties, and only on the pages whose
          forms can lead there. Everywhere else a form leads nowhere but here.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from avow.people import relying

LEADING_ON = ("/accounts/", "/identity/", "/sign-in-ways", "/give/", "/delete")


class Onward:
    """Django middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Name the origins on the pages that need them."""
        response = self.get_response(request)
        if request.path.startswith(LEADING_ON) and response.get("Content-Type", "").startswith("text/html"):
            vars(response)["_csp_update"] = {"form-action": [*relying.origins(), *third_parties()]}
        return response


def third_parties() -> list[str]:
    """Return the origins of the configured third parties."""
    apps = settings.SOCIALACCOUNT_PROVIDERS.get("openid_connect", {}).get("APPS", ())
    return [relying.origin(app["settings"]["server_url"]) for app in apps]
