"""What a person asks for, and the proof that it was done. README.md tells the life of a request."""
