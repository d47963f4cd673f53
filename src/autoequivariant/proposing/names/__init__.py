"""Candidates that the names of the columns of a table suggest."""
