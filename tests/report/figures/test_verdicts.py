"""Law, task and use of each candidate, side by side."""

from __future__ import annotations

import plotly.graph_objects as go
import pytest

from autoequivariant.evidence.verdict import Inputs, Task, Trained, Verdict
from autoequivariant.report.figures.verdicts import verdicts

HOLDS = Verdict(
    "a <-> b",
    "holds",
    "p = .4",
    Inputs(0.5, 0.4, 0.1),
    Task(0.01, (-0.02, 0.05), 1.0, 0.9),
    "helps",
    Trained(0.2, (0.1, 0.25), ("hflip",)),
)
REFUTED = Verdict(
    "c", "does not hold", "differ", Inputs(0.0, 0.02, None), Task(0.3, (0.2, 0.4), 0, 0.1)
)
UNDECIDED = Verdict("d", "undecided", "too few")


def points(found: go.Figure, panel: str) -> dict[float, go.Scatter]:
    """The trace of each drawn value of a panel."""
    traces = [trace for trace in found.data if trace.xaxis == panel]
    return {x: trace for trace in traces for x in trace.x if x is not None}


def test_each_question_has_a_panel() -> None:
    found = verdicts([REFUTED, HOLDS])
    assert set(points(found, "x")) == {0.5, 0.4, 0.001, 0.02}  # p-values of 0 stand at the edge
    assert set(points(found, "x2")) == {0.01, 0.3}
    assert set(points(found, "x3")) == {0.2}


def test_rows_are_in_the_order_of_the_verdicts() -> None:
    found = verdicts([REFUTED, UNDECIDED, HOLDS])
    names = [label.split(">")[1].split("</span")[0] for label in found.layout.yaxis.ticktext]
    assert names == ["a &lt;-&gt; b", "d", "c"]
    task = points(found, "x2")
    assert (task[0.01].y, task[0.3].y) == ((0,), (2,))
    assert [t.name for t in found.data if t.name] == ["holds", "undecided", "does not hold"]


def test_intervals() -> None:
    found = verdicts([HOLDS])
    task, use = points(found, "x2")[0.01].error_x, points(found, "x3")[0.2].error_x
    assert task.array == pytest.approx([0.04]) and task.arrayminus == pytest.approx([0.03])
    assert use.array == pytest.approx([0.05]) and use.arrayminus == pytest.approx([0.1])


def test_an_effect_without_moved_samples_is_faint() -> None:
    task = points(verdicts([HOLDS, REFUTED]), "x2")
    assert task[0.3].opacity < 0.5 < task[0.01].opacity


def test_labels_and_no_labels_are_told_apart() -> None:
    law = points(verdicts([HOLDS]), "x")
    assert law[0.4].marker.symbol == "circle-open"  # samples alone
    assert law[0.5].marker.symbol == "circle"


@pytest.mark.parametrize(
    ("verdict", "texts"),
    [
        (HOLDS, []),
        (REFUTED, ["not tried"]),
        (UNDECIDED, ["too few samples", "too few samples", "not tried"]),
    ],
)
def test_an_empty_panel_says_why(verdict: Verdict, texts: list[str]) -> None:
    assert [note.text for note in verdicts([verdict]).layout.annotations] == texts


def test_what_pointing_says() -> None:
    found = verdicts([HOLDS])
    assert points(found, "x")[0.5].hovertext[0].startswith("<b>a &lt;-&gt; b</b>: holds<br>with")
    assert "overlap 0.90" in points(found, "x2")[0.01].hovertext[0]
    (use,) = points(found, "x3")[0.2].hovertext
    assert "+0.200, interval +0.100 to +0.250; measured beside hflip alone<br>" in use


def test_long_names_get_room() -> None:
    long = Verdict("swap " + "kitchen_temperature " * 3, "holds", "why")
    assert verdicts([long]).layout.height > verdicts([HOLDS]).layout.height
