"""The score against the number of parameters, with the Pareto front."""

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
from autoequivariant.report.figures.style import SOFT, axis, figure
from autoequivariant.report.findings.networks import NetworkRow

_WIDE = 8
"""Ratio of most to fewest parameters above which the axis is logarithmic."""


def scatter(networks: Sequence[NetworkRow], metric: str) -> go.Figure:
    """Return one point for each trained network."""
    others = [n for n in networks if not (n.is_baseline or n.is_chosen)]
    front = sorted((n for n in networks if n.on_front), key=_parameters)
    kinds = (
        ("trained", [n for n in others if not n.is_pruned], {**TRAINED, "opacity": 0.75}),
        ("pruned", [n for n in others if n.is_pruned], PRUNED),
        ("baseline", [n for n in networks if n.is_baseline], BASELINE),
        ("chosen", [n for n in networks if n.is_chosen], {**CHOSEN, "symbol": "star"}),
    )
    n_parameters = [n.n_parameters for n in networks]
    is_wide = max(n_parameters) > _WIDE * min(n_parameters)
    few = {"type": "log", "dtick": "D2"} if is_wide else {"nticks": 6}  # for a narrow screen
    return figure(
        [
            step_line(
                "Pareto front",
                [n.n_parameters for n in front],
                [n.score for n in front],
                color=SOFT,
                width=1.5,
            ),
            *(points(name, some, _parameters, metric, marker) for name, some, marker in kinds),
        ],
        440,
        xaxis=axis("parameters", tickformat="~s", **few),
        yaxis=score_axis(networks, metric),
    )


def _parameters(network: NetworkRow) -> int:
    return network.n_parameters
