"""What is collected automatically, and what may be done with it."""
