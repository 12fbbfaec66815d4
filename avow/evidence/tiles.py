"""
The log as static files: checkpoint, tiles of hashes and bundles of entries (C2SP tlog-tiles).

Why computed and not written to disk: the rows are the log, and a second copy could
differ from them. Full tiles are rows already; the partial ones at the right edge are
read from the rows below them.

Holds:    what is served for a path never changes, except `checkpoint`; a tile that the
          newest checkpoint does not cover does not exist yet (NotFound).
Does not: prune. The minimum index is zero.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from avow.errors import NotFound
from avow.evidence.merkle import HEIGHT, SIZE, WIDTH, ReadTile
from avow.evidence.models import Checkpoint, Leaf, Tile

PATH = re.compile(r"tile/(entries|[0-9]|[1-5][0-9]|6[0-3])/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


def newest(using: str = "default") -> Checkpoint | None:
    """Return the newest checkpoint; None before the log's first signature."""
    return Checkpoint.objects.using(using).order_by("-size").first()


def reader(using: str = "default") -> ReadTile:
    """Return a function that reads tiles from the tables and remembers them while it lives."""
    seen: dict[tuple[int, int, int], Sequence[bytes]] = {}

    def read(level: int, number: int, width: int) -> Sequence[bytes]:
        wanted = (level, number, width)
        if wanted not in seen:
            seen[wanted] = _read(level, number, width, using)
        return seen[wanted]

    return read


def _read(level: int, number: int, width: int, using: str) -> Sequence[bytes]:
    """Return the first hashes of one tile, from the full tile or from the rows below a partial one."""
    if width == WIDTH:
        whole = bytes(Tile.objects.using(using).values_list("hashes", flat=True).get(level=level, number=number))
        return [whole[at : at + SIZE] for at in range(0, len(whole), SIZE)]
    first = number * WIDTH
    if level:
        below = Tile.objects.using(using).filter(level=level - 1, number__gte=first, number__lt=first + width)
        return [bytes(root) for root in below.order_by("number").values_list("root", flat=True)]
    leaves = Leaf.objects.using(using).filter(index__gte=first, index__lt=first + width)
    return [bytes(leaf) for leaf in leaves.order_by("index").values_list("hash", flat=True)]


def serve(path: str) -> bytes:
    """Return what lies at `checkpoint`, `tile/<L>/<N>[.p/<W>]` or `tile/entries/<N>[.p/<W>]` below the log's prefix."""
    signed = newest()
    if signed is None:
        raise NotFound("The log has not signed its first checkpoint yet; ask again in a second.")
    if path == "checkpoint":
        return signed.note.encode()
    if not (parts := PATH.fullmatch(path)):
        raise NotFound(
            "The log has files named checkpoint, tile/<L>/<N> and tile/entries/<N>, as c2sp.org/tlog-tiles has them."
        )
    kind, number, width = parts[1], int(parts[2].replace("x", "").replace("/", "")), int(parts[3] or WIDTH)
    level = 0 if kind == "entries" else int(kind)
    if width > WIDTH - bool(parts[3]) or number * WIDTH + width > signed.size >> (HEIGHT * level):
        raise NotFound("The log does not reach so far yet; its checkpoint says how long it is.")
    return bundle(number, width) if kind == "entries" else b"".join(reader()(level, number, width))


def bundle(number: int, width: int) -> bytes:
    """Return entries one after the other, each after its length in two bytes."""
    leaves = Leaf.objects.filter(index__gte=number * WIDTH, index__lt=number * WIDTH + width).order_by("index")
    return b"".join(len(entry).to_bytes(2, "big") + bytes(entry) for entry in leaves.values_list("entry", flat=True))


def name(number: int) -> str:
    """Return a tile's number as a path: 1234067 is x001/x234/067."""
    digits = str(number)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])


def paths(size: int) -> list[str]:
    """Name every file of a log of this size, the checkpoint first."""
    found = ["checkpoint"]
    for kind, count in [("entries", size), *((str(level), size >> (HEIGHT * level)) for level in range(HEIGHT))]:
        found += [f"tile/{kind}/{name(number)}" for number in range(count // WIDTH)]
        if count % WIDTH:
            found.append(f"tile/{kind}/{name(count // WIDTH)}.p/{count % WIDTH}")
    return found


def write(folder: Path, read: Callable[[str], bytes] = serve) -> int:
    """Write the whole log into a folder as any web server could serve it; return its size."""
    note = read("checkpoint")
    size = int(note.split(b"\n")[1])
    for path in paths(size):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(note if path == "checkpoint" else read(path))
    return size
