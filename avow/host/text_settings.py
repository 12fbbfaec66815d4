"""
The settings of text messages: the gateway that takes them, and how many may go.

Why the key in a file: an environment is read by every process below and printed by tools; a file is not.

Holds:    what cannot be obeyed stops the start with a sentence that says why, and repeats no key and no address.
"""

from pathlib import Path

from avow.communications.gateway import Gateway
from avow.errors import BadInput


def gateway(url: str, *, key_file: str, sender: str) -> Gateway | None:
    """Return the gateway, or None where none is set."""
    if not url:
        if key_file or sender:
            raise BadInput(
                "AVOW_TEXT_GATEWAY_KEY and AVOW_TEXT_SENDER do nothing without AVOW_TEXT_GATEWAY; set it too."
            )
        return None
    return Gateway.read(url, sender=sender, key=_key(key_file))


def most(written: str) -> int:
    """Return how many texts may go in an hour."""
    if not (written.isascii() and written.isdigit() and 0 < int(written[:7]) < 10**6):
        raise BadInput("AVOW_TEXTS_AN_HOUR is a whole number of text messages, 1 or more; correct it.")
    return int(written)


def _key(path: str) -> str:
    """Return the key; the name of the file is not repeated, since who mistakes the setting writes the key there."""
    if not path:
        return ""
    try:
        return Path(path).read_text("utf-8").strip()
    except (OSError, ValueError):
        raise BadInput(
            "AVOW_TEXT_GATEWAY_KEY names no file that can be read; it holds the gateway's key in one line, readable to "
            "Avow alone."
        ) from None
