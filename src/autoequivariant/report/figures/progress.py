"""The course of a search: each network in the order of training, and the best so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from autoequivariant.report.figures.scatter import hover
from autoequivariant.report.figures.style import (
    ACCENT,
    INK,
    SECOND,
    SOFT,
    axis,
    figure,
    limits,
    ticks,
)
from autoequivariant.report.findings.networks import NetworkRow

_TICKS = 8


def course(networks: Sequence[NetworkRow], metric: str) -> go.Figure:
    """Return a point for each network."""
    kinds: list[tuple[str, list[NetworkRow], dict[str, Any]]] = [
        (
            "plain",
            [n for n in networks if n.is_baseline],
            {"color": SECOND, "symbol": "square", "size": 11, "line": {"color": INK, "width": 1}},
        ),
        (
            "switches one on",
            [n for n in networks if n.generators == 1 and not n.is_pruned],
            {"color": "#b9770e", "symbol": "triangle-up", "size": 10},
        ),
        (
            "switches several on",
            [n for n in networks if n.generators > 1 and not n.is_pruned],
            {"color": "#3a86c8", "size": 8},
        ),
        (
            "given up early",
            [n for n in networks if n.is_pruned],
            {"color": SOFT, "symbol": "x-thin", "size": 8, "line": {"color": SOFT, "width": 1.5}},
        ),
        (
            "chosen",
            [n for n in networks if n.is_chosen],
            {"color": ACCENT, "symbol": "star-open", "size": 17, "line": {"width": 2}},
        ),
    ]
    scores = [n.score for n in networks]
    reached = [n for n in networks if n.best is not None]
    traces = [
        go.Scatter(
            x=[n.number for n in reached],
            y=[n.best for n in reached],
            mode="lines",
            line={"color": ACCENT, "width": 2, "shape": "hv"},
            name="best so far",
            hoverinfo="skip",
        )
    ]
    for name, some, marker in kinds:
        traces.append(
            go.Scatter(
                x=[n.number for n in some],
                y=[n.score for n in some],
                mode="markers",
                marker=marker,
                name=name,
                hovertext=[f"number {n.number}: {hover(n, metric)}" for n in some],
                hovertemplate="%{hovertext}<extra></extra>",
            )
        )
    return figure(
        [trace for trace in traces if len(trace.x)],
        420,
        xaxis=axis("networks, in the order of training", **_whole_numbers(len(networks))),
        yaxis=axis(
            f"validation {metric}",
            tickformat=ticks(metric, scores),
            range=limits(metric, scores),
        ),
    )


def _whole_numbers(count: int) -> dict[str, int]:
    """Ticks at numbers of networks: where these are few, plotly would divide further."""
    return {"nticks": _TICKS} if count > _TICKS else {"dtick": 1}
