"""
Mail that no person wrote: answers of machines, reports of other mail servers, lists, and our own mail come back.

Why it matters: a machine that answers a machine never ends. And why a reason rather than a yes: mail that only looks
like a machine's may carry a person's wish, which somebody should see; a report or our own mail never does.

Holds:    pure; the reason is one of a closed list that names nobody.
"""

from collections.abc import Collection
from email.message import Message

NEVER = frozenset({"bounce", "own"})  # nothing in these is a person's wish
PRECEDENCES = frozenset({"bulk", "junk", "list", "auto_reply"})


def why_silent(mail: Message, sender: str, own: Collection[str]) -> str:
    """Return why this mail must get no automatic answer, or nothing."""
    if sender in own:
        return "own"
    if _value(mail, "Return-Path") == "<>" or mail.get_content_type() == "multipart/report" or _is_daemon(sender):
        return "bounce"
    if _value(mail, "Auto-Submitted").partition(";")[0].strip() not in {"", "no"} or "X-Autoreply" in mail:
        return "auto-reply"
    if "List-Id" in mail or "Feedback-ID" in mail or _value(mail, "Precedence") in PRECEDENCES or "X-Loop" in mail:
        return "list"
    return ""


def _is_daemon(sender: str) -> bool:
    return sender.partition("@")[0] in {"mailer-daemon", "postmaster"}


def _value(mail: Message, name: str) -> str:
    return str(mail.get(name, "")).strip().lower()
