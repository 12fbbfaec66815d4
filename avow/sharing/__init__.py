"""What leaves: anonymised releases to partners, the necessary to agents, what the law asks."""
