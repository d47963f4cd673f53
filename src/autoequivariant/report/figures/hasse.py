"""The lattice of closed states as a Hasse diagram."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from autoequivariant.report.figures.style import (
    ACCENT,
    GRID,
    INK,
    PAPER,
    SCALE,
    SECOND,
    SOFT,
    axis,
    bar,
    broken,
    colours,
    figure,
    ticks,
)
from autoequivariant.report.findings.symmetries.hasse import Hasse, Node
from autoequivariant.report.render.formatting import counted, score
from autoequivariant.report.render.symmetry_names import listed

FEW = 24
"""Up to so many nodes are drawn with their names."""
_CLEAR = 0.22  # of half the width


def hasse(diagram: Hasse, metric: str) -> go.Figure:
    """Return the diagram: coloured nodes were trained, hollow ones were not."""
    nodes = diagram.nodes
    levels = sorted({node.y for node in nodes})
    row = {level: place for place, level in enumerate(levels)}
    is_small = len(nodes) <= FEW
    size = 18 if is_small else 13 if len(nodes) <= 100 else 10
    scored = [n for n in nodes if n.score is not None]
    hollow = [n for n in nodes if n.score is None]
    marker: dict[str, Any] = {"size": size, "line": {"color": INK, "width": 0.8}}
    if scored:
        values = [n.score for n in scored if n.score is not None]
        low, high = colours(values)
        marker |= {"color": values, "colorscale": SCALE, "cmin": low, "cmax": high}
        marker["colorbar"] = bar(f"best validation {metric}", ticks(metric, (low, high)))
    ring = {"size": size + 9, "line": {"width": 3}}
    baseline = ring | {"symbol": "square-open", "color": SECOND}
    chosen = ring | {"symbol": "circle-open", "color": ACCENT}
    open_ = {"size": size - 1, "color": PAPER, "line": {"color": SOFT, "width": 1.5}}
    silent = {"hoverinfo": "skip"}
    traces = [
        _edges(diagram, row),
        _dots("baseline", [n for n in nodes if n.is_baseline], row, baseline, silent),
        _dots("chosen", [n for n in nodes if n.is_chosen], row, chosen, silent),
        _dots("not trained", hollow, row, open_, _hovers(hollow, metric)),
        _dots("trained", scored, row, marker, {**_hovers(scored, metric), "showlegend": False}),
    ]
    return figure(
        traces,
        150 + max(260, 78 * len(levels)),
        xaxis=axis(visible=False, range=[-1.12, 1.12]),
        yaxis=axis(
            "number of symmetries",
            tickvals=list(row.values()),
            ticktext=[str(level) for level in levels],
            range=[-0.6, len(levels) - 0.4],
            showgrid=False,
            showline=False,
        ),
        annotations=_names(nodes, row) if is_small else [],
        margin={"l": 8, "r": 12, "t": 12, "b": 70},
    )


def _edges(diagram: Hasse, row: dict[int, int]) -> go.Scatter:
    x: list[float | None] = []
    y: list[int | None] = []
    for a, b in diagram.edges:
        first, second = diagram.nodes[a], diagram.nodes[b]
        x += [first.x, second.x, None]
        y += [row[first.y], row[second.y], None]
    return go.Scatter(
        x=x, y=y, mode="lines", line={"color": GRID, "width": 1}, hoverinfo="skip", showlegend=False
    )


def _dots(
    name: str,
    nodes: list[Node],
    row: dict[int, int],
    marker: dict[str, Any],
    options: dict[str, Any],
) -> go.Scatter:
    x, y = [n.x for n in nodes], [row[n.y] for n in nodes]
    return go.Scatter(x=x, y=y, mode="markers", marker=marker, name=name, **options)


def _hovers(nodes: list[Node], metric: str) -> dict[str, Any]:
    texts = [_hover(node, metric) for node in nodes]
    return {"hovertext": texts, "hovertemplate": "%{hovertext}<extra></extra>"}


def _hover(node: Node, metric: str) -> str:
    lines = [f"<b>{broken(node.name)}</b>"]
    if len(node.members) > 1:
        lines.append(broken(f"all: {listed(node.members)}", 44))
    if node.score is not None:
        lines.append(f"{score(node.score, metric)} on validation")
        if node.trained > 1:
            lines.append(f"the best of {counted(node.trained, 'network')}:")
            lines.append(broken(node.best, 44))
    else:
        lines.append("pruned" if node.trained else "not trained")
    lines.append(f"{node.n_parameters:,} parameters")
    return "<br>".join(lines)


def _names(nodes: tuple[Node, ...], row: dict[int, int]) -> list[dict[str, Any]]:
    """Names below nodes; a name that would overlap its neighbour's is only shown on hover."""
    named: list[Node] = []
    for n in sorted(nodes, key=lambda n: not (n.is_chosen or n.is_baseline)):
        if all(n.y != other.y or abs(n.x - other.x) >= _CLEAR for other in named):
            named.append(n)
    return [
        {
            "x": n.x,
            "y": row[n.y],
            "text": broken(n.name.removesuffix(" (baseline)"), 16),
            "showarrow": False,
            "yshift": -13,
            "yanchor": "top",
            "font": {"size": 11, "color": INK},
        }
        for n in named
    ]
