"""The score against the number of weights, with the front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from autoequivariant.report.figures.style import (
    ACCENT,
    INK,
    SECOND,
    SOFT,
    axis,
    figure,
    limits,
    ticks,
    untagged,
)
from autoequivariant.report.findings.networks import NetworkRow
from autoequivariant.report.render.formatting import interval, score

_WIDE = 8
"""Ratio of the most to the fewest weights from which the axis is logarithmic."""


def scatter(networks: Sequence[NetworkRow], metric: str) -> go.Figure:
    """Return every trained network as a point."""
    others = [n for n in networks if not (n.is_baseline or n.is_chosen)]
    whole = [n for n in others if not n.is_pruned]
    front = sorted((n for n in networks if n.on_front), key=lambda n: n.n_parameters)
    traces = [
        go.Scatter(
            x=[n.n_parameters for n in front],
            y=[n.score for n in front],
            mode="lines",
            line={"color": SOFT, "width": 1.5, "shape": "hv"},
            name="front",
            hoverinfo="skip",
        ),
        _points("trained", whole, metric, {"color": "#3a86c8", "size": 9, "opacity": 0.75}),
        _points(
            "given up early",
            [n for n in others if n.is_pruned],
            metric,
            {"color": SOFT, "size": 8, "symbol": "x-thin", "line": {"color": SOFT, "width": 1.5}},
        ),
        _points(
            "plain",
            [n for n in networks if n.is_baseline],
            metric,
            {"color": SECOND, "size": 13, "symbol": "square", "line": {"color": INK, "width": 1}},
        ),
        _points(
            "chosen",
            [n for n in networks if n.is_chosen],
            metric,
            {"color": ACCENT, "size": 17, "symbol": "star", "line": {"color": INK, "width": 1}},
        ),
    ]
    n_parameters = [n.n_parameters for n in networks]
    scores = [n.score for n in networks]
    is_wide = max(n_parameters) > _WIDE * min(n_parameters)
    return figure(
        [trace for trace in traces if len(trace.x)],
        440,
        xaxis=axis("number of weights", type="log" if is_wide else "linear", **_marks(is_wide)),
        yaxis=axis(
            f"validation {metric}",
            tickformat=ticks(metric, scores),
            range=limits(metric, scores),
        ),
    )


def _marks(is_wide: bool) -> dict[str, Any]:
    """Few ticks, that do not run into each other on a narrow screen."""
    return {"dtick": "D2", "tickformat": "~s"} if is_wide else {"nticks": 6, "tickformat": "~s"}


def _points(
    name: str, networks: Sequence[NetworkRow], metric: str, marker: dict[str, Any]
) -> go.Scatter:
    return go.Scatter(
        x=[n.n_parameters for n in networks],
        y=[n.score for n in networks],
        mode="markers",
        name=name,
        marker=marker,
        hovertext=[hover(n, metric) for n in networks],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def hover(network: NetworkRow, metric: str) -> str:
    """Say a network's name, score and weights."""
    marks = [
        word
        for word, holds in (("plain", network.is_baseline), ("chosen", network.is_chosen))
        if holds
    ]
    pruned = f"<br>given up after {network.epochs} epochs" if network.is_pruned else ""
    return (
        f"<b>{broken(network.name)}</b>{' · ' if marks else ''}{', '.join(marks)}"
        f"<br>{score(network.score, metric)} ({interval(network.interval, metric)})"
        f"<br>{network.n_parameters:,} weights{pruned}"
    )


def broken(name: str, most: int = 36) -> str:
    """Break a long name into lines that fit a narrow screen, as text that no figure takes for a
    tag.
    """
    lines = [""]
    for word in name.split(" "):
        if lines[-1] and len(lines[-1]) + 1 + len(word) > most:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(map(untagged, lines))
