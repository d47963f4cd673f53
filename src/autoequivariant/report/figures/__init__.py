"""Plotly figures, made from records that are computed already."""
