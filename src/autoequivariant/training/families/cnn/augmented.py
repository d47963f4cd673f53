"""The samples of the steps of a training, augmented."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

import torch
from torch import Tensor

from autoequivariant.nn.cnn.augmentation import Augmentation, Drawn

_STEPS, _VALUES = 16, 2**22
"""On a GPU, at most so many steps are augmented at a time, and so many values of their samples."""


class AugmentedSamples:
    """Returns the samples of one step after another.

    On a GPU those of several steps are transformed together: the operations are the same for any
    number of images, and launching them takes longer than a step. Random numbers are drawn step by
    step, so they do not depend on that.

    Args:
        augment: the transformations.
        x: all samples, shape `(n, channels, ...)`.
        batches: the indices of the samples of each step, in the order of the calls.
        generator: of the random numbers.
    """

    def __init__(
        self,
        augment: Augmentation,
        x: Tensor,
        batches: Iterator[Tensor],
        generator: torch.Generator,
    ) -> None:
        self._augment, self._x = augment, x
        self._batches, self._generator = batches, generator
        self._ready: deque[Tensor] = deque()

    def following(self) -> Tensor:
        """Return the samples of the next step."""
        if not self._ready:
            first = next(self._batches)
            values = len(first) * self._x[0].numel()
            steps = min(_STEPS, max(1, _VALUES // values)) if self._x.is_cuda else 1
            batches = [first, *islice(self._batches, steps - 1)]
            self._ready.extend(self._augmented(batches))
        return self._ready.popleft()

    def skip(self) -> None:
        """Draw the random numbers of the next step, which comes before the first samples."""
        self._draw(next(self._batches))

    def _augmented(self, batches: Sequence[Tensor]) -> Sequence[Tensor]:
        drawn = Drawn.together(list(map(self._draw, batches)))
        samples = self._augment.apply(self._x[torch.cat(list(batches))], drawn)
        parts: Sequence[Tensor] = samples.split([len(batch) for batch in batches])
        return parts

    def _draw(self, batch: Tensor) -> Drawn:
        height, width = self._x.shape[-2:]
        return self._augment.draw(len(batch), height, width, self._generator)
