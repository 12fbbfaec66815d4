"""
Three mail providers on a port of this machine, each as its own documents have it: what it takes, answers, and reports.

`says` is what to answer the next ones: a status and a body, or a word: `hangs`, `ends` (the connection, having taken it or
not as `takes_before` says), `drips`.
"""

import hashlib
import hmac
import json
import threading
import time
from base64 import b64decode, b64encode
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs
from uuid import uuid4

KEYS = {"postmark": "a-server-token", "mailgun": "key-of-mailgun", "mailjet": "the-key:the-secret"}
WEBHOOK, SIGNING = "reports:0123456789abcdefghij", "signs-reports"
NAMES = tuple(KEYS)


class Player:
    def __init__(self, name):
        self.name = name
        self.letters, self.raw, self.says, self.takes_before, self.slow = [], [], [], False, 0.0
        self.keys, self.places, self.connections = set(), [], 0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def provider(self, **more):
        from avow.communications.provider import Provider

        told = {"url": self.url, "webhook": WEBHOOK, "signing": SIGNING if self.name == "mailgun" else ""}
        return Provider(self.name, KEYS[self.name], **{**told, **more})

    @property
    def to(self):
        return sorted(letter["to"] for letter in self.letters)


def handler_of(player):
    class Handler(BaseHTTPRequestHandler):
        protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

        def setup(self):
            super().setup()
            player.connections += 1

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            player.raw.append((dict(self.headers), body))
            player.places.append(self.path)
            letter, yes = READ[player.name](self.headers, body)
            if letter["key"] != KEYS[player.name]:
                return self.answer(401, b'{"Message": "no such key", "ErrorMessage": "no", "ErrorCode": "mj-0002"}')
            said = player.says.pop(0) if player.says else (200, yes)
            time.sleep(player.slow)
            if said == "hangs":
                time.sleep(3)
                self.close_connection = True
                return None
            if said == "ends":
                player.letters += [letter] if player.takes_before else []
                self.close_connection = True
                return None
            if said == "drips":
                self.send_response(200)
                self.send_header("Content-Length", "500")
                self.end_headers()
                for _ in range(40):
                    self.wfile.write(b" ")
                    time.sleep(0.05)
                self.close_connection = True
                return None
            status, answered = said
            player.letters += [letter] if status == 200 else []
            return self.answer(status, answered if isinstance(answered, bytes) else json.dumps(answered).encode())

        def answer(self, status, body):
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status in {301, 302, 307}:
                self.send_header("Location", player.url + "elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    return Handler


def postmark(headers, body):
    said = json.loads(body)
    letter = {
        "key": headers["X-Postmark-Server-Token"], "to": said["To"], "from": said["From"], "subject": said["Subject"],
        "text": said["TextBody"], "headers": {one["Name"]: one["Value"] for one in said.get("Headers", [])},
        "opens": said["TrackOpens"], "clicks": {"None": False}.get(said["TrackLinks"], True),
        "number": said.get("Metadata", {}).get("avow"), "tags": said.get("Tag"),
        "other": set(said) - {"To", "From", "Subject", "TextBody", "Headers", "TrackOpens", "TrackLinks", "Metadata"},
        "metadata": said.get("Metadata", {}),
    }  # fmt: skip
    return letter, {"ErrorCode": 0, "Message": "OK", "MessageID": str(uuid4()), "To": said["To"]}


def mailgun(headers, body):
    said = parse_qs(body.decode(), keep_blank_values=True)
    one = {name: values[0] for name, values in said.items()}
    numbers = {name[2:]: value for name, value in one.items() if name.startswith("v:")}
    letter = {
        "key": b64decode(headers["Authorization"].split()[1]).decode().removeprefix("api:"),
        "to": one["to"], "from": one["from"], "subject": one["subject"], "text": one["text"],
        "headers": {name[2:]: value for name, value in one.items() if name.startswith("h:")},
        "opens": one["o:tracking-opens"] != "no", "clicks": one["o:tracking-clicks"] != "no",
        "number": numbers.get("avow"), "tags": one.get("o:tag"), "metadata": numbers,
        "other": {name for name in one if name[:2] not in {"h:", "v:"}}
        - {"to", "from", "subject", "text", "o:tracking-opens", "o:tracking-clicks"},
    }  # fmt: skip
    return letter, {"id": f"<{uuid4().hex}@example.com>", "message": "Queued. Thank you."}


def mailjet(headers, body):
    said = json.loads(body)
    each, [message] = said["Globals"], said["Messages"]
    [to] = message["To"]
    metadata = json.loads(each["EventPayload"]) if "EventPayload" in each else {}
    letter = {
        "key": b64decode(headers["Authorization"].split()[1]).decode(), "to": to["Email"], "from": each["From"]["Email"],
        "subject": each["Subject"], "text": each["TextPart"], "headers": each.get("Headers", {}),
        "opens": each["TrackOpens"] != "disabled", "clicks": each["TrackClicks"] != "disabled",
        "number": metadata.get("avow"), "tags": each.get("CustomCampaign"), "metadata": metadata,
        "other": (set(each) | set(message))
        - {"From", "Subject", "TextPart", "Headers", "TrackOpens", "TrackClicks", "EventPayload", "To"},
    }  # fmt: skip
    taken = {"Email": to["Email"], "MessageUUID": str(uuid4()), "MessageID": 1, "MessageHref": "x"}
    return letter, {"Messages": [{"Status": "success", "To": [taken], "Cc": [], "Bcc": []}]}


READ = {"postmark": postmark, "mailgun": mailgun, "mailjet": mailjet}


@contextmanager
def running(name):
    player = Player(name)
    try:
        yield player
    finally:
        player.server.shutdown()
        player.server.server_close()


# What each reports. `what` is one of OUTCOMES; `number` is what it was given with the mail.
def basic(pair=WEBHOOK):
    return {"HTTP_AUTHORIZATION": "Basic " + b64encode(pair.encode()).decode()}


def signed(event, *, key=SIGNING, token="", at=None):
    """Mailgun's signature: over a time and a random word, and nothing else."""
    at, token = str(at or int(time.time())), token or uuid4().hex
    proof = hmac.new(key.encode(), f"{at}{token}".encode(), hashlib.sha256).hexdigest()
    return {"signature": {"timestamp": at, "token": token, "signature": proof}, "event-data": event}


OUTCOMES = {
    "postmark": {
        "hard": {"RecordType": "Bounce", "Type": "HardBounce", "Details": "smtp;550 5.1.1 no such user"},
        "hard-without-a-code": {"RecordType": "Bounce", "Type": "HardBounce", "Details": "unknown"},
        "soft": {"RecordType": "Bounce", "Type": "SoftBounce", "Details": "smtp;552 5.2.2 full"},
        "soft-without-a-code": {"RecordType": "Bounce", "Type": "SoftBounce", "Details": ""},
        "blocked": {"RecordType": "Bounce", "Type": "Blocked", "Details": "smtp;550 5.7.1 from 10.5.1.1"},
        "deferred": {"RecordType": "Bounce", "Type": "Transient", "Details": "421 4.2.1 later"},
        "complaint": {"RecordType": "SpamComplaint", "Type": "SpamComplaint"},
        "unsubscribed": {"RecordType": "SubscriptionChange", "SuppressSending": True,
                         "SuppressionReason": "ManualSuppression"},
        "opened": {"RecordType": "Open", "UserAgent": "x"},
        "clicked": {"RecordType": "Click", "OriginalLink": "https://x.example"},
        "delivered": {"RecordType": "Delivery", "DeliveredAt": "2026-11-30T12:00:00Z"},
        "no-such-thing": {"RecordType": "NoSuchThing"},
    },
    "mailgun": {
        "hard": {"event": "failed", "severity": "permanent", "reason": "bounce",
                 "delivery-status": {"code": 550, "message": "5.1.1 no such user"}},
        "hard-without-a-code": {"event": "failed", "severity": "permanent", "reason": "suppress-bounce",
                                "delivery-status": {"code": 605, "message": "Not delivering to previously bounced address"}},
        "soft": {"event": "failed", "severity": "permanent", "reason": "generic",
                 "delivery-status": {"code": 552, "message": "5.2.2 full"}},
        "soft-without-a-code": {"event": "failed", "severity": "permanent", "reason": "old",
                                "delivery-status": {"code": 602, "message": "Too old"}},
        "blocked": {"event": "failed", "severity": "permanent", "reason": "generic",
                    "delivery-status": {"code": 550, "message": "5.7.1 from 10.5.1.1"}},
        "deferred": {"event": "failed", "severity": "temporary", "reason": "generic",
                     "delivery-status": {"code": 421, "message": "4.2.1 later"}},
        "complaint": {"event": "complained"},
        "unsubscribed": {"event": "unsubscribed"},
        "opened": {"event": "opened", "client-info": {"user-agent": "x"}},
        "clicked": {"event": "clicked", "url": "https://x.example"},
        "delivered": {"event": "delivered"},
        "no-such-thing": {"event": "no-such-thing"},
    },
    "mailjet": {
        "hard": {"event": "bounce", "hard_bounce": True, "error": "user unknown", "smtp_reply": "550 5.1.1 no such user"},
        "hard-without-a-code": {"event": "bounce", "hard_bounce": True, "error": "user unknown"},
        "soft": {"event": "bounce", "hard_bounce": False, "error": "quota exceeded", "smtp_reply": "552 5.2.2 full"},
        "soft-without-a-code": {"event": "bounce", "hard_bounce": False, "error": "quota exceeded"},
        "blocked": {"event": "blocked", "error": "policy issue"},
        "deferred": {"event": "bounce", "hard_bounce": False, "error": "greylisted"},
        "complaint": {"event": "spam", "source": "JMRPP"},
        "unsubscribed": {"event": "unsub"},
        "opened": {"event": "open", "agent": "x"},
        "clicked": {"event": "click", "url": "https://x.example"},
        "delivered": {"event": "sent"},
        "no-such-thing": {"event": "no-such-thing"},
    },
}  # fmt: skip


def report(name, what, number, *, to="ada@example.com", **more):
    """A provider's report, as it sends it; for Mailgun its signature is one of this moment."""
    said = OUTCOMES[name][what]
    if name == "postmark":
        return {**said, "Email": to, "Recipient": to, "MessageID": str(uuid4()), "ID": 42,
                "BouncedAt": "2026-11-30T12:00:00Z", "Metadata": {"avow": number} if number else {}}  # fmt: skip
    if name == "mailgun":
        event = {**said, "recipient": to, "timestamp": time.time(), "id": uuid4().hex,
                 "message": {"headers": {"message-id": "x@example.com", "to": to}},
                 "user-variables": {"avow": number} if number else {}}  # fmt: skip
        return signed(event, **more)
    return {**said, "email": to, "time": int(time.time()), "MessageID": 1, "Payload": json.dumps({"avow": number})}
