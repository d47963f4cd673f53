"""Three ways to give a model the symmetries of a group: `f(g.x) = g.f(x)` for every element `g`."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError
from autoequivariant.nn.symmetrize.orbit import Orbit
from autoequivariant.nn.symmetrize.outputs import outputs_of
from autoequivariant.nn.symmetrize.representatives import Sorting, to_representative


class Average(nn.Module):
    """The mean of the outputs for all moved copies, each moved back: `mean_g g^-1.m(g.x)`.

    Equi-tuning of Basu et al. 2023, https://arxiv.org/abs/2210.06475, the Reynolds operator of
    invariant theory. Over a part of the group it is equivariant up to an error.
    """

    def forward(self, module: nn.Module, orbit: Orbit, x: Tensor) -> Tensor:
        """Map samples, `(n, *shape)`, to outputs, `(n, ...)`."""
        return _weighted_sum(module, orbit, x, None) / len(orbit)


class Weighted(nn.Module):
    """The mean with weights that a network gives to the moved copies.

    Lambda-equitune of Basu et al. 2023, https://arxiv.org/abs/2305.09900, with a softmax over the
    orbit: the weights of `g.x` and of `x` are the same, in another order, so that the mean is
    equivariant whatever the weights are.

    Args:
        weights: maps samples to `(n, 1)`.
    """

    def __init__(self, weights: nn.Module) -> None:
        super().__init__()
        self.weights = weights

    def forward(self, module: nn.Module, orbit: Orbit, x: Tensor) -> Tensor:
        """Map samples, `(n, *shape)`, to outputs, `(n, ...)`."""
        parts = orbit.parts(x, self.training)
        logits = [_outputs_for(self.weights, orbit, x, part) for part in parts]
        every = torch.cat(logits, dim=1).flatten(1)
        if every.shape[1] != len(orbit):
            raise SettingsError("weights must map samples, shape (n, ...), to (n, 1).")
        return _weighted_sum(module, orbit, x, every.softmax(1))


class Canonical(nn.Module):
    """The outputs for a representative of the sample's orbit, moved back.

    Canonicalisation of Kaba et al. 2023, https://arxiv.org/abs/2211.06489. Several elements take a
    sample with symmetries of its own to its representative: what they move back is averaged, as the
    output of one alone would be equivariant only up to these symmetries.
    """

    def forward(self, module: nn.Module, orbit: Orbit | Sorting, x: Tensor) -> Tensor:
        """Map samples, `(n, *shape)`, to outputs, `(n, ...)`."""
        if isinstance(orbit, Sorting):
            return outputs_of(module, orbit(x))
        reaches = to_representative(orbit, x)
        y = outputs_of(module, orbit.moved_by(x, reaches.int().argmax(1)))
        if not orbit.moves_outputs:
            return y
        weights = reaches.to(y.dtype) / reaches.sum(1, keepdim=True)
        flat = _flat(y, 1)[:, None]
        total = torch.zeros_like(flat[:, 0])
        for part in orbit.parts(y, False):
            back = orbit.moved_back(flat, part)
            own = weights[:, part, None]
            total = total + torch.where(own > 0, own * back, 0).sum(1)
        return total.view_as(y)


def _weighted_sum(module: nn.Module, orbit: Orbit, x: Tensor, weights: Tensor | None) -> Tensor:
    """Return the sum of the outputs for all moved copies, moved back and weighted.

    In training, all copies go through the module at once, so that the statistics of its batch
    normalisation are those of whole orbits.
    """
    sums, shape = [], torch.Size()
    for part in orbit.parts(x, module.training):
        y = _outputs_for(module, orbit, x, part)
        shape = y.shape[2:]
        back = orbit.moved_back(_flat(y, 2), part)
        if weights is not None:
            back = back * weights[:, part, None].to(back.dtype)
        sums.append(back.sum(1))
    return torch.stack(sums).sum(0).reshape(x.shape[0], *shape)


def _outputs_for(module: nn.Module, orbit: Orbit, x: Tensor, part: slice) -> Tensor:
    """Return the outputs for moved copies, shape `(n, elements, ...)`."""
    copies = orbit.moved(x, part)
    y = outputs_of(module, copies.flatten(0, 1).unflatten(1, orbit.shape))
    by_copy: Tensor = y.unflatten(0, copies.shape[:2])
    return by_copy


def _flat(y: Tensor, axis: int) -> Tensor:
    """Return outputs with all axes from this one on as a single one, also if there is none."""
    return y.flatten(axis) if y.ndim > axis else y.unsqueeze(axis)
