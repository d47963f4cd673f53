"""Closed states, and hidden domains on which every candidate acts soundly."""
