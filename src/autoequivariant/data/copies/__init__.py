"""Samples that are copies of others, as they are or moved by a symmetry."""
