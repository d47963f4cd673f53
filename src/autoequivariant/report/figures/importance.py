"""Importance of the parameters of a search, as bars."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from autoequivariant.report.figures.style import ACCENT, axis, figure, untagged
from autoequivariant.report.render.formatting import percent


def importance(shares: Sequence[tuple[str, float]]) -> go.Figure:
    """Return one bar for each share, the largest on top."""
    names = [untagged(name) for name, _ in shares]
    trace = go.Bar(
        x=[share for _, share in shares],
        y=names,
        orientation="h",
        marker={"color": ACCENT},
        text=[percent(share) for _, share in shares],
        textposition="auto",
        hovertemplate="%{y}: %{text}<extra></extra>",
        showlegend=False,
    )
    return figure(
        [trace],
        90 + 30 * len(names),
        xaxis=axis("share of the variance", tickformat=".0%", rangemode="tozero"),
        yaxis=axis(categoryorder="array", categoryarray=names[::-1], showgrid=False),
    )
