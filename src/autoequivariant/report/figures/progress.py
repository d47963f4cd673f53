"""The course of a search: each network in the order of training, and the best so far."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from autoequivariant.report.figures.networks import (
    BASELINE,
    CHOSEN,
    PRUNED,
    TRAINED,
    points,
    score_axis,
    step_line,
)
from autoequivariant.report.figures.style import ACCENT, axis, figure
from autoequivariant.report.findings.networks import NetworkRow

_TICKS = 8
_SINGLE = {"color": "#b9770e", "symbol": "triangle-up", "size": 10}


def course(networks: Sequence[NetworkRow], metric: str) -> go.Figure:
    """Return one point for each network."""
    whole = [n for n in networks if not n.is_pruned]
    kinds = (
        ("baseline", [n for n in networks if n.is_baseline], BASELINE),
        ("one generator", [n for n in whole if n.generators == 1], _SINGLE),
        ("several generators", [n for n in whole if n.generators > 1], TRAINED),
        ("pruned", [n for n in networks if n.is_pruned], PRUNED),
        ("chosen", [n for n in networks if n.is_chosen], CHOSEN),
    )
    reached = [n for n in networks if n.best is not None]
    # Few ticks at whole numbers: plotly would divide further.
    whole_numbers = {"nticks": _TICKS} if len(networks) > _TICKS else {"dtick": 1}
    return figure(
        [
            step_line(
                "best so far",
                [n.number for n in reached],
                [n.best for n in reached],
                color=ACCENT,
                width=2,
            ),
            *(points(name, some, _number, metric, marker) for name, some, marker in kinds),
        ],
        420,
        xaxis=axis("networks, in the order of training", **whole_numbers),
        yaxis=score_axis(networks, metric),
    )


def _number(network: NetworkRow) -> int:
    return network.number
