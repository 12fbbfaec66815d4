"""
The provider that takes mail by its own interface, read from AVOW_MAIL_PROVIDER.

    name=postmark,key_file=/etc/avow/postmark.key
    and, where wanted: url=https://…,webhook_file=/etc/avow/hook.secret,signing_file=/etc/avow/hook.key

Why secrets in files: an environment is read by every process below and printed by tools; a file is not.

Holds:    what is misspelt, missing, or contradicts another setting stops the start with a sentence that names it, and
          has nothing in it of what a file holds. Where the extra's package is missing, it says how to install that.
Does not: ask the provider anything; whether it knows the key shows at the first mail.
"""

import importlib.util
import re
from pathlib import Path
from urllib.parse import urlsplit

from avow.communications.provider import EXTRA, LIBRARY, PROVIDERS, Provider
from avow.errors import BadInput
from avow.host import pairs

MAY_HAVE = frozenset({"url", "webhook_file", "signing_file"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
WANTED = (
    "AVOW_MAIL_PROVIDER is written as name=postmark,key_file=/etc/avow/postmark.key, and may have url=…, "
    "webhook_file=… and signing_file=…."
)
WORD = re.compile(r"[!-~]+")
WEBHOOK = re.compile(r"[!-9;-~]+:[!-~]{20,}")  # as HTTP's basic authentication has it
HOLDS = {
    "key_file": "the provider's key alone, on one line, readable to Avow alone",
    "signing_file": "the key by which mailgun signs reports, alone, on one line",
    "webhook_file": "user:password on one line, with 20 random letters or more behind the :",
}


def provider(written: str, *, has_relay: bool, signs: bool) -> Provider | None:
    """Return the provider, or None where none is set."""
    if not written:
        return None
    parts = pairs.read(written, {"name", "key_file"}, refusal=WANTED, may_have=MAY_HAVE)
    if parts["name"] not in PROVIDERS:
        raise BadInput(
            f"AVOW_MAIL_PROVIDER knows {', '.join(sorted(PROVIDERS))}: they let each message say that nobody is "
            "watched while reading it, and carry a number of ours to their reports. Name one, or set AVOW_MAIL_RELAY."
        )
    _alone(has_relay=has_relay, signs=signs)
    if importlib.util.find_spec(LIBRARY) is None:
        raise BadInput(f"AVOW_MAIL_PROVIDER needs a package that is not installed here: {EXTRA}, then start again.")
    return _provider(parts)


def _alone(*, has_relay: bool, signs: bool) -> None:
    if has_relay:
        raise BadInput("AVOW_MAIL_RELAY and AVOW_MAIL_PROVIDER both say where mail leaves; keep one of them.")
    if signs:
        raise BadInput("AVOW_DKIM signs what goes to a relay; a mail provider signs by itself. Take AVOW_DKIM away.")


def _provider(parts: dict[str, str]) -> Provider:
    ways = PROVIDERS[parts["name"]]
    key = _word(parts["key_file"], WORD, "key_file")
    if key.count(":") < len(ways.keys) - 1:
        raise BadInput("The key_file of AVOW_MAIL_PROVIDER holds key:secret for this provider, on one line.")
    if "signing_file" in parts and not ways.signs:
        raise BadInput("Only mailgun signs its reports; take signing_file out of AVOW_MAIL_PROVIDER.")
    if "webhook_file" in parts and ways.signs and "signing_file" not in parts:
        raise BadInput("Mailgun signs its reports; name the key for that as signing_file in AVOW_MAIL_PROVIDER.")
    webhook, signing = _optional(parts, "webhook_file", WEBHOOK), _optional(parts, "signing_file", WORD)
    return Provider(parts["name"], key, _url(parts), webhook, signing)


def _optional(parts: dict[str, str], name: str, form: re.Pattern[str]) -> str:
    return _word(parts[name], form, name) if name in parts else ""


def _url(parts: dict[str, str]) -> str:
    url = parts.get("url", "")
    at = urlsplit(url)
    if not url or (at.scheme == "https" and at.hostname) or (at.scheme == "http" and at.hostname in LOOPBACK):
        return url
    raise BadInput(
        "The url in AVOW_MAIL_PROVIDER must begin with https://; without it anybody between could read mail."
    )


def _word(path: str, form: re.Pattern[str], name: str) -> str:
    """Return what a file of a secret holds."""
    try:
        found = Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError):
        found = ""
    if not form.fullmatch(found):
        raise BadInput(f"The {name} of AVOW_MAIL_PROVIDER cannot be used; it holds {HOLDS[name]}.")
    return found
