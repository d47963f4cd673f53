"""Choosing a network after the search."""
