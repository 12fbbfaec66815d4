"""The web room: every page, the API, and the one place where a refusal becomes an answer."""
