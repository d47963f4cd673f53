"""Trained states are filled and others hollow; names stand where there is room."""

from dataclasses import replace

from autoequivariant.report.figures.hasse import FEW, hasse
from autoequivariant.report.findings.symmetries.hasse import Hasse, Node

BASELINE = Node("none (baseline)", (), 400, 0.7, 1, "none", True, False, 0.0, 0)
CHOSEN = Node("hflip", ("hflip",), 200, 0.8, 2, "hflip", False, True, -0.5, 1)
PRUNED = Node("vflip", ("vflip",), 200, None, 1, "", False, False, 0.5, 1)
UNTRAINED = Node("rot90", ("hflip", "rot90"), 100, None, 0, "", False, False, 0.0, 2)
DIAGRAM = Hasse((BASELINE, CHOSEN, PRUNED, UNTRAINED), ((0, 1), (0, 2), (1, 3)), 0)


def test_each_node_is_drawn_as_what_it_is() -> None:
    traces = {trace.name: trace for trace in hasse(DIAGRAM, "accuracy").data}
    assert traces["trained"].x == (0.0, -0.5)
    assert traces["not trained"].x == (0.5, 0.0)
    assert (traces["baseline"].x, traces["chosen"].x) == ((0.0,), (-0.5,))
    assert traces[None].x == (0.0, -0.5, None, 0.0, 0.5, None, -0.5, 0.0, None)


def test_what_pointing_says() -> None:
    traces = {trace.name: trace for trace in hasse(DIAGRAM, "accuracy").data}
    baseline, chosen = traces["trained"].hovertext
    pruned, untrained = traces["not trained"].hovertext
    assert "70.0% on validation" in baseline and "the best of" not in baseline
    assert "the best of 2 networks:<br>hflip" in chosen
    assert pruned.endswith("pruned<br>200 parameters") and "all: " not in pruned
    assert "not trained" in untrained and "all: hflip, rot90" in untrained


def test_few_nodes_have_names_that_do_not_overlap() -> None:
    names = [note.text for note in hasse(DIAGRAM, "accuracy").layout.annotations]
    assert sorted(names) == ["hflip", "none", "rot90", "vflip"]
    close = Hasse((BASELINE, CHOSEN, replace(PRUNED, x=-0.4), UNTRAINED), (), 0)
    names = [note.text for note in hasse(close, "accuracy").layout.annotations]
    assert sorted(names) == ["hflip", "none", "rot90"]
    many = Hasse((BASELINE,) + (CHOSEN,) * FEW, (), 0)
    assert not hasse(many, "accuracy").layout.annotations
