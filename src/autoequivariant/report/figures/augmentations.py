"""Groups with sets of augmentations: their scores above, the augmentations of each set below."""

from __future__ import annotations

import plotly.graph_objects as go

from autoequivariant.report.figures.style import (
    GRID,
    INK,
    SCALE,
    SOFT,
    axis,
    bar,
    colours,
    figure,
    ticks,
)
from autoequivariant.report.findings.augmentations import Augmented
from autoequivariant.report.render.formatting import score


def augmented(found: Augmented, metric: str) -> go.Figure:
    """Return a column for each set, a cell for each group."""
    columns = [" + ".join(s) or "no augmentation" for s in found.sets]
    places = list(range(len(columns)))
    values = [value for row in found.scores for value in row if value is not None]
    low, high = colours(values or [0.0])
    cells = go.Heatmap(
        x=places,
        y=list(found.groups),
        z=[list(row) for row in found.scores],
        zmin=low,
        zmax=high,
        colorscale=SCALE,
        xgap=2,
        ygap=2,
        hoverongaps=False,
        hovertext=[
            [
                f"<b>{group}</b><br>{column}<br>" + ("" if v is None else score(v, metric))
                for column, v in zip(columns, row, strict=True)
            ]
            for group, row in zip(found.groups, found.scores, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        colorbar=bar(f"best validation {metric}", ticks(metric, (low, high))),
    )
    pairs = [(k, name) for k, s in enumerate(found.sets) for name in found.augmentations]
    has = {(k, name) for k, s in enumerate(found.sets) for name in s}
    dots = go.Scatter(
        x=[k for k, _ in pairs],
        y=[name for _, name in pairs],
        mode="markers",
        marker={
            "size": 9,
            "color": [INK if pair in has else GRID for pair in pairs],
            "line": {"color": SOFT, "width": 0.5},
        },
        yaxis="y2",
        hoverinfo="skip",
        showlegend=False,
    )
    return figure(
        [cells, dots],
        190 + 34 * len(found.groups) + 24 * len(found.augmentations),
        xaxis=axis(showticklabels=False, showgrid=False, showline=False, anchor="y2"),
        yaxis=axis(
            domain=[_share(found), 1], autorange="reversed", showgrid=False, type="category"
        ),
        yaxis2=axis(
            domain=[0, _share(found) - 0.04],
            categoryorder="array",
            categoryarray=list(found.augmentations)[::-1],
            showgrid=False,
            showline=False,
        ),
        margin={"l": 8, "r": 12, "t": 12, "b": 70},
    )


def _share(found: Augmented) -> float:
    below, above = 24 * len(found.augmentations), 34 * len(found.groups)
    return below / (below + above) + 0.04
