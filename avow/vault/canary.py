"""The person who is nobody: on whom the live checks try the gate, and whose refusals nobody need count."""

from uuid import UUID

CANARY = UUID("caca0000-0000-4000-8000-0000000000b0")
