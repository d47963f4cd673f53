"""Networks by name, as `results.json` has them."""

from __future__ import annotations

from typing import Any, Protocol

from autoequivariant.errors import RunError
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.results import Best, State
from autoequivariant.training.child import Child


class Selected(Protocol):
    """A network to train in full: one of the finalists, or the one that the user gave."""

    @property
    def child(self) -> Child: ...  # noqa: D102
    @property
    def n_parameters(self) -> int: ...  # noqa: D102
    @property
    def score(self) -> float | None:
        """Score on validation; None if it has none."""


def child_of(problem: Problem, state: State) -> Child:
    """Return the child that `results.json` names.

    Raises:
        RunError: a name was not searched.
    """
    first = len(problem.candidates)
    symmetries = {name: k for k, name in enumerate(problem.symmetries(range(first)))}
    augmentations = {name: first + k for k, name in enumerate(problem.family.augmentations)}
    unknown = [name for name in state.symmetries if name not in symmetries]
    unknown += [name for name in state.augmentations if name not in augmentations]
    if unknown:
        raise RunError(
            f"results.json names {unknown[0]!r}, which was not searched: give the whole folder of "
            "one run."
        )
    members = [symmetries[name] for name in state.symmetries]
    members += [augmentations[name] for name in state.augmentations]
    return problem.space.child(members, state.width)


def state_of(problem: Problem, child: Child, n_parameters: int) -> dict[str, Any]:
    """Return a child by name, as the fields of `State`."""
    return {
        "symmetries": tuple(problem.symmetries(child.members)),
        "generators": tuple(problem.symmetries(problem.space.smallest_generators(child))),
        "augmentations": tuple(problem.augmentations(child.members)),
        "width": child.width,
        "n_parameters": n_parameters,
    }


def best_of(
    problem: Problem,
    selected: Selected,
    test_score: float | None = None,
    test_interval: tuple[float, float] | None = None,
) -> Best:
    """Return the record of a network, with its test score if there is one."""
    return Best(
        **state_of(problem, selected.child, selected.n_parameters),
        validation_score=selected.score,
        test_score=test_score,
        test_interval=test_interval,
    )
