"""The process tree, the database, settings, doctor and command line: what makes the rooms one service."""
