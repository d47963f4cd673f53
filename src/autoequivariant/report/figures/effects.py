"""The effect of each candidate with its interval, as a forest plot."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from autoequivariant.report.figures.scatter import broken
from autoequivariant.report.figures.style import ACCENT, SECOND, SOFT, axis, figure
from autoequivariant.report.findings.effects import Difference, Effect
from autoequivariant.report.render.formatting import ACCURACY, counted, gap, unit_of_gap

_ROW = 34
_LONGEST = 22  # letters of a name in a line
_OFFSET = 0.16  # of a row, so that the two intervals do not lie on each other


def effects(found: Sequence[Effect], metric: str) -> go.Figure:
    """Return a row for each candidate, the first on top."""
    names = [e.name for e in found]
    alone = [(e.name, e.alone) for e in found]
    company = [(e.name, e.company) for e in found]
    traces = [
        _trace("alone", alone, metric, ACCENT, -_OFFSET),
        _trace("in company", company, metric, SECOND, _OFFSET),
    ]
    return figure(
        [trace for trace in traces if len(trace.x)],
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
    low, high = (gap(bound, metric, signed=True) for bound in found.interval)
    mean = f"{gap(found.mean, metric, signed=True)} {unit_of_gap(metric)}"
    return (
        f"<b>{broken(name)}</b>, {label}<br>{mean}, 95% interval {low} to {high}"
        f"<br>{counted(found.pairs, 'pair')} of networks, {found.samples:,} samples"
    )
