"""How the MLP that is handed over is trained.

In a search, Adam with a constant rate ranks networks after few steps, as in arXiv 2104.04848; what
is handed over is regularised. Chosen on data that the results do not report: Friedman's first
function with 400 and 2,000 samples, a linear function with noise, signs of a nonlinear function,
boards drawn at random, scikit-learn's digits and breast cancers, and of river's data sets the
image segments and the bananas. Numbers need more decay than classes: a linear function with noise
is overfitted with a third of it, and boards are underfitted with three times as much.

Weights decay by about as much in a long training as in a short one. With as much in each step, a
long training of many samples underfits: that was seen on king and rook against king first, which
`docs/command_line.md` reports, and then on drawn pieces.
"""

from __future__ import annotations

import math
from dataclasses import replace

from autoequivariant.training.loop import Training
from autoequivariant.training.tasks import Task
from autoequivariant.training.variant import LESS_DECAY, TWICE_AS_WIDE

LEARNING_RATE = 1e-2
WARM_UP = 0.3
SMOOTHING = 0.1
OUTPUT_SCALE = 0.1
"""Outputs that start as large as the targets vary have to be unlearned, and are not where there are
few samples.
"""
DECAY = {"classification": 4.0, "regression": 12.0}
"""Decay at the largest rate, summed over all steps."""

LARGER_BATCHES = ((30_000, 4), (10_000, 2))
"""From so many samples on, a batch is so many times as large: an epoch then takes less than half,
or three quarters, of the time, and teaches about as much. Chosen on 40,000 boards of 6x6 drawn at
random.
"""
PAIRS_EPOCHS = 4
"""Trainings of pairs are so many times as long. Chosen with `nn/mlp/knots.MOST_SEGMENTS`."""
SHARING = TWICE_AS_WIDE + LESS_DECAY
"""Of networks that share weights, as they have fewer of them. Chosen on the largest of 20 columns,
the median of 12 and the spread of 8 in any order, and products of neighbours on a ring of 16, with
2,000 samples each.
"""


def recipe(training: Training, task: Task, n_samples: int) -> Training:
    """Return a training of as many epochs, by the recipe for a task and a number of samples."""
    factor = next((factor for least, factor in LARGER_BATCHES if n_samples >= least), 1)
    batch_size = factor * training.batch_size
    steps = training.epochs * math.ceil(n_samples / batch_size)
    return replace(
        training,
        batch_size=batch_size,
        learning_rate=LEARNING_RATE,
        weight_decay=DECAY[task.name] / (LEARNING_RATE * steps),
        warm_up=WARM_UP,
        smoothing=SMOOTHING,
        output_scale=OUTPUT_SCALE,
    )
