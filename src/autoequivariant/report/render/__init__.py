"""Findings as text for a terminal and for files."""
