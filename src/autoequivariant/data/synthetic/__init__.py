"""Data sets that are generated, with known symmetries."""
