"""A Gaussian process proposes the closed state of a small regression table."""
