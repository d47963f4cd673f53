"""The end of a search: the chosen network and the plain one, trained on all but test, scored once
on test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from autoequivariant.data import Split, joined
from autoequivariant.groups import Network
from autoequivariant.nn import EquivariantMLP, equivariance_error
from autoequivariant.search.evidence import wilson_interval
from autoequivariant.search.problem import Problem

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
    """The chosen network, trained, and both scores.

    Attributes:
        model: the chosen network.
        chosen, baseline: test scores; the same where the plain network was chosen.
        equivariance: the model's largest equivariance error on validation samples in float32, and
            the symmetry it belongs to; None where it has no symmetry.
    """

    model: EquivariantMLP
    chosen: TestScore
    baseline: TestScore
    equivariance: tuple[float, str] | None


def finish(problem: Problem, network: Network, on_step: Callable[[], None]) -> Final:
    """Train `network` and the plain one on train and validation, and score both on test."""
    evaluator = problem.evaluator(joined(problem.data), problem.data.test)
    networks = list(dict.fromkeys((network, problem.plain)))
    trained = evaluator.fit(networks, FINAL_REPLICATE, on_step)
    found = evaluator.score(trained)
    scores = [_score(row, n) for row, n in zip(found, trained.weight_counts, strict=True)]
    model = EquivariantMLP(
        problem.architecture,
        network.generators,
        evaluator.normalisation.mean,
        evaluator.normalisation.scale,
    )
    model.adopt(trained.child_weights(0))
    return Final(
        model, scores[0], scores[-1], _equivariance(model, network, problem.data.validation)
    )


def _score(row: NDArray[np.bool_], weights: int) -> TestScore:
    hits = int(row.sum())
    return TestScore(weights, hits / row.size, wilson_interval(hits, row.size))


def _equivariance(
    model: EquivariantMLP, network: Network, split: Split
) -> tuple[float, str] | None:
    if not network.members:
        return None
    actions = model.architecture.actions
    names = {str(actions.candidates[m]): actions.permutations[m] for m in network.members}
    x = torch.from_numpy(np.ascontiguousarray(split.x[:_PROBED])).float()
    inputs = {name: row[0] for name, row in names.items()}
    if model.architecture.final == "invariant":
        measured = equivariance_error(model, x, inputs, dtype=torch.float32)
    else:
        outputs = {name: row[-1] for name, row in names.items()}
        measured = equivariance_error(model.trunk(), x, inputs, outputs, dtype=torch.float32)
    return measured.error, measured.worst
