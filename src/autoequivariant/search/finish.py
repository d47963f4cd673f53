"""The end of a search: the chosen network and the plain one, trained on all but test, scored once
on test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from autoequivariant.data import Split, joined
from autoequivariant.nn import EquivariantMLP, equivariance_error
from autoequivariant.search.evidence import wilson_interval
from autoequivariant.search.problem import Problem
from autoequivariant.search.space import Child

FINAL_REPLICATE = 1_000_000
"""Apart from all replicates of the search, so that the final training is no copy of one that was
selected.
"""
_PROBED = 64


@dataclass(frozen=True)
class TestScore:
    """How one network did on test.

    Attributes:
        weights: its number of trainable numbers.
        accuracy: share of correct answers.
        interval: its 95% Wilson interval.
    """

    weights: int
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Final:
    """The chosen network, trained, and the scores.

    Attributes:
        model: the chosen network.
        scores: test scores of the chosen network, of the plain one, and of others that were asked
            for.
        equivariance: the model's largest equivariance error on validation samples in float32, and
            the symmetry it belongs to; None where it has no symmetry.
    """

    model: EquivariantMLP
    scores: dict[Child, TestScore]
    equivariance: tuple[float, str] | None


def finish(
    problem: Problem, chosen: Child, others: Sequence[Child], on_step: Callable[[int], None]
) -> Final:
    """Train `chosen`, the plain network and `others` on train and validation, and score them on
    test.

    Args:
        on_step: called with the number of training steps that children took since.
    """
    evaluator = problem.evaluator(joined(problem.data), problem.data.test)
    children = list(dict.fromkeys((chosen, problem.space.plain, *others)))
    scores: dict[Child, TestScore] = {}
    for width in dict.fromkeys(child.channels for child in children):
        alike = [child for child in children if child.channels == width]
        trained = evaluator.trained(alike, FINAL_REPLICATE, on_step)
        rows = zip(alike, evaluator.trainer.scored(trained), trained.weight_counts, strict=True)
        scores |= {child: _score(row, n) for child, row, n in rows}
        if width == chosen.channels:
            model = EquivariantMLP(
                trained.architecture,
                chosen.generators,
                evaluator.normalisation.mean,
                evaluator.normalisation.scale,
            )
            model.adopt(trained.child_weights(alike.index(chosen)))
    return Final(model, scores, _equivariance(model, chosen, problem.data.validation))


def _score(row: NDArray[np.bool_], weights: int) -> TestScore:
    hits = int(row.sum())
    return TestScore(weights, hits / row.size, wilson_interval(hits, row.size))


def _equivariance(model: EquivariantMLP, child: Child, split: Split) -> tuple[float, str] | None:
    if not child.members:
        return None
    actions = model.architecture.actions
    names = {str(actions.candidates[m]): actions.permutations[m] for m in child.members}
    x = torch.from_numpy(np.ascontiguousarray(split.x[:_PROBED])).float()
    inputs = {name: row[0] for name, row in names.items()}
    if model.architecture.final == "invariant":
        measured = equivariance_error(model, x, inputs, dtype=torch.float32)
    else:
        outputs = {name: row[-1] for name, row in names.items()}
        measured = equivariance_error(model.trunk(), x, inputs, outputs, dtype=torch.float32)
    return measured.error, measured.worst
