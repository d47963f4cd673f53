"""Equivariant layers."""
