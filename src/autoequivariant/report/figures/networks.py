"""Networks as points of a figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go

from autoequivariant.report.figures.style import (
    ACCENT,
    INK,
    SECOND,
    SOFT,
    axis,
    broken,
    limits,
    ticks,
)
from autoequivariant.report.findings.networks import NetworkRow
from autoequivariant.report.render.formatting import interval, score

TRAINED = {"color": "#3a86c8", "size": 8}
BASELINE = {"color": SECOND, "symbol": "square", "size": 12, "line": {"color": INK, "width": 1}}
PRUNED = {"color": SOFT, "symbol": "x-thin", "size": 8, "line": {"color": SOFT, "width": 1.5}}
CHOSEN = {"color": ACCENT, "symbol": "star-open", "size": 17, "line": {"width": 2}}


def points(
    name: str,
    networks: Sequence[NetworkRow],
    place: Callable[[NetworkRow], int],
    metric: str,
    marker: dict[str, Any],
) -> go.Scatter:
    """Return one point for each network: `place` across, its score up."""
    return go.Scatter(
        x=[place(n) for n in networks],
        y=[n.score for n in networks],
        mode="markers",
        name=name,
        marker=marker,
        hovertext=[_hover(n, metric) for n in networks],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def step_line(name: str, x: Sequence[int], y: Sequence[float | None], **line: Any) -> go.Scatter:
    """Return a line that keeps its height until the next point."""
    shape = {"shape": "hv", **line}
    return go.Scatter(x=x, y=y, mode="lines", line=shape, name=name, hoverinfo="skip")


def score_axis(networks: Sequence[NetworkRow], metric: str) -> dict[str, Any]:
    """Return the axis of validation scores."""
    scores = [n.score for n in networks]
    return axis(
        f"validation {metric}", tickformat=ticks(metric, scores), range=limits(metric, scores)
    )


def _hover(network: NetworkRow, metric: str) -> str:
    marks = " · baseline" * network.is_baseline + " · chosen" * network.is_chosen
    pruned = f"<br>pruned after {network.epochs} epochs" if network.is_pruned else ""
    return (
        f"<b>{broken(network.name)}</b>{marks}<br>number {network.number}: "
        f"{score(network.score, metric)} ({interval(network.interval, metric)})"
        f"<br>{network.n_parameters:,} parameters{pruned}"
    )
