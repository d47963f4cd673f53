"""Candidates that nobody had to list: proposed from names and from the data."""
