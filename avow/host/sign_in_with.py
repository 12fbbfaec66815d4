"""
Which third parties may sign people in, read from AVOW_SIGN_IN_WITH.

    name=Example,issuer=https://id.example.com,client_id=avow,secret_file=/etc/avow/example.secret; name=…

Why the secret in a file: an environment is read by every process below and printed by tools; a file is not.

Holds:    what is misspelt, doubled or missing stops the start with a sentence that names it.
Does not: ask the third party anything; whether it answers shows when somebody signs in.
"""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from avow.errors import BadInput
from avow.host import pairs

KEYS = {"name", "issuer", "client_id", "secret_file"}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def providers(written: str) -> dict[str, Any]:
    """Return allauth's setting for these third parties."""
    apps = [_app(one) for one in written.split(";") if one.strip()]
    ids = [app["provider_id"] for app in apps]
    if len(set(ids)) != len(ids):
        raise BadInput("AVOW_SIGN_IN_WITH names a third party twice; give each a name of its own.")
    return {"openid_connect": {"APPS": apps, "OAUTH_PKCE_ENABLED": True}} if apps else {}


def here(written: str, providers: dict[str, Any]) -> bool:
    """Return whether accounts are opened here, or by the company's own identity server alone."""
    if written not in {"here", "elsewhere"}:
        raise BadInput("AVOW_ACCOUNTS is here or elsewhere; correct it.")
    if written == "elsewhere" and not providers:
        raise BadInput(
            "AVOW_ACCOUNTS=elsewhere needs the identity server that signs people in; name it in AVOW_SIGN_IN_WITH."
        )
    return written == "here"


def _app(written: str) -> dict[str, Any]:
    wanted = "AVOW_SIGN_IN_WITH needs name=…,issuer=…,client_id=…,secret_file=… for each third party."
    parts = pairs.read(written, KEYS, refusal=wanted)
    return {
        "provider_id": _id(parts["name"]), "name": parts["name"], "client_id": parts["client_id"],
        "secret": _secret(Path(parts["secret_file"])), "settings": {"server_url": _issuer(parts["issuer"])},
    }  # fmt: skip


def _id(name: str) -> str:
    made = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if not made:
        raise BadInput("A third party in AVOW_SIGN_IN_WITH needs a name with a letter or a digit of a to z, 0 to 9.")
    return made


def _issuer(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK):
        return url.rstrip("/")
    raise BadInput(
        "The issuer in AVOW_SIGN_IN_WITH must begin with https://; without it anybody between could sign in."
    )


def _secret(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        raise BadInput(
            f"The secret_file {path} of AVOW_SIGN_IN_WITH cannot be read; put the client secret there."
        ) from None
