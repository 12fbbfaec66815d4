"""Where messages go, who signs them, and whether what becomes of them is heard."""

import os
from datetime import UTC, datetime

from avow.communications.provider import last_heard
from avow.errors import BadInput
from avow.host import mail_settings, provider_setting
from avow.host.doctor.findings import Finding, ok, weak, wrong
from avow.host.home import Home

NAME = "mail"


def mail(home: Home) -> Finding:
    """Say where messages go."""
    if written := os.environ.get("AVOW_MAIL_PROVIDER", ""):
        return _provider(home, written)
    if os.environ.get("AVOW_MAIL_RELAY", ""):
        return _relay()
    if os.environ.get("DEMO", "1") != "0":
        return weak(
            NAME,
            "no relay: messages are kept, sealed, and shown at /demo/mail.",
            "Set AVOW_MAIL_RELAY, or AVOW_MAIL_PROVIDER, for real people.",
        )
    return wrong(
        NAME,
        "no relay, and this is no demo: nobody receives a message.",
        "Set AVOW_MAIL_RELAY, or AVOW_MAIL_PROVIDER.",
    )


def _relay() -> Finding:
    """Say who signs what goes to the relay, and where it comes back to."""
    signer = mail_settings.signer(os.environ.get("AVOW_DKIM", ""))
    signs = "signs by itself, or nobody does" if signer is None else "need not sign: " + " is ".join(signer.public())
    said = f"goes to the relay that AVOW_MAIL_RELAY names, which {signs}."
    if os.environ.get("AVOW_BOUNCE_ADDRESS"):
        return ok(NAME, said)
    return weak(
        NAME,
        f"{said} What cannot be delivered comes back to the sender, and is known as ours only with our header in it.",
        "Set AVOW_BOUNCE_ADDRESS.",
    )


def _provider(home: Home, written: str) -> Finding:
    """Say whether the provider can be spoken to, and whether it ever told what became of mail."""
    signs, relay = bool(os.environ.get("AVOW_DKIM", "")), bool(os.environ.get("AVOW_MAIL_RELAY", ""))
    try:
        provider = provider_setting.provider(written, has_relay=relay, signs=signs)
    except BadInput as refused:
        return wrong(NAME, str(refused), "Correct AVOW_MAIL_PROVIDER; nothing starts until then.")
    assert provider is not None, "something is written"
    said = f"goes through {provider.name}, by its own interface."
    if not provider.is_heard:
        return weak(NAME, f"{said} Nobody tells us what came back.", "Give AVOW_MAIL_PROVIDER a webhook_file.")
    path = last_heard(home.root)
    if not path.exists():
        return weak(
            NAME,
            f"{said} Its webhook has never spoken.",
            f"Name $AVOW_BASE_URL/mail/provider to {provider.name}, with the user and the password of webhook_file, if "
            "you use one.",
        )
    return ok(NAME, f"{said} Its webhook last spoke on {datetime.fromtimestamp(path.stat().st_mtime, UTC):%Y-%m-%d}.")
