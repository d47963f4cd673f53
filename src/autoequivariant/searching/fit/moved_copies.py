"""The group of a network outside of it: moved training samples, and predictions for an orbit."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from autoequivariant.data.plant import plant
from autoequivariant.data.split import DataSet, Split
from autoequivariant.groups.element import Element
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.training.tasks import Task

MOST_ELEMENTS = 64
"""Elements that a prediction is averaged over, at most."""
_BATCH_SIZE = 500


def moved_copies(
    data: DataSet,
    fit: Split,
    symmetries: Sequence[Symmetry],
    copies: int,
    batch_size: int,
    seed: int,
) -> Split:
    """Return training samples, each several times and each time moved by a random element.

    One epoch on them has as many steps as `copies` epochs on the samples: where the last batch of
    an epoch is not full, a few more moved samples fill it.

    Args:
        data: says what the symmetries act on.
        fit: the training samples.
        symmetries: generators of the group; labels move as they say.
        copies: how often each sample occurs.
        batch_size: of the training.
        seed: of all random draws.
    """
    rng = np.random.default_rng(seed)
    count = copies * math.ceil(len(fit) / batch_size) * batch_size
    passes = math.ceil(count / len(fit))
    rows = np.concatenate([rng.permutation(len(fit)) for _ in range(passes)])[:count]
    one = fit.rows(rows[:1])  # `plant` moves all parts, and needs a sample in each
    repeated = replace(data, train=fit.rows(rows), validation=one, test=one)
    return plant(repeated, symmetries, seed).train


def copies_within(epochs: int, values: int, memory: int) -> int:
    """Return how many moved copies of each sample to hold at once.

    All that the epochs need, or fewer that divide the epochs, as far as memory allows; if only a
    few do, as many as memory allows, and a few more steps are taken.

    Args:
        epochs: of the training.
        values: number of values of all training samples.
        memory: bytes that the copies may take, 8 for each value.
    """
    most = max(1, memory // (8 * max(1, values)))
    if most >= epochs:
        return epochs
    divisor = max(k for k in range(1, most + 1) if epochs % k == 0)
    return divisor if 2 * divisor > most else most


@torch.no_grad()
def averaged_scores(
    model: Callable[[torch.Tensor], torch.Tensor],
    samples: Split,
    elements: Sequence[Element],
    task: Task,
    on_element: Callable[[], None] = lambda: None,
) -> NDArray[np.generic]:
    """Return the scores of a network that is averaged over a group when it predicts.

    A sample is moved by each element, its outputs (probabilities of classes, or targets) are moved
    back, and averaged.

    Args:
        model: takes samples as they are in the data set.
        samples: to score.
        elements: of the group.
        task: has the score.
        on_element: called before each element; what it raises ends the prediction.
    """
    values = samples.x.reshape(len(samples), -1).astype(np.float32)
    total = np.zeros(0)
    for element in elements:
        on_element()
        moved = torch.from_numpy(element.points.apply(values).reshape(samples.x.shape))
        outputs = torch.cat([model(part) for part in moved.split(_BATCH_SIZE)]).double().cpu()
        if task.name == "classification":
            outputs = outputs.softmax(dim=1)
        back = element.inverse().apply_to_outputs(outputs.numpy())
        total = back if not total.size else total + back
    mean = torch.from_numpy(total / len(elements))[None]
    targets = torch.from_numpy(samples.y)
    scores = task.scorer(targets)(mean, targets)[0]
    return np.asarray((scores.float() if scores.is_floating_point() else scores).numpy())
