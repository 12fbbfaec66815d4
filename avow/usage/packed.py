"""
Unpack a body that a server packed with gzip.

Holds:    a bomb is left as soon as it is larger than UNPACKED, whatever it says of itself; the host key alone opens
          this.
"""

import zlib

from avow.errors import BadInput
from avow.usage.receiving import TooMuch

UNPACKED = 1024 * 1024  # bytes; the frame of what is larger could outgrow segments.LARGEST
GZIP = 31  # for zlib: gzip's own head, and the widest window


def unpacked(body: bytes, how: str, *, is_host: bool) -> bytes:
    """Return a body as it was before it was packed."""
    if how.strip().lower() in {"", "identity"}:
        return body
    if how.strip().lower() != "gzip" or not is_host:
        raise BadInput("A body comes as it is; from a server, with the host key, it may be packed with gzip.")
    packer = zlib.decompressobj(GZIP)
    try:
        plain = packer.decompress(body, UNPACKED + 1)
    except zlib.error:
        raise BadInput("The body is not packed with gzip, or was damaged on its way; send it again.") from None
    if len(plain) > UNPACKED:
        raise TooMuch("Unpacked, a batch has at most 1 MB; send it in parts.")
    if not packer.eof or packer.unused_data:
        raise BadInput("The body is not one whole of gzip; send it again.")
    return plain
