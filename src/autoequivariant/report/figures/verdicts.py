"""What the data say of each candidate: law, task and use side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from autoequivariant.evidence.testing.task import LEAST_OVERLAP
from autoequivariant.evidence.verdict import Answer, Task, Trained, Verdict
from autoequivariant.report.figures.style import PAPER, SOFT, axis, broken, figure, untagged
from autoequivariant.report.findings.symmetries.verdicts import ANSWERS
from autoequivariant.report.render.formatting import R2, gap, gap_interval, percent

_ROW, _LINE = 30, 19
"""Heights in pixels."""
_LONGEST = 22  # letters in a line of a name
_OFFSET = 0.17  # of a row, so that p-values with and without labels do not overlap
_PANELS = {
    "x": ([0.0, 0.3], "law: p-value"),
    "x2": ([0.36, 0.65], "task: effect on labels"),
    "x3": ([0.71, 1.0], "use: loss saved"),
}
_COLOURS: dict[Answer, str] = {
    "holds": "#2e9e5b",
    "undecided": "#c98a1b",
    "does not hold": "#d64545",
}
_SYMBOLS: dict[Answer, str] = {"holds": "circle", "undecided": "diamond", "does not hold": "x"}
_FAINT = 0.3
_SMALLEST = 0.001
"""Smallest p-value of a test with 999 swaps."""
_P_TICKS = {_SMALLEST: "≤ .001", 0.01: ".01", 0.1: ".1", 1.0: "1"}


def verdicts(found: Sequence[Verdict]) -> go.Figure:
    """Return a row for each candidate: those that hold on top, those that do not at the bottom."""
    rows = [one for answer in ANSWERS for one in found if one.verdict == answer]
    traces = [trace for answer in ANSWERS for trace in _traces(rows, answer)]
    absent = _absences(traces)
    labels = [_label(one) for one in rows]
    axes: dict[str, Any] = {}
    for name, (domain, title) in _PANELS.items():
        more: dict[str, Any] = {"domain": domain, "side": "bottom", "nticks": 5}
        if name == "x":
            more |= {"type": "log", "tickvals": list(_P_TICKS), "ticktext": list(_P_TICKS.values())}
            more["range"] = [-3.16, 0.16]  # powers of ten
        elif name in absent:
            more |= {"range": [-1, 1], "tickvals": [0], "ticktext": [" "], "showgrid": False}
        axes[name.replace("x", "xaxis")] = axis(title, **more)
    zero = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "yref": "paper"}
    # Plotly draws no axis without a trace.
    empty = [go.Scatter(x=[None], y=[None], xaxis=name, showlegend=False) for name in absent]
    lines = max((label.count("<br>") + 1 for label in labels), default=1)
    return figure(
        [*traces, *empty],
        120 + max(_ROW, _LINE * lines) * len(rows),
        **axes,
        yaxis=axis(
            tickvals=list(range(len(rows))),
            ticktext=labels,
            range=[len(rows) - 0.4, -0.6],
            showgrid=True,
        ),
        shapes=[
            {**zero, "xref": name, "line": {"color": SOFT, "width": 1.5, "dash": "dot"}}
            for name in ("x2", "x3")
            if name not in absent
        ],
        annotations=[_absent(name, text) for name, text in absent.items()],
    )


def _use(one: Verdict, trained: Trained) -> str:
    difference = gap(trained.difference, R2, signed=True)
    interval = gap_interval(trained.interval, R2, signed=True)
    measured = f"; {broken(trained.measured, 60)}" if trained.measured else ""
    return f"{one.use}: loss lower by {difference}, interval {interval}{measured}"


def _label(one: Verdict) -> str:
    return f'<span style="color:{_COLOURS[one.verdict]}">{broken(one.name, _LONGEST)}</span>'


def _traces(rows: Sequence[Verdict], answer: Answer) -> list[go.Scatter]:
    """Return the points of the candidates with this verdict, panel by panel."""
    some = [(place, one) for place, one in enumerate(rows) if one.verdict == answer]
    law = [(place, one, one.inputs) for place, one in some if one.inputs is not None]
    task = [(place, one, one.task) for place, one in some if one.task is not None]
    use = [(place, one, one.trained) for place, one in some if one.trained is not None]
    mark = {"color": _COLOURS[answer], "symbol": _SYMBOLS[answer], "size": 9}
    without = mark | {"symbol": f"{_SYMBOLS[answer]}-open"}
    legend = go.Scatter(
        x=[None], y=[None], mode="markers", marker=mark, name=answer, hoverinfo="skip"
    )
    return [
        *[legend] * bool(some),
        _points(
            [place - _OFFSET for place, _, _ in law],
            [max(_SMALLEST, tests.p_x) for _, _, tests in law],
            [_hover(one, f"samples alone: p = {tests.p_x:.3g}") for _, one, tests in law],
            without,
            "x",
        ),
        _points(
            [place + _OFFSET for place, _, _ in law],
            [max(_SMALLEST, tests.p_joint) for _, _, tests in law],
            [_hover(one, f"with labels: p = {tests.p_joint:.3g}") for _, one, tests in law],
            mark,
            "x",
        ),
        *[_effects(task, mark, is_clear) for is_clear in (True, False)],
        _points(
            [place for place, _, _ in use],
            [trained.difference for _, _, trained in use],
            [_hover(one, _use(one, trained)) for _, one, trained in use],
            mark,
            "x3",
            [trained.interval for _, _, trained in use],
        ),
    ]


def _effects(
    task: Sequence[tuple[int, Verdict, Task]], mark: dict[str, Any], is_clear: bool
) -> go.Scatter:
    """Return the effects of candidates whose moved samples occur, or those of the others, faint."""
    some = [row for row in task if (row[2].overlap >= LEAST_OVERLAP) == is_clear]
    texts = [
        f"effect {percent(test.effect)} of the squared residual, 95% interval "
        f"{percent(test.interval[0])} to {percent(test.interval[1])};<br>overlap {test.overlap:.2f}"
        for _, _, test in some
    ]
    found = _points(
        [place for place, _, _ in some],
        [test.effect for _, _, test in some],
        [_hover(one, text) for (_, one, _), text in zip(some, texts, strict=True)],
        mark,
        "x2",
        [test.interval for _, _, test in some],
    )
    return found.update(opacity=1.0 if is_clear else _FAINT)


def _points(
    y: list[float],
    x: list[float],
    hover: list[str],
    mark: dict[str, Any],
    panel: str,
    intervals: Sequence[tuple[float, float]] = (),
) -> go.Scatter:
    bars = {
        "type": "data",
        "symmetric": False,
        "array": [high - middle for (_, high), middle in zip(intervals, x, strict=False)],
        "arrayminus": [middle - low for (low, _), middle in zip(intervals, x, strict=False)],
        "color": mark["color"],
        "thickness": 1.5,
        "width": 4,
    }
    return go.Scatter(
        x=x,
        y=y,
        xaxis=panel,
        mode="markers",
        showlegend=False,
        marker=mark,
        error_x=bars if intervals else None,
        hovertext=hover,
        hovertemplate="%{hovertext}<extra></extra>",
    )


def _hover(one: Verdict, text: str) -> str:
    return f"<b>{broken(one.name)}</b>: {one.verdict}<br>{text}<br>{broken(one.reason, 60)}"


def _absences(traces: Sequence[go.Scatter]) -> dict[str, str]:
    """Return the panels without a point, and why they have none."""
    drawn = {trace.xaxis for trace in traces if any(value is not None for value in trace.x)}
    why = {"x": "too few samples", "x2": "too few samples", "x3": "not tried"}
    return {name: text for name, text in why.items() if name not in drawn}


def _absent(name: str, text: str) -> dict[str, Any]:
    return {
        "xref": f"{name} domain",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "text": untagged(text),
        "showarrow": False,
        "bgcolor": PAPER,
        "font": {"color": SOFT},
    }
