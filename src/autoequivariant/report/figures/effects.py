"""The effect of each candidate with its interval, as a forest plot."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from autoequivariant.report.figures.style import ACCENT, SECOND, SOFT, axis, broken, figure
from autoequivariant.report.findings.symmetries.effects import Difference, Effect
from autoequivariant.report.render.formatting import (
    ACCURACY,
    counted,
    gap,
    gap_interval,
    unit_of_gap,
)

_ROW = 34
_LONGEST = 22  # letters in a line of a name
_OFFSET = 0.16  # of a row, so that the two intervals do not overlap


def effects(found: Sequence[Effect], metric: str) -> go.Figure:
    """Return a row for each candidate, the first on top."""
    names = [e.name for e in found]
    main = [(e.name, e.main) for e in found]
    averaged = [(e.name, e.averaged) for e in found]
    return figure(
        [
            _trace("main effect", main, metric, ACCENT, -_OFFSET),
            _trace("averaged over other symmetries", averaged, metric, SECOND, _OFFSET),
        ],
        110 + _ROW * len(names),
        xaxis=axis(unit_of_gap(metric), nticks=7),
        yaxis=axis(
            tickvals=list(range(len(names))),
            ticktext=[broken(name, _LONGEST) for name in names],
            range=[len(names) - 0.4, -0.6],
            showgrid=False,
        ),
        shapes=[
            {
                "type": "line",
                **{"x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper"},
                "line": {"color": SOFT, "width": 1.5, "dash": "dot"},
            }
        ],
    )


def _trace(
    label: str,
    rows: Sequence[tuple[str, Difference | None]],
    metric: str,
    color: str,
    offset: float,
) -> go.Scatter:
    factor = 100 if metric == ACCURACY else 1
    known = [(place, name, d) for place, (name, d) in enumerate(rows) if d is not None]
    return go.Scatter(
        x=[factor * d.mean for _, _, d in known],
        y=[place + offset for place, _, _ in known],
        mode="markers",
        name=label,
        marker={"color": color, "size": 9, "symbol": "circle" if offset < 0 else "diamond"},
        error_x={
            "type": "data",
            "array": [factor * (d.interval[1] - d.mean) for _, _, d in known],
            "color": color,
            "thickness": 1.5,
            "width": 4,
        },
        hovertext=[_hover(name, label, d, metric) for _, name, d in known],
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hover(name: str, label: str, found: Difference, metric: str) -> str:
    mean = f"{gap(found.mean, metric, signed=True)} {unit_of_gap(metric)}"
    return (
        f"<b>{broken(name)}</b>, {label}<br>{mean}, 95% interval "
        f"{gap_interval(found.interval, metric, signed=True)}"
        f"<br>{counted(found.pairs, 'pair')} of networks, {found.samples:,} samples"
    )
