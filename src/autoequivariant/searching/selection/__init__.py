"""Choosing a network once the search has ended."""
