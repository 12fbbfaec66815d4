"""
The spool: batches that were accepted, durable before they are acknowledged.

Why one thread for all: what waits is sealed and written together and made durable by one fsync, so a crowd costs
little more than one visitor; and the loop that answers never waits for a disk.

Holds:    an entry that was answered is on the disk, sealed. A write that failed ends its segment and fails its group.
Does not: know what a frame says.
"""

import contextlib
import queue
import shutil
import threading
from concurrent.futures import Future

from avow.errors import BadInput, NoSpace, Unavailable
from avow.usage import segments
from avow.usage.locks import locked
from avow.usage.places import Place
from avow.usage.segments import Segment
from avow.vault import crypto

WAITING = 2000  # batches that may wait for the disk
AT_ONCE = 256  # batches under one fsync
MOST = 512 * 1024 * 1024  # bytes that may lie here before the compactor has to catch up
LEAST = 64 * 1024 * 1024  # bytes that the disk keeps free
SEGMENT = 32 * 1024 * 1024  # bytes after which a new segment begins
FRAME = segments.LARGEST - crypto.OVERHEAD  # bytes of a frame
LOOK = 64  # groups between two looks at the room

Entry = tuple[bytes, "Future[None]"]


class Spool:
    """The writer of one process."""

    def __init__(self, place: Place) -> None:
        self.place = place.make()
        self.segment: Segment | None = None
        self._waiting: queue.Queue[Entry | None] = queue.Queue(WAITING)
        self._looks = 0
        self._thread = threading.Thread(target=self._write_on, name="usage spool", daemon=True)
        self._thread.start()

    def put(self, frame: bytes) -> "Future[None]":
        """Take a frame; the future is done when it is durable."""
        if len(frame) > FRAME:  # who reads it back would take it for a torn one
            raise BadInput("What was sent is too large for one batch; send it in parts.")
        done: Future[None] = Future()
        try:
            self._waiting.put_nowait((frame, done))
        except queue.Full:
            raise Unavailable("More arrives than the disk takes; send it again in a moment.") from None
        return done

    def stop(self) -> None:
        """Write what waits and end."""
        self._waiting.put(None)
        self._thread.join()

    def _write_on(self) -> None:
        while (first := self._waiting.get()) is not None:
            group = [first]
            while len(group) < AT_ONCE and not self._waiting.empty():
                if (more := self._waiting.get()) is None:
                    self._waiting.put(None)
                    break
                group.append(more)
            self._answer(group)

    def _answer(self, group: list[Entry]) -> None:
        """Make a group durable and answer each of it; what went wrong is the group's answer too."""
        try:
            with locked(self.place.spool, shared=True):
                self._write([frame for frame, _ in group])
        except Exception as failed:  # noqa: BLE001 - whatever it was, who waits must hear of it
            self._give_up()
            full = NoSpace("There is no room for what was sent; send it again later.")
            for done in awaited(group):
                done.set_exception(full if isinstance(failed, OSError) else failed)
        else:
            for done in awaited(group):
                done.set_result(None)

    def _write(self, frames: list[bytes]) -> None:
        if self._looks % LOOK == 0:
            require_room(self.place)
        self._looks += 1
        if self.segment is None or not self.segment.is_open or self.segment.file.tell() > SEGMENT:
            self._give_up()
            self.segment = segments.begin(self.place)
        for frame in frames:
            self.segment.append(frame)
        self.segment.sync()

    def _give_up(self) -> None:
        """Append to this segment no more; the compactor closes it."""
        if self.segment is not None:
            with contextlib.suppress(OSError):  # what is still unwritten was never acknowledged
                self.segment.file.close()
        self.segment, self._looks = None, 0


def awaited(group: list[Entry]) -> "list[Future[None]]":
    """Return the futures of those who still wait: whoever waited too long has gone, and cannot be answered."""
    return [done for _, done in group if done.set_running_or_notify_cancel()]


def size(place: Place) -> int:
    """Return how many bytes wait."""
    total = 0
    for path in place.spool.glob("*.*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def require_room(place: Place) -> None:
    """Raise when the disk is nearly full or too much waits."""
    if shutil.disk_usage(place.spool).free < LEAST:
        raise NoSpace("There is no room for what was sent; send it again later.")
    if size(place) > MOST:
        raise Unavailable("Too much waits to be worked up; send it again later.")
