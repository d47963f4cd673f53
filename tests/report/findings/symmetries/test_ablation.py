"""How much the loss of the chosen network rises without each of its symmetries."""

import pytest

from autoequivariant.report.render.search_text import print_outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.results import AblationRecord

from ...outcomes import HARMLESS, HELPFUL, TOGETHER, changed, outcome, printed


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([HELPFUL], ["hflip 900 0.031 0.012 to 0.050"]),
        ([HARMLESS], ["v[/] 900 −0.001 −0.010 to 0.008"]),
        ([HELPFUL, HARMLESS, TOGETHER], ["v[/] 900 −0.001", "all of them 900 0.031 0.012 to"]),
    ],
)
def test_what_is_lost_without_each(
    problem: Problem, rows: list[AblationRecord], said: list[str]
) -> None:
    text = printed(print_outcome, changed(outcome(problem), ablation=tuple(rows)))
    assert "How much the log loss rises without each symmetry, on the same samples" in text
    for phrase in said:
        assert phrase in " ".join(text.split())
    assert max(len(line) for line in text.splitlines()) <= 80


def test_nothing_is_said_where_nothing_was_left_out(problem: Problem) -> None:
    assert "without each symmetry" not in printed(print_outcome, outcome(problem))
