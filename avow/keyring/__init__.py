"""Where epoch keys and named secrets live, and how they are destroyed; pure Python, no database."""
