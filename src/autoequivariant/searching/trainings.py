"""How networks are trained, in a search and when they are handed over."""

from __future__ import annotations

import math
from dataclasses import replace

from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.families.family import Family
from autoequivariant.training.families.registry import KINDS
from autoequivariant.training.loop import Training

FEWEST_EPOCHS, MOST_EPOCHS = 4, 200
"""Range of the default number of epochs, which makes up `NetworkKind.steps` training steps."""


def training_of(settings: SearchSettings, family: Family, train_size: int) -> Training:
    """Return how networks of a family are trained on `train_size` samples."""
    kind = KINDS[family.kind]
    training = family.proxy(kind.training, train_size)
    is_fixed = training.is_proxy or settings.preset == "paper"
    if is_fixed or settings.epochs is not None:
        return _with_epochs(training, settings)
    steps_per_epoch = math.ceil(train_size / training.batch_size)
    epochs = math.ceil(kind.steps / steps_per_epoch)
    return replace(training, epochs=min(MOST_EPOCHS, max(FEWEST_EPOCHS, epochs)))


def full_training_of(
    settings: SearchSettings, family: Family, training: Training, n_samples: int
) -> Training:
    """Return how the network that is handed over is trained.

    Args:
        settings: options of the search.
        family: of the networks.
        training: in the search.
        n_samples: number of training samples.
    """
    if settings.fits == "none":
        return replace(training, is_proxy=False)
    return _with_epochs(family.full(training, n_samples), settings)


def _with_epochs(training: Training, settings: SearchSettings) -> Training:
    return training if settings.epochs is None else training.of_length(settings.epochs)
