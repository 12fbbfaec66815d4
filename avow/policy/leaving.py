"""
Mark every link that leads out of what the policy covers: firms and people beyond the company's control.

Why in the rendered text and not in a middleware: what is marked can then be read, tested and watched where it is made,
and a page that is never rendered through a browser (mail, export) can use it as well.

Holds:    a link to another host than the company's own carries rel="external noopener noreferrer" and the words
          "leaves …", for eyes and screen readers alike. A registered agent works for the company, so its site is never
          called outside: the words say that the policy covers it.
Assumes:  links look as this service writes them: <a href="…" …>…</a>, the address escaped.
"""

import re
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import urlsplit

from avow.policy.promises import Promise, keeps

LINK = re.compile(r'<a href="([^"]*)"((?:\s[^<>]*)?)>(.*?)</a>', re.DOTALL)
REL = re.compile(r'\srel="[^"]*"')


@dataclass(frozen=True)
class Border:
    """Where the company ends: its own hosts, and those of agents, which the policy covers."""

    company: str
    own: frozenset[str]
    agents: frozenset[str] = frozenset()

    def words(self, href: str) -> str | None:
        """Return what must stand beside a link to this address, or None for one that stays."""
        host = host_of(href)
        if host is None or _within(host, self.own):
            return None
        if _within(host, self.agents):
            return f"works for {self.company}; the policy covers it"
        return f"leaves {self.company}"


def host_of(href: str) -> str | None:
    """Return the host that an address leads to, or None for a place on this site, a mail or a telephone."""
    try:
        parts = urlsplit(href.strip())
    except ValueError:
        return None
    return parts.hostname if parts.scheme.lower() in {"", "http", "https"} else None


@keeps(Promise.SCOPE_MARKED)
def mark(html: str, border: Border) -> str:
    """Return the same HTML with each link that leads out marked."""
    return LINK.sub(lambda found: _marked(found, border), html)


def _marked(found: re.Match[str], border: Border) -> str:
    href, rest, inner = found.groups()
    words = border.words(unescape(href))
    if words is None:
        return found.group()
    rest = REL.sub("", rest)
    said = f'<span class="leaves"> ({escape(words)})</span>'
    return f'<a href="{href}" rel="external noopener noreferrer"{rest}>{inner}{said}</a>'


def _within(host: str, names: frozenset[str]) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in names)
