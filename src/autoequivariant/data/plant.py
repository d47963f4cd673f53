"""Plant symmetries: apply a random element of a known group to every sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.random_streams import Purpose, stream
from autoequivariant.data.split import DataSet, Split
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

# Random factors of an element of a noncommutative group, after one power of each generator: enough
# that no bias shows, and few enough that 70,000 images take seconds.
FACTORS = 32

# Samples at once, so that their index arrays stay in the cache.
_CHUNK = 512


@dataclass(frozen=True, eq=False)
class _Generator:
    """A generator by its binary powers: `powers[b]` is the image array of `g ** (2 ** b)`."""

    order: int
    powers: tuple[NDArray[np.int64], ...]


def plant(data: DataSet, symmetries: Sequence[Symmetry], seed: int) -> DataSet:
    """Apply an independent random element of the generated group to each sample of each split.

    An element is a word: a uniform power of each generator in turn, then, if the generators do not
    commute, `FACTORS` uniform powers of uniformly chosen generators. So elements of a commutative
    group are exactly uniform, those of others nearly so; the group is never enumerated. All
    channels of a sample move in the same way unless a symmetry moves channels; if it moves outputs,
    the class or target moves, too. The element of sample `i` of a split depends on the symmetries,
    the seed, the split and `i` alone.

    Args:
        data: the splits; uint8 stays uint8 unless a symmetry has signs, which gives float32.
        symmetries: generators of the group, in order; none leaves the data unchanged.
        seed: a whole number of 0 or more.

    Returns:
        The data set with the same name and fingerprint; labels change only with the outputs.

    Raises:
        SymmetryError: a symmetry is not defined on the domain, channels or outputs of the data.
        SettingsError: the seed is not a whole number of 0 or more.
    """
    if not symmetries:
        return data
    layout = _Layout(data, symmetries)
    actions = [layout.action(symmetry) for symmetry in symmetries]
    signed = any(action.is_signed for action in actions)
    generators = [_binary_powers(a.double_cover() if signed else a) for a in actions]
    commute = all(a @ b == b @ a for a, b in combinations(actions, 2))
    factors = 0 if commute else FACTORS

    def moved(part: Split, purpose: Purpose) -> Split:
        if not len(part):
            return part
        rng = stream(seed, purpose)
        values = _move(layout.join(part), generators, factors, signed, rng)
        return layout.separate(values, part)

    return replace(
        data,
        train=moved(data.train, Purpose.PLANT_TRAIN),
        validation=moved(data.validation, Purpose.PLANT_VALIDATION),
        test=moved(data.test, Purpose.PLANT_TEST),
        further=moved(data.further, Purpose.PLANT_FURTHER),
    )


class _Layout:
    """The values of a sample that move together: each channel, or all channels and outputs.

    If outputs move, a class is appended as its one-hot row.
    """

    def __init__(self, data: DataSet, symmetries: Sequence[Symmetry]) -> None:
        self.domain, self.channels = data.domain, data.channels
        self.classes = len(data.classes)
        outputs = self.classes or len(data.targets)
        self.outputs = outputs if any(s.output_action(outputs) for s in symmetries) else 0
        moved = (s.channel_action(data.channels) for s in symmetries)
        self.is_joint = self.outputs > 0 or any(action is not None for action in moved)

    def action(self, symmetry: Symmetry) -> Permutation:
        """Return the action of a symmetry on these values."""
        action = symmetry.action(self.domain)
        if not self.is_joint:
            return action
        channels = symmetry.channel_action(self.channels) or Permutation.identity(self.channels)
        points = Permutation.kron(channels, action)
        if not self.outputs:
            return points
        out = symmetry.output_action(self.outputs) or Permutation.identity(self.outputs)
        image = np.concatenate([points.image, points.size + out.image])
        return Permutation(image, np.concatenate([points.signs, out.signs]))

    def join(self, part: Split) -> NDArray[Any]:
        """Return values of shape `(n, blocks, values)`; an action moves the values of a block."""
        if not self.is_joint:
            return part.x.reshape(*part.x.shape[:2], -1)
        x = part.x.reshape(len(part), 1, -1)
        if not self.outputs:
            return x
        y = np.eye(self.classes, dtype=x.dtype)[part.y] if self.classes else part.y
        return np.concatenate([x, y[:, np.newaxis]], axis=2)

    def separate(self, moved: NDArray[Any], part: Split) -> Split:
        """Invert `join`."""
        if not self.outputs:
            return replace(part, x=moved.reshape(part.x.shape))
        x, y = moved[..., : -self.outputs], moved[:, 0, -self.outputs :]
        x = np.ascontiguousarray(x).reshape(part.x.shape)
        y = y.argmax(axis=1) if self.classes else np.ascontiguousarray(y)
        return replace(part, x=x, y=y)


def _binary_powers(generator: Permutation) -> _Generator:
    order = generator.order()
    powers = []
    for _ in range((order - 1).bit_length()):
        powers.append(np.asarray(generator.image))
        generator = generator @ generator
    return _Generator(order, tuple(powers))


def _move(
    x: NDArray[Any],
    generators: Sequence[_Generator],
    factors: int,
    signed: bool,
    rng: np.random.Generator,
) -> NDArray[Any]:
    flat = x.astype(np.float32, copy=False) if signed else x
    result = np.empty_like(flat)
    for start in range(0, len(flat), _CHUNK):
        rows = flat[start : start + _CHUNK]
        words = _random_words(generators, len(rows), flat.shape[2], factors, rng)
        if signed:
            # The points of the double cover: the values, then the negated values.
            rows = np.concatenate([rows, -rows], axis=2)
        # Gathering applies the inverse of the word, which has the same distribution.
        result[start : start + _CHUNK] = np.take_along_axis(rows, words[:, np.newaxis], axis=2)
    return result


def _random_words(
    generators: Sequence[_Generator],
    count: int,
    size: int,
    factors: int,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Return `count` random elements as image arrays on the first `size` points."""
    # One row of draws for each sample, so that sample i gets the same draws however many follow.
    draws = rng.random((count, len(generators) + 2 * factors))
    words = np.tile(np.arange(size), (count, 1))
    for number, generator in enumerate(generators):
        _multiply(words, np.arange(count), generator, draws[:, number])
    for first in range(len(generators), draws.shape[1], 2):
        choice = (draws[:, first] * len(generators)).astype(np.int64)
        for number, generator in enumerate(generators):
            chosen = np.flatnonzero(choice == number)
            _multiply(words, chosen, generator, draws[chosen, first + 1])
    return words


def _multiply(
    words: NDArray[np.int64],
    chosen: NDArray[np.int64],
    generator: _Generator,
    draws: NDArray[np.float64],
) -> None:
    """Multiply the chosen words, in place, by powers that `draws` in [0, 1) select uniformly."""
    power = (draws * generator.order).astype(np.int64)
    for bit, image in enumerate(generator.powers):
        rows = chosen[(power >> bit) & 1 == 1]
        words[rows] = image.take(words[rows])
