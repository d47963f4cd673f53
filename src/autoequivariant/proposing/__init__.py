"""Candidates that nobody listed: proposed from names, shapes and samples."""
