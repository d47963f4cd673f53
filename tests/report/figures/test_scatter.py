"""Each network is one point of one kind, and the front goes from few to many parameters."""

import pytest

from autoequivariant.report.figures.scatter import scatter

from ..rows import ROWS, row


def test_each_network_once_and_the_front_in_order() -> None:
    traces = {trace.name: trace for trace in scatter(ROWS, "accuracy").data}
    places = {name: trace.x for name, trace in traces.items()}
    assert places == {
        "Pareto front": (200, 400),
        "trained": (300,),
        "pruned": (250,),
        "baseline": (400,),
        "chosen": (200,),
    }
    assert traces["Pareto front"].y == (0.8, 0.7)


@pytest.mark.parametrize(("most", "kind"), [(800, None), (801, "log")])
def test_a_wide_axis_is_logarithmic(most: int, kind: str | None) -> None:
    found = scatter([row(1, 0.5, 100), row(2, 0.6, most)], "accuracy")
    assert found.layout.xaxis.type == kind
