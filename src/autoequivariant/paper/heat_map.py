"""The heat map of the single symmetries, each network on each data set: one self-contained page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go

from autoequivariant.paper.singles import TITLES, Singles
from autoequivariant.report.render.formatting import interval, percent

WIDTH, HEIGHT = 1000, 760
LEAST_LIMIT = 2.0
"""Smallest difference, in points, at full color; a difference of about a point is mostly noise."""
_FONT = {"family": "Helvetica, Arial, sans-serif", "size": 13, "color": "#222222"}
_FROM, _THROUGH, _TO = "#b2581a", "#f7f7f5", "#1a6fb2"


def heat_map(results: dict[str, Any]) -> go.Figure:
    """Return the heat map of the single symmetries.

    A cell shows the test accuracy in percent; its color is the difference from the baseline on the
    same data set. The color scale ends at the largest gain, because losses can be far larger and
    would hide gains.
    """
    singles = Singles.of(results)

    def cells(content: Callable[[str, str], Any]) -> list[list[Any]]:
        return [[content(network, data) for data in singles.data] for network in singles.networks]

    gains = cells(lambda network, data: 100 * singles.gain(network, data))
    limit = max(LEAST_LIMIT, *(gain for row in gains for gain in row))
    trace = go.Heatmap(
        x=list(singles.data),
        y=list(singles.networks),
        z=gains,
        zmin=-limit,
        zmax=limit,
        colorscale=[[0, _FROM], [0.5, _THROUGH], [1, _TO]],
        text=cells(lambda network, data: f"{100 * singles.score(network, data):.1f}"),
        texttemplate="%{text}",
        textfont={"size": 12},
        customdata=cells(lambda network, data: _hover(singles, network, data)),
        hovertemplate="%{customdata}<extra></extra>",
        xgap=1.5,
        ygap=1.5,
        colorbar={
            "title": {"text": "points above the<br>baseline on that data<br>&nbsp;"},
            "tickvals": [-limit, 0, limit],
            "ticktext": [f"{-limit:.1f} or less", "0", f"{limit:+.1f}"],
            "thickness": 12,
            "len": 0.5,
            "outlinewidth": 0,
        },
    )
    return go.Figure(trace, _layout(results, singles))


def heat_map_html(results: dict[str, Any]) -> str:
    """Return the heat map as a self-contained HTML page; the same records give the same bytes."""
    page: str = heat_map(results).to_html(
        include_plotlyjs=True, div_id="heat-map", config={"displayModeBar": False}
    )
    return page


def _hover(singles: Singles, network: str, data: str) -> str:
    bounds = interval(singles.bounds(network, data))
    return (
        f"{network} on {data}<br>{percent(singles.score(network, data))} "
        f"({'range ' * (len(singles.seeds) > 1)}{bounds})"
        f"<br>{100 * singles.gain(network, data):+.1f} points from the baseline"
        f"<br>{singles.n_parameters(network):,} parameters"
    )


def _layout(results: dict[str, Any], singles: Singles) -> go.Layout:
    title = (
        f"<b>{TITLES[results['dataset']]}: single symmetries, test accuracy in %</b><br>"
        f"<span style='font-size:13px'>{results['train_size']:,} training images, "
        f"{results['epochs']} epochs, {'mean of ' * (len(singles.seeds) > 1)}"
        f"{singles.named_seeds}; framed: the data set's own "
        "symmetry</span>"
    )
    axis = {"showgrid": False, "zeroline": False, "fixedrange": True, "ticklabelstandoff": 6}
    frames = [
        {
            "type": "rect",
            **{"x0": k - 0.5, "x1": k + 0.5, "y0": k - 0.5, "y1": k + 0.5},
            "line": {"color": "#222222", "width": 1.5},
        }
        for k in range(1, len(singles.pairs) + 1)
    ]
    return go.Layout(
        title={"text": title, "x": 0.02, "y": 0.97, "yanchor": "top"},
        width=WIDTH,
        height=HEIGHT,
        margin={"l": 20, "r": 20, "t": 80, "b": 20},
        font=_FONT,
        paper_bgcolor="white",
        plot_bgcolor="white",
        xaxis={**axis, "title": {"text": "data set transformed by"}, "tickangle": -40},
        yaxis={**axis, "title": {"text": "network equivariant to"}, "autorange": "reversed"},
        shapes=frames,
    )
