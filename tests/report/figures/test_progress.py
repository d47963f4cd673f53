"""The course of a search: networks by kind, and the best so far."""

import pytest

from autoequivariant.report.figures.progress import course

from ..rows import ROWS, row


def test_networks_by_kind_and_the_best_so_far() -> None:
    traces = {trace.name: trace for trace in course(ROWS, "accuracy").data}
    assert {name: trace.x for name, trace in traces.items()} == {
        "best so far": (1, 2, 3, 4),
        "baseline": (1,),
        "one generator": (2,),
        "several generators": (3,),
        "pruned": (4,),
        "chosen": (2,),
    }
    assert traces["best so far"].y == (0.7, 0.8, 0.8, 0.8)


@pytest.mark.parametrize(("count", "step", "most"), [(8, 1, None), (9, None, 8)])
def test_ticks_are_whole_numbers(count: int, step: int | None, most: int | None) -> None:
    found = course([row(k, 0.5) for k in range(1, count + 1)], "accuracy").layout.xaxis
    assert (found.dtick, found.nticks) == (step, most)


def test_before_the_first_whole_network_there_is_no_best() -> None:
    found = course([row(1, 0.5, best=None, epochs=2)], "accuracy")
    assert [trace.name for trace in found.data] == ["pruned"]
