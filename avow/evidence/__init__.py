"""The log that cannot be rewritten, what people carry away from it, published texts, and live checks."""
