"""Sharing the work of a search among processes, through a store."""
