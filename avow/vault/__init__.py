"""One key for each person: sealing, opening for a purpose, erasing. README.md tells the life of a row."""
