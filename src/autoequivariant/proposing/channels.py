"""Channels that look alike, and values of one-hot channels in similar surroundings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from autoequivariant.proposing.periods import MOST_ENTRIES
from autoequivariant.proposing.similar_columns import FARTHEST, MOST_RATIO

MOST_CHANNELS = 64
"""With more channels nothing is proposed."""
MOST_VALUES = 6
"""With more one-hot channels only exchanges of two are compared, not of several pairs."""
MOST_CORRELATION = 0.1
"""Largest difference between the autocorrelations of similar channels, at any lag compared."""
MOST_DISTANCE = 0.05
"""Largest share of pairs of neighbours that an exchange of one-hot channels changes."""
NEARLY_EQUAL = 0.01
"""Difference between the shares of exchanges that are as good as each other."""
_LAGS = (1, 2, 4, 8, 16)

Pairs = tuple[tuple[int, int], ...]
"""Channels to be exchanged."""


@dataclass(frozen=True)
class Exchange:
    """An exchange of one-hot channels.

    Attributes:
        pairs: of channels.
        reverses: whether the order of positions is reversed as well.
        distance: share of pairs of neighbours that it changes, in total variation.
    """

    pairs: Pairs
    reverses: bool
    distance: float


def similar_channels(x: NDArray[Any]) -> tuple[tuple[int, ...], ...]:
    """Return groups of two or more channels with similar distributions, the most similar first.

    Means differ by at most a quarter of a standard deviation, standard deviations by at most a
    quarter of the smaller, and autocorrelations along the last axis by at most 0.1. Within a group,
    the two most similar channels come first.

    Args:
        x: samples, shape `(n, channels, ...)`.
    """
    values = _some(x)
    if not 2 <= values.shape[1] <= MOST_CHANNELS:
        return ()
    flat = np.moveaxis(values, 1, 0).reshape(values.shape[1], -1)
    means, spreads = flat.mean(axis=1), flat.std(axis=1)
    correlations = _correlations(values, x.shape[-1])
    distances = np.full((len(flat), len(flat)), np.inf)
    for one, other in combinations(range(len(flat)), 2):
        if not spreads[one] or not spreads[other]:
            continue
        each = (
            abs(means[one] - means[other]) / min(spreads[one], spreads[other]) / FARTHEST,
            abs(np.log(spreads[one] / spreads[other])) / np.log(MOST_RATIO),
            np.abs(correlations[one] - correlations[other]).max(initial=0) / MOST_CORRELATION,
        )
        distances[one, other] = distances[other, one] = max(each)
    found: list[tuple[int, ...]] = []
    left = np.ones(len(flat), bool)
    while True:
        among = np.where(left[:, None] & left, distances, np.inf)
        first, second = np.unravel_index(int(among.argmin()), among.shape)
        if among[first, second] > 1:
            return tuple(found)
        group = [int(first), int(second)]
        for channel in np.flatnonzero(left).tolist():
            if channel not in group and among[channel, group].max() <= 1:
                group.append(channel)
        left[group] = False
        found.append(tuple(group))


def one_hot_exchanges(x: NDArray[Any]) -> list[Exchange]:
    """Return exchanges of one-hot channels that occur in similar surroundings, the best first.

    An exchange keeps the frequencies of all pairs of neighbours, or if it reverses the order, those
    of the pairs in reverse; at most 5% of pairs may change. The best exchange with reversal and the
    best without are returned; of nearly equal ones, that which moves most.

    Args:
        x: one-hot sequences, shape `(n, channels, length)`.
    """
    values = _some(x)
    count = values.shape[1]
    if not 2 <= count <= MOST_CHANNELS or values.shape[2] < 2:
        return []
    neighbours = np.einsum("nap,nbp->ab", values[:, :, :-1], values[:, :, 1:])
    neighbours /= neighbours.sum()
    occurring = np.flatnonzero(values.sum(axis=(0, 2))).tolist()
    found = []
    for reverses in (False, True):
        exchanges = []
        for pairs in _pairs_of(occurring, most=count if count <= MOST_VALUES else 2):
            image = np.arange(count)
            for one, other in pairs:
                image[[one, other]] = other, one
            moved = neighbours[image][:, image]
            distance = np.abs((moved.T if reverses else moved) - neighbours).sum() / 2
            exchanges.append(Exchange(pairs, reverses, float(distance)))
        least = min((one.distance for one in exchanges), default=np.inf)
        near = [one for one in exchanges if one.distance <= least + NEARLY_EQUAL]
        if least <= MOST_DISTANCE:
            found.append(min(near, key=lambda one: (-len(one.pairs), one.distance)))
    return sorted(found, key=lambda one: one.distance)


def _some(x: NDArray[Any]) -> NDArray[np.float64]:
    """Some samples, evenly spaced, shape `(n, channels, places)` with the last axis innermost."""
    step = -(-x.size // MOST_ENTRIES)
    some = x[::step].astype(np.float64)
    return some.reshape(*some.shape[:2], -1)


def _correlations(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """The autocorrelation of each channel along the last axis, shape `(channels, lags)`."""
    lines = values.reshape(*values.shape[:2], -1, length)
    centred = lines - lines.mean(axis=(0, 2, 3), keepdims=True)
    power = np.maximum((centred**2).mean(axis=(0, 2, 3)), np.finfo(np.float64).tiny)
    lags = [lag for lag in _LAGS if 2 * lag <= length]
    found = [
        (centred[..., lag:] * centred[..., :-lag]).mean(axis=(0, 2, 3)) / power for lag in lags
    ]
    return np.stack(found, axis=1) if found else np.zeros((values.shape[1], 0))


def _pairs_of(channels: list[int], most: int) -> Iterator[Pairs]:
    """All sets of one or more disjoint pairs of at most so many channels together."""
    if most < 2:
        return
    for place, one in enumerate(channels):
        for other in channels[place + 1 :]:
            yield ((one, other),)
            rest = [channel for channel in channels[place + 1 :] if channel != other]
            yield from (((one, other), *more) for more in _pairs_of(rest, most - 2))
