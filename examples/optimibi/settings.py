"""What the environment says: where Avow is, and the secrets that open its doors to this application."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

SITE = "optimibi"  # how this site is called as a client of Avow's sign-in


@dataclass(frozen=True)
class Settings:
    """Where this runs and what it may do."""

    avow: str  # the address of Avow, without a slash at its end
    host_key: str
    client_secret: str
    agent_secret: bytes  # Parcel & Post's own, with which Avow signs what it delivers there
    agent_number: str  # Parcel & Post's number in Avow's register, to which what is delivered there is addressed
    port: int

    @property
    def here(self) -> str:
        """The address of this application."""
        return f"http://127.0.0.1:{self.port}"


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; a start without Avow's address is refused, one without secrets can show its pages only."""
    avow = environment.get("AVOW_URL", "").rstrip("/")
    if not avow.startswith(("http://", "https://")):
        raise SystemExit("AVOW_URL must be the address of Avow, such as http://127.0.0.1:8000; `make run` sets it.")
    return Settings(
        avow,
        environment.get("AVOW_HOST_KEY", ""),
        environment.get("OPTIMIBI_CLIENT_SECRET", ""),
        bytes.fromhex(environment.get("PARCEL_AND_POST_SECRET", "")),
        environment.get("PARCEL_AND_POST_NUMBER", ""),
        int(environment.get("PORT", "8001")),
    )
