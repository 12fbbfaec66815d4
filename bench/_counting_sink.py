"""
An SMTP server that counts: a line a mail with its time, recipient and Message-ID, on disk before it says yes.

Run as a program: `python -m bench._counting_sink PORT FILE`. It takes envelopes ahead of their answers (RFC 2920).
"""

import asyncio
import os
import re
import sys
import time

MESSAGE_ID = re.compile(rb"^Message-ID: <([0-9a-f]+)@", re.MULTILINE | re.IGNORECASE)
ADDRESS = re.compile(rb"<([^>]*)>")
HELLO = b"250-sink\r\n250 PIPELINING\r\n"


class Taking(asyncio.Protocol):
    """One connection."""

    def __init__(self, file: int) -> None:
        self.file, self.held, self.to, self.in_text = file, b"", b"", False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.transport = transport
        transport.write(b"220 sink ESMTP\r\n")  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        """Take what came; answer whatever is whole."""
        self.held += data
        answers = []
        while (said := self._text() if self.in_text else self._command()) is not None:
            answers.append(said)
        self.transport.write(b"".join(answers))  # type: ignore[attr-defined]

    def _text(self) -> bytes | None:
        end = self.held.find(b"\r\n.\r\n")
        if end < 0:
            return None
        found = MESSAGE_ID.search(self.held, 0, end)
        self.held, self.in_text = self.held[end + 5 :], False
        os.write(self.file, b"%.3f %s %s\n" % (time.time(), self.to, found[1] if found else b"-"))
        return b"250 taken\r\n"

    def _command(self) -> bytes | None:
        line, ended, rest = self.held.partition(b"\r\n")
        if not ended:
            return None
        self.held, verb = rest, line[:4].upper()
        if verb == b"RCPT" and (found := ADDRESS.search(line)):
            self.to = found[1]
        if verb == b"DATA":
            self.in_text = True
            return b"354 go on\r\n"
        if verb == b"QUIT":
            self.transport.close()
            return None
        return HELLO if verb == b"EHLO" else b"250 ok\r\n"


async def serve(port: int, path: str) -> None:
    """Take mail until killed."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    server = await asyncio.get_running_loop().create_server(lambda: Taking(file), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
