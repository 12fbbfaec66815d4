"""Persons with accounts: signing up, in and out, and correcting what they gave."""
