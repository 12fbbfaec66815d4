"""How wide a column is where several tables have the same one."""

DIGEST = 64  # hex digits of a policy's sha256
