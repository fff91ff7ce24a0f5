"""The migrations, oldest first; each keeps the previous release running."""
