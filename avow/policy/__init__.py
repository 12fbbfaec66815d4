"""The policy as data: a pure room without tables, framework or network."""
