"""Equivariant MLPs."""
