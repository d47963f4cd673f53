"""Candidates that nobody listed: from names, from shapes and from the samples."""
