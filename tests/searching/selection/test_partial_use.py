"""Whether a partial symmetry stays that does not clearly help, but does up to another level."""

from collections.abc import Callable

import pytest

from autoequivariant.evidence.intervals import Difference
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.ablation import Ablation
from autoequivariant.searching.selection.choice import Choice, Finalist
from autoequivariant.searching.selection.compared import Compared
from autoequivariant.searching.selection.evidence import Further
from autoequivariant.searching.selection.pairs import Pair
from autoequivariant.searching.selection.uses import Uses

CLEAR, AHEAD, LEVEL = Difference(0.10, 0.01), Difference(0.02, 0.01), Difference(0.0, 0.01)


@pytest.mark.parametrize(
    ("own", "other", "is_dropped"),
    [
        (CLEAR, None, False),
        (CLEAR, LEVEL, False),
        (AHEAD, None, True),
        (AHEAD, LEVEL, True),
        (AHEAD, AHEAD, True),
        (AHEAD, CLEAR, False),
        (LEVEL, CLEAR, True),
    ],
)
def test_it_stays_if_it_is_ahead_and_another_level_clearly_helps(
    own: Difference,
    other: Difference | None,
    is_dropped: bool,
    small_problem: Callable[..., Problem],
) -> None:
    names = "rot180,rot180@1,rot180@0"
    problem = small_problem(names, layers=None, channels=None, network="cnn", augmentations=())
    child, baseline = problem.space.child([1]), problem.space.baseline
    one = Finalist(child, 100, 1.0, -1.0, Difference(0.0, 0.0), 4)
    choice = Choice(one, one, (one,), 4, 100, one, one, Compared(4))
    further = Further(problem, child)
    found = {Pair((1,), child, baseline): own}
    if other is not None:
        found[further.alone(2)] = other
    trainer = None  # nothing is trained
    uses = Uses(choice, trainer, further, (Ablation((1,), baseline, 4),), found, 0.99)  # type: ignore[arg-type]
    assert (uses.to_drop() is not None) == is_dropped
    verdict = uses.verdict(1, problem.verdicts[1])
    assert (verdict.use == "helps") == (not is_dropped)
    if (own, other) == (AHEAD, CLEAR):
        assert verdict.trained is not None
        assert verdict.trained.measured == "measured for rot180@0, beside nothing else"
