"""Equivariant MLPs as a kind of network."""
