"""Permutations of columns that preserve how columns and target are associated."""
