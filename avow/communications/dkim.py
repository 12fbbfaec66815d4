"""
Sign a mail with the company's key (DKIM, RFC 6376), where no relay does it.

Why here and not by a library: the one that is kept (dkimpy) is installed only by running its build, which nothing else
here does, leaves List-Unsubscribe-Post out of what it signs unless told, and takes 8 ms a mail. It judges these lines
in the tests.

    DKIM-Signature: a=rsa-sha256; c=relaxed/simple; h=<names>; bh=<hash of the body>; b=<signature of the named headers>

Holds:    both headers by which letters are ended are under the signature, as RFC 8058 §4 demands; From is named twice,
          so that a second one breaks it (RFC 6376 §8.15). A key of less than 2048 bits is refused (RFC 8301 asks for
          1024 at least).
Does not: publish the key: `selector._domainkey.domain` in the DNS has it, and `public` says what to write there.
"""

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from avow.errors import BadInput

SIGNED = (
    "from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type",
    "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
TWICE = ("from",)
BITS = 2048
FOLD = re.compile(rb"\r\n(?=[ \t])")
SPACES = re.compile(rb"[ \t]+")


@dataclass(frozen=True)
class Signer:
    """Whose mail it is, and the key that says so."""

    domain: str
    selector: str
    key: RSAPrivateKey

    @classmethod
    def read(cls, domain: str, selector: str, pem: bytes) -> "Signer":
        """Read the key; raises BadInput for one that mail servers do not take."""
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, RSAPrivateKey) or key.key_size < BITS:
            raise BadInput(
                "The key of AVOW_DKIM is no RSA key of 2048 bits or more; make one: openssl genrsa -out dkim.pem 2048"
            )
        return cls(domain, selector, key)

    def sign(self, raw: bytes) -> bytes:
        """Return the mail with its signature before it."""
        head, _, body = raw.partition(b"\r\n\r\n")
        headers = [_canonical(line) for line in FOLD.sub(b"", head).split(b"\r\n")]
        names = [name for name in SIGNED if any(one.startswith(f"{name}:".encode()) for one in headers)]
        ours = self._header([*names, *TWICE], base64.b64encode(hashlib.sha256(_simple(body)).digest()).decode())
        # of a name that stands there once, the second mention is of nothing (RFC 6376 §5.4.2)
        signed = [next(one for one in headers if one.startswith(f"{name}:".encode())) for name in names]
        what = b"\r\n".join([*signed, _canonical(ours.encode())])
        written = base64.b64encode(self.key.sign(what, PKCS1v15(), SHA256())).decode()
        folded = "\r\n ".join(written[at : at + 72] for at in range(0, len(written), 72))
        return f"{ours}\r\n {folded}\r\n".encode() + raw

    def public(self) -> tuple[str, str]:
        """Return the name and the text of the DNS record that others look the key up in."""
        public = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"{self.selector}._domainkey.{self.domain}", f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}"

    def _header(self, names: list[str], body: str) -> str:
        return (
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d={self.domain}; s={self.selector};\r\n"
            f" h={':'.join(names)};\r\n bh={body};\r\n b="
        )


def _simple(body: bytes) -> bytes:
    """Return a body in its simple form: one line's end after the last line that has something (RFC 6376 §3.4.3)."""
    while body.endswith(b"\r\n"):
        body = body[:-2]
    return body + b"\r\n"


def _canonical(line: bytes) -> bytes:
    """Return a header in its relaxed form (RFC 6376 §3.4.2)."""
    name, _, value = FOLD.sub(b"", line).partition(b":")
    return name.strip().lower() + b":" + SPACES.sub(b" ", value).strip()
