"""
Parcel & Post, a mailing house: an agent of the company that prints and posts letters, played here.

What arrives is shown on its page, so that a visitor sees with their own eyes which fields left the company and which
did not.

Holds:    what is not signed with this agent's secret, or was signed long ago, changes nothing; nor does what is
          addressed to another, or comes after the day until which this agent may have it. The same errand twice is
          one errand. A correction replaces what came before; an order to delete empties every earlier delivery about
          that person, and what is left says only that something came. Each is answered with a signed receipt.
Does not: keep anything but in memory, and no more than the last deliveries.
"""

import json
import time
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request

from optimibi.elsewhere.signed import is_signed, sign
from optimibi.settings import Settings

blueprint = Blueprint("agent", __name__)
KEPT = 20
NAMES = ("errand", "kind", "person", "purpose", "to", "until")
KINDS = {"delivery", "correction", "deletion"}


@dataclass
class Delivery:
    """One errand, as it came."""

    errand: str
    kind: str
    person: str  # Avow's name for the person, which is another one at each agent
    at: float
    purpose: str = ""
    to: str = ""
    until: str = ""  # when the grant ends under which it came; an order to delete has no end
    fields: dict[str, Any] = field(default_factory=dict)
    emptied: bool = False


came: deque[Delivery] = deque(maxlen=KEPT)
lock = Lock()


@blueprint.post("/elsewhere/agent")
def receive() -> Response:
    """Take one errand."""
    settings: Settings = current_app.config["OPTIMIBI"]
    secret, body = settings.agent_secret, request.get_data()
    if not is_signed(secret, request.headers.get("Avow-Signature", ""), body, time.time()):
        abort(403)
    errand = read(body)
    if not is_ours(errand, settings.agent_number, time.time()):
        abort(403)
    with lock:
        take(errand)
    receipt = json.dumps({"taken": True}).encode()
    return Response(
        receipt, mimetype="application/json", headers={"Avow-Signature": sign(secret, receipt, time.time())}
    )


@blueprint.get("/elsewhere/agent")
def show() -> str:
    """Show what came, newest first."""
    with lock:
        return render_template("elsewhere/agent.html", came=[*reversed(came)])


def read(body: bytes) -> Delivery:
    """Read an errand; what is none is refused, however well signed."""
    try:
        said = json.loads(body)
        errand, kind, person, purpose, to, until = (str(said.get(name, "")) for name in NAMES)
        fields = dict(said.get("fields") or {})
    except (ValueError, TypeError, AttributeError):
        abort(400)
    if not errand or not person or kind not in KINDS:
        abort(400)
    return Delivery(errand, kind, person, time.time(), purpose, to, until, fields)


def is_ours(errand: Delivery, number: str, now: float) -> bool:
    """Say whether an errand is for this agent, and not past its end."""
    if not number or errand.to != number:
        return False
    if errand.kind == "deletion":
        return True
    try:
        return now < datetime.strptime(errand.until, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        return False


def take(errand: Delivery) -> None:
    """Do what an errand says."""
    if any(known.errand == errand.errand for known in came):
        return
    about = [known for known in came if known.person == errand.person]
    for known in about:
        if errand.kind == "deletion":
            known.fields, known.emptied = {}, True
        elif errand.kind == "correction":
            known.fields.update({name: value for name, value in errand.fields.items() if name in known.fields})
    came.append(errand)
