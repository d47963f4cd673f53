"""The sample with the largest equivariance error, before and after the symmetry; its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from autoequivariant.report.figures.style import ACCENT, SCALE, SECOND, axis, figure, untagged

_LEFT, _RIGHT = (0.0, 0.46), (0.54, 1.0)
_MOST_LINES = 6  # channels of a sequence
_MOST_SIDE = 128  # pixels of a picture
_MOST_BARS = 60
_MOST_LETTERS = 16
_HEIGHT = 320
_TITLES = ("x", "g.x")


def samples_figure(
    kind: str, before: NDArray[Any], after: NDArray[Any], names: Sequence[str] = ()
) -> go.Figure:
    """Draw a sample beside the moved sample: images as heat maps, sequences as lines, tables as
    bars.

    Args:
        kind: of the domain.
        before, after: `x` and `g.x`, shape `(channels, *domain.shape)`. Of several channels of an
            image the mean is drawn, of a volume the middle layer.
        names: of the columns of a table.
    """
    draw = {"sequence": _lines, "features": _bars}.get(kind, _pixels)
    traces = [
        trace
        for place, values in enumerate((before, after))
        for trace in draw(np.asarray(values, float), "" if not place else "2", names)
    ]
    x: dict[str, Any] = {"showgrid": kind == "sequence"}
    y: dict[str, Any] = {}
    if draw is _pixels:
        y = {"autorange": "reversed", "showgrid": False, "constrain": "domain"}
        x = {"showgrid": False, "constrain": "domain"}
        for trace in traces:
            low, high = min(np.min(before), np.min(after)), max(np.max(before), np.max(after))
            trace.update(zmin=float(low), zmax=float(high))
    else:
        y = {"matches": "y"}
    return figure(
        traces,
        _HEIGHT,
        xaxis=axis(_TITLES[0], domain=_LEFT, **x),
        xaxis2=axis(_TITLES[1], domain=_RIGHT, **x),
        yaxis=axis(**y, **({"scaleanchor": "x"} if draw is _pixels else {})),
        yaxis2=axis(anchor="x2", **y, **({"scaleanchor": "x2"} if draw is _pixels else {})),
        showlegend=False,
    )


def outputs_figure(names: Sequence[str], expected: NDArray[Any], found: NDArray[Any]) -> go.Figure:
    """Draw the outputs for a moved sample as bars, beside what they would be if the model were
    equivariant.

    Args:
        names: of the outputs; of more than 60, those that differ most are drawn.
        expected, found: `g.f(x)` and `f(g.x)`, shape `(outputs,)`.
    """
    order = np.argsort(-np.abs(np.asarray(found) - expected), kind="stable")[:_MOST_BARS]
    chosen = np.sort(order)
    labels = [_short(names[number]) for number in chosen]
    places = list(range(len(chosen)))
    pairs = ((expected, "g.f(x), as it should be", ACCENT), (found, "f(g.x), as it is", SECOND))
    traces = [
        go.Bar(
            x=places,
            y=[float(values[number]) for number in chosen],
            name=title,
            marker={"color": colour},
            hovertext=labels,
            hovertemplate="%{hovertext}: %{y:.4g}<extra></extra>",
        )
        for values, title, colour in pairs
    ]
    return figure(
        traces,
        _HEIGHT,
        barmode="group",
        xaxis=axis("output", tickvals=places, ticktext=labels, showgrid=False),
        yaxis=axis("value"),
    )


def _pixels(values: NDArray[Any], place: str, _: Sequence[str]) -> list[Any]:
    image = values.mean(axis=0)
    if image.ndim == 3:
        image = image[len(image) // 2]
    step = -(-max(image.shape) // _MOST_SIDE)
    image = image[::step, ::step]
    return [
        go.Heatmap(
            z=image.tolist(),
            x=list(range(0, image.shape[1] * step, step)),
            y=list(range(0, image.shape[0] * step, step)),
            xaxis=f"x{place}",
            yaxis=f"y{place}",
            colorscale=SCALE,
            showscale=False,
            hovertemplate="row %{y}, column %{x}: %{z:.4g}<extra></extra>",
        )
    ]


def _lines(values: NDArray[Any], place: str, _: Sequence[str]) -> list[Any]:
    return [
        go.Scatter(
            x=list(range(len(row))),
            y=row.tolist(),
            xaxis=f"x{place}",
            yaxis=f"y{place}",
            mode="lines",
            name=f"channel {number}",
            line={"width": 1.5, **({"color": ACCENT} if len(values) == 1 else {})},
        )
        for number, row in enumerate(values[:_MOST_LINES])
    ]


def _bars(values: NDArray[Any], place: str, names: Sequence[str]) -> list[Any]:
    row = values.reshape(-1)[:_MOST_BARS]
    labels = [_short(name) for name in names[: len(row)]] or list(map(str, range(len(row))))
    return [
        go.Bar(
            x=labels if len(set(labels)) == len(labels) else list(range(len(row))),
            y=row.tolist(),
            xaxis=f"x{place}",
            yaxis=f"y{place}",
            marker={"color": ACCENT},
        )
    ]


def _short(name: str) -> str:
    return untagged(name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS - 1]}…")
