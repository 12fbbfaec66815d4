"""Who is nobody: the person on whom live checks try the gate, and two officers who sign for a check."""

from uuid import UUID

CANARY = UUID("caca0000-0000-4000-8000-0000000000b0")
OFFICERS = (UUID("caca0000-0000-4000-8000-0000000000b1"), UUID("caca0000-0000-4000-8000-0000000000b2"))
