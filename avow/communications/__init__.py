"""Messages: one door out, what waits, and the ledger of what went."""
