"""A small real SMTP server for tests: it takes what it is told to take, and keeps it."""

import socketserver
import threading
from contextlib import contextmanager


class Sink(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 sink ESMTP")
        while line := self.rfile.readline():
            verb = line.strip().upper()
            if verb.startswith(b"EHLO"):
                self.say("250-sink\r\n250 AUTH PLAIN")
            elif verb.startswith(b"AUTH PLAIN"):
                self.server.logins.append(line.strip().split()[-1])
                self.say("235 ok")
            elif verb.startswith(b"MAIL"):
                self.server.senders.append(line.decode().strip())
                self.say("250 ok")
            elif verb.startswith(b"RCPT"):
                self.server.recipients.append(line.decode().strip())
                self.say(self.server.refusal() or "250 ok")
            elif verb == b"DATA":
                self.say("354 go on")
                self.server.taken.append(self.mail())
                self.say("250 taken")
            elif verb == b"QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def mail(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Sink)
        self.taken, self.senders, self.recipients, self.logins, self.refuses = [], [], [], [], False

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
