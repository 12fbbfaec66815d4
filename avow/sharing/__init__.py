"""Sharing: an empty room until its issue comes; its place in the order of imports is already checked."""
