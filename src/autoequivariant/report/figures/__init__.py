"""Plotly figures of findings."""
