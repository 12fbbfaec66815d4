"""
Tell the browser to drop what it keeps of this site when its person signed out.

Why: the session's row is gone, but pages of the account may still lie in the
browser's cache, where the next user of the machine finds them with the back button.

Holds:    an answer to the request that signed somebody out carries Clear-Site-Data.
Assumes:  the browser obeys; the row's end does not depend on it.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

MARK = "avow_signed_out"
EVERYTHING = '"cache", "storage"'  # not "cookies": that would sign the person out of the company's other sites too


class ClearSiteOnSignOut:
    """Django middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Add the header when this request signed somebody out."""
        response = self.get_response(request)
        if getattr(request, MARK, False):
            response.headers["Clear-Site-Data"] = EVERYTHING
        return response
