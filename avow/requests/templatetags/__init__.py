"""Filters for the exported page."""
