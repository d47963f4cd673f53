"""What all figures share. Colours that differ between light and dark are stand-ins here; the page
puts the real ones in when it is shown (`page.js`).
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

INK, SOFT, GRID, PAPER, ACCENT, SECOND = (f"#01010{k}" for k in range(6))
"""Text, secondary text, grid lines, background, the chosen network, and the plain one."""
SCALE = [
    [0.0, "#54478c"],
    [0.25, "#2c699a"],
    [0.5, "#048ba8"],
    [0.75, "#16db93"],
    [1.0, "#efea5a"],
]
"""Low to high scores; told apart in grey, too."""
_FONT = 13


def figure(traces: list[Any], height: int, **layout: Any) -> go.Figure:
    """Return a figure of one look."""
    common: dict[str, Any] = {
        "template": go.layout.Template(),
        "height": height,
        "autosize": True,
        "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "system-ui, sans-serif", "size": _FONT, "color": INK},
        "hoverlabel": {
            "bgcolor": PAPER,
            "bordercolor": SOFT,
            "font": {"color": INK, "size": _FONT},
            "align": "left",
        },
        "hovermode": "closest",
        "dragmode": False,
        "legend": {
            "orientation": "h",
            "x": 0,
            "y": 1.02,
            "yanchor": "bottom",
            "bgcolor": "rgba(0,0,0,0)",
        },
    }
    return go.Figure(traces, go.Layout({**common, **layout}))


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """Return an axis of one look."""
    return {
        "title": {"text": title, "standoff": 8},
        "gridcolor": GRID,
        "linecolor": SOFT,
        "zeroline": False,
        "automargin": True,
        "fixedrange": True,
        **more,
    }


def bar(title: str, ticks: str) -> dict[str, Any]:
    """Return a horizontal colour bar below a figure."""
    return {
        "title": {"text": title, "side": "top"},
        "orientation": "h",
        "thickness": 10,
        "len": 0.6,
        "x": 0.5,
        "y": -0.02,
        "yanchor": "top",
        "outlinewidth": 0,
        "tickformat": ticks,
        "nticks": 5,
    }


def ticks(metric: str) -> str:
    """Return how scores are written on an axis."""
    return ".0%" if metric == "accuracy" else ".2f"
