"""
A passkey in software: what a person's device does, for the live check and the tests.

    create(options)  -> the answer to a challenge for a new key      (WebAuthn 6.3.2, attestation "none")
    get(options)     -> a signature under a challenge                (WebAuthn 6.3.3)

Assumes:  the options as fido2 gives them (`publicKey`, binary values in base64url).
Does not: guard anything: a key in software protects nobody, and the service makes none for people.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

FLAG = AuthenticatorData.FLAG  # WebAuthn 6.1
ASKED = FLAG.UP | FLAG.UV  # the person was there, and was asked who they are


@dataclass
class SoftKey:
    """One key of one account; `count` goes up with each signature."""

    origin: str
    flags: FLAG = ASKED
    count: int = 0
    handle: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    number: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def create(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a challenge as a new key."""
        asked = options["publicKey"]
        self.handle = asked["user"]["id"]
        cose = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        public = AttestedCredentialData.create(Aaguid.NONE, self.number, cose)
        data = AuthenticatorData.create(_site(asked["rp"]["id"]), self.flags | FLAG.AT, self.count, bytes(public))
        told = self._told("webauthn.create", asked["challenge"])
        made = AttestationObject.create("none", data, {})
        return self._answer({"clientDataJSON": websafe_encode(told), "attestationObject": websafe_encode(bytes(made))})

    def get(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Sign a challenge."""
        asked = options["publicKey"]
        self.count += 1
        data = AuthenticatorData.create(_site(asked["rpId"]), self.flags, self.count)
        told = self._told("webauthn.get", asked["challenge"])
        signature = self.key.sign(bytes(data) + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        signed = {"authenticatorData": bytes(data), "clientDataJSON": told, "signature": signature}
        return self._answer({name: websafe_encode(part) for name, part in signed.items()} | {"userHandle": self.handle})

    def _told(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> dict[str, Any]:
        number = websafe_encode(self.number)
        return {
            "id": number, "rawId": number, "type": "public-key", "response": response,
            "clientExtensionResults": {"credProps": {"rk": True}},
        }  # fmt: skip


def _site(name: str) -> bytes:
    return hashlib.sha256(name.encode()).digest()
