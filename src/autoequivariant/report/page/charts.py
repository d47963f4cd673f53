"""The figures of the page, by the id of their element."""

from __future__ import annotations

from dataclasses import dataclass

import plotly.graph_objects as go

from autoequivariant.report.figures.augmentations import augmented
from autoequivariant.report.figures.effects import effects
from autoequivariant.report.figures.hasse import FEW, hasse
from autoequivariant.report.figures.importance import importance
from autoequivariant.report.figures.progress import course
from autoequivariant.report.figures.scatter import scatter
from autoequivariant.report.figures.verdicts import verdicts
from autoequivariant.report.findings.report import Report
from autoequivariant.report.findings.symmetries.hasse import Hasse

_NODE_WIDTH = 22  # pixels for each node of the widest level
_NAME_WIDTH = 104  # the same with names beside the nodes
_MOST_WIDTH = 1400
_SET_WIDTH = 20
_VERDICTS_WIDTH = 640


@dataclass(frozen=True)
class Chart:
    """A figure, and the width in pixels below which it scrolls; 0 if it always fits."""

    figure: go.Figure
    least_width: int = 0


def charts_of(report: Report) -> dict[str, Chart]:
    """Return the figures of a report; those that would be empty are left out."""
    found, metric = report.findings, report.findings.metric
    charts = {
        "chart-parameters": Chart(scatter(report.networks, metric)),
        "chart-lattice": Chart(hasse(report.lattice, metric), _lattice_width(report.lattice)),
    }
    if report.verdicts:
        charts["chart-verdicts"] = Chart(verdicts(report.verdicts), _VERDICTS_WIDTH)
    if report.augmented is not None and report.augmented.sets:
        width = _SET_WIDTH * len(report.augmented.sets) + 120
        charts["chart-augmented"] = Chart(augmented(report.augmented, metric), width)
    measured = [e for e in report.effects if e.main or e.averaged]
    if measured:
        charts["chart-effects"] = Chart(effects(measured, metric))
    charts["chart-progress"] = Chart(course(report.networks, metric))
    if found.importance:
        charts["chart-importance"] = Chart(importance(found.importance))
    return charts


def _lattice_width(diagram: Hasse) -> int:
    levels = [node.y for node in diagram.nodes]
    widest = max(map(levels.count, levels))
    return min(_MOST_WIDTH, widest * (_NAME_WIDTH if len(levels) <= FEW else _NODE_WIDTH))
