"""A browser without JavaScript, small: it follows links, fills the page's own forms, and keeps cookies as Chromium does."""

import html
import re
from urllib.parse import urljoin, urlsplit

import requests


class Browser:
    """One person's browser; cookies of 127.0.0.1 go to every port, as they do in real ones."""

    def __init__(self):
        self.session = requests.Session()
        self.page = None

    def open(self, url, *, follow=True):
        self.page = self.session.get(
            urljoin(self.page.url if self.page else "", url), allow_redirects=follow, timeout=60
        )
        return self

    def send(self, path, *, follow=True, **fields):
        """Send the page's form that goes to this path, with its hidden fields and ours."""
        here = self.page.url
        forms = re.findall(r"<form\b([^>]*)>(.*?)</form>", self.text, re.DOTALL)
        goes = [(urljoin(here, self.attribute(opening, "action")), inside) for opening, inside in forms]
        found = [(where, inside) for where, inside in goes if urlsplit(where).path == path]
        assert found, f"no form to {path} on {here}, only to {[where for where, _ in goes]}"
        where, inside = found[0]
        hidden = {
            self.attribute(tag, "name"): self.attribute(tag, "value")
            for tag in re.findall(r"<input\b[^>]*type=\"hidden\"[^>]*>", inside)
        }
        self.page = self.session.post(
            where, hidden | fields, headers={"Referer": here}, allow_redirects=follow, timeout=60
        )
        return self

    @staticmethod
    def attribute(tag, name):
        found = re.search(rf'\b{name}="([^"]*)"', tag)
        return html.unescape(found[1]) if found else ""

    @property
    def text(self):
        return self.page.text

    @property
    def status(self):
        return self.page.status_code

    @property
    def goes_to(self):
        return self.page.headers.get("Location", "")
