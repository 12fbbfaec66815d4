"""A small real SMTP server for tests: it takes what it is told to take, and keeps it."""

import socketserver
import threading
import time
from contextlib import contextmanager


class Sink(socketserver.StreamRequestHandler):
    def handle(self):
        self.server.connections += 1
        self.say("220 sink ESMTP")
        while line := self.rfile.readline():
            verb = line.strip().upper()
            if verb.startswith(b"EHLO"):
                self.say(
                    "250-sink\r\n250-PIPELINING\r\n250 AUTH PLAIN"
                    if self.server.ahead
                    else "250-sink\r\n250 AUTH PLAIN"
                )
            elif verb.startswith(b"AUTH PLAIN"):
                self.server.logins.append(line.strip().split()[-1])
                self.say("235 ok")
            elif verb.startswith(b"MAIL"):
                self.server.senders.append(line.decode().strip())
                self.say(self.server.refuses_sender or "250 ok")
            elif verb.startswith(b"RCPT"):
                self.server.refuses = self.server.refusals.pop(0) if self.server.refusals else self.server.refuses
                self.server.recipients.append(line.decode().strip())
                self.say(self.server.refusal() or "250 ok")
            elif verb == b"DATA":
                if self.server.refuses and self.server.strict:
                    self.say("503 no recipient")
                    continue
                self.say("354 go on")
                mail = self.mail()
                if mail is None:
                    return  # it was killed midway: nothing was taken
                time.sleep(self.server.slow)
                if self.server.hangs_up_for and self.server.hangs_up_for in mail:
                    return
                if self.server.hangs_up_at == len(self.server.taken) + 1:
                    self.server.taken += [mail] if self.server.takes_before else []
                    self.server.hangs_up_at = 0
                    return
                if self.server.refuses:
                    self.say("554 no recipient")
                    continue
                answer = self.server.answers.pop(0) if self.server.answers else "250 taken"
                self.server.taken += [mail] if answer.startswith("250") else []
                self.say(answer)
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def mail(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):  # the end of the mail, or of who was sending it
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines) if line else None

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Sink)
        self.taken, self.senders, self.recipients, self.logins, self.refuses = [], [], [], [], False
        self.ahead = True  # offers to be written to ahead of its answers (RFC 2920)
        self.strict = True  # refuses a text that has no recipient
        self.refuses_sender, self.hangs_up_for = "", b""  # what to say to every sender; whose mail ends the connection
        self.connections, self.slow = 0, 0.0  # seconds between a text and its answer
        self.refusals = []  # what to say to the next recipients, one each
        self.answers = []  # what to say to the next texts, one each
        self.hangs_up_at, self.takes_before = 0, False  # ends the connection at the n-th text, having taken it or not

    def refusal(self):
        return "550 no" if self.refuses is True else self.refuses

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"


@contextmanager
def running():
    with Server() as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()
