"""The desk: what the privacy officer sees."""
