"""The common look of all figures.

Colours that differ between the light and the dark scheme are placeholders; `page.js` replaces them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go

from autoequivariant.errors import printable
from autoequivariant.report.render.formatting import ACCURACY

INK, SOFT, GRID, PAPER, ACCENT, SECOND = (f"#01010{k}" for k in range(6))
"""Text, secondary text, grid lines, background, the chosen network, and the baseline."""
SCALE = [[0.0, "#54478c"], [0.25, "#2c699a"], [0.5, "#048ba8"], [0.75, "#16db93"], [1.0, "#efea5a"]]
"""Low to high scores; distinguishable in grey, too."""
_FONT = 13
_CLOSE = 0.05
_LEAST_ROOM = 0.01
_LEAST_SPREAD = 0.02


def figure(traces: list[Any], height: int, **layout: Any) -> go.Figure:
    """Return a figure; traces without points are left out."""
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
    return go.Figure([t for t in traces if len(t.x)], go.Layout({**common, **layout}))


def untagged(name: str) -> str:
    """Return a text that Plotly does not read as markup, as in `swap a <-> b`, and that does not
    change the direction of writing.
    """
    return escape(printable(name), quote=False)


def broken(name: str, longest: int = 36) -> str:
    """Break a long name into lines for a narrow screen, as text that is not markup."""
    lines = textwrap.wrap(name, longest, break_long_words=False, break_on_hyphens=False) or [""]
    return "<br>".join(map(untagged, lines))


def axis(title: str = "", **more: Any) -> dict[str, Any]:
    """Return an axis."""
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


def ticks(metric: str, values: Sequence[float]) -> str:
    """Return the format of these scores on an axis."""
    is_close = max(values) - min(values) < _CLOSE
    if metric != ACCURACY:
        return ".3f" if is_close else ".2f"
    return ".1%" if is_close else ".0%"


def limits(metric: str, values: Sequence[float]) -> tuple[float, float]:
    """Return the ends of an axis of scores, with a margin."""
    low, high = min(values), max(values)
    room = max(_LEAST_ROOM, 0.06 * (high - low))
    return low - room, min(high + room, 1 + _LEAST_ROOM) if metric == ACCURACY else high + room


def colours(values: Sequence[float]) -> tuple[float, float]:
    """Return the scores of the first and the last colour; close scores get similar colours."""
    low, high = min(values), max(values)
    return min(low, high - _LEAST_SPREAD), high
