"""Data sets and reproductions of arXiv 2104.04848."""
