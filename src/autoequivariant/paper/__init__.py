"""The paper's data sets and reproductions of its experiments (arXiv 2104.04848)."""
