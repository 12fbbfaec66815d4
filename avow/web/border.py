"""Where the company ends, for pages: its own hosts as configured, and the agents that the register names."""

from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from avow.people import company
from avow.policy import leaving
from avow.policy.leaving import Border, host_of
from avow.sharing import agents_register


def border(now: datetime) -> Border:
    """Return the border as it stands: this site, that of the address people write to, and the agents' sites."""
    own = {host_of(settings.BASE_URL), (company.contact(now) or "").rpartition("@")[2]}
    sites = {host_of(site) for site in agents_register.sites(now)}
    return Border(company.name(now), frozenset(filter(None, own)), frozenset(filter(None, sites)))


def marked(html: str) -> SafeString:
    """Mark the links that lead out in HTML that is safe already."""
    return mark_safe(leaving.mark(html, border(timezone.now())))  # noqa: S308  # nosec B308


def link(address: str, words: str) -> SafeString:
    """Write a link, marked if it leads out."""
    return marked(format_html('<a href="{}">{}</a>', address, words))
