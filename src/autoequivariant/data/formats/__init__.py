"""Readers of data sets, one for each file format."""
