"""Channels and values that look alike."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.signal import lfilter

from autoequivariant.proposing.channels import one_hot_exchanges, similar_channels


def drawn(
    means: list[float], spreads: list[float], memories: list[float], seed: int = 0
) -> NDArray[np.float64]:
    """Sequences whose channels are autoregressive noise."""
    rng = np.random.default_rng(seed)
    channels = []
    for mean, spread, memory in zip(means, spreads, memories, strict=True):
        white = rng.standard_normal((200, 164))
        red = lfilter([1.0], [1.0, -memory], white, axis=1)[:, 64:] * np.sqrt(1 - memory**2)
        channels.append(mean + spread * red)
    return np.stack(channels, axis=1)


@pytest.mark.parametrize(
    ("means", "spreads", "memories", "expected"),
    [
        ([0, 0], [1, 1], [0, 0], [{0, 1}]),
        ([0, 1], [1, 1], [0, 0], []),
        ([0, 0], [1, 2], [0, 0], []),
        ([0, 0], [1, 1], [0, 0.5], []),
        ([0, 5, 0, 5, 9], [1] * 5, [0.5] * 5, [{0, 2}, {1, 3}]),
        ([3, 3, 3, 3], [1] * 4, [0.2] * 4, [{0, 1, 2, 3}]),
        ([0], [1], [0], []),
    ],
)
def test_channels_drawn_alike_are_found(
    means: list[float], spreads: list[float], memories: list[float], expected: list[set[int]]
) -> None:
    found = similar_channels(drawn(means, spreads, memories))
    assert sorted(map(sorted, found)) == sorted(map(sorted, expected))


def test_the_nearest_pair_comes_first() -> None:
    means = [0, 0.2, 0.1, 0.11]
    found = similar_channels(drawn(means, [1] * 4, [0] * 4))
    assert set(found[0][:2]) == {2, 3}


def test_constant_channels_and_too_many_are_not_alike() -> None:
    assert similar_channels(np.ones((9, 3, 20))) == ()
    assert similar_channels(np.random.default_rng(0).normal(size=(9, 65, 20))) == ()
    assert similar_channels(np.random.default_rng(0).normal(size=(99, 2, 7, 6))) == ((0, 1),)


def one_hot(transitions: NDArray[np.float64], seed: int = 0) -> NDArray[np.uint8]:
    """Sequences of a Markov chain, shape `(300, values, 100)`."""
    rng = np.random.default_rng(seed)
    limits = (transitions / transitions.sum(axis=1, keepdims=True)).cumsum(axis=1)
    codes = np.zeros((300, 150), int)
    for place in range(1, 150):
        draws = rng.random((300, 1))
        codes[:, place] = (draws > limits[codes[:, place - 1], :-1]).sum(axis=1)
    return np.eye(len(limits), dtype=np.uint8)[codes[:, 50:]].transpose(0, 2, 1)


def complementary(reverses: bool) -> NDArray[np.float64]:
    """Frequencies of pairs of bases that do not change under A/T, C/G."""
    pairs = np.random.default_rng(5).random((4, 4)) + 0.1
    image = [3, 2, 1, 0]
    moved = pairs[image][:, image]
    if reverses:  # frequencies of pairs, with equal margins as in a stationary chain
        moved = moved.T
    return np.asarray(pairs + moved)


def test_values_in_similar_surroundings_are_exchanged() -> None:
    found = one_hot_exchanges(one_hot(complementary(reverses=False)))
    assert found[0].pairs == ((0, 3), (1, 2))
    assert not found[0].reverses
    assert found[0].distance < 0.02


def test_strands_are_exchanged_with_reversal() -> None:
    forward = one_hot(np.random.default_rng(3).random((4, 4)) ** 2 + 0.05)
    both = np.concatenate([forward, forward[:, ::-1, ::-1]])
    (found,) = [one for one in one_hot_exchanges(both) if one.reverses]
    assert found.pairs == ((0, 3), (1, 2))
    assert found.distance < 1e-9 + 0.02


def test_values_in_different_surroundings_are_not() -> None:
    assert one_hot_exchanges(one_hot(np.array([[9.0, 1, 0], [0, 5, 5], [3, 0, 1]]))) == []


def test_values_that_do_not_occur_are_not_exchanged() -> None:
    x = np.zeros((50, 4, 20), np.uint8)
    x[:, 0] = 1
    assert one_hot_exchanges(x) == []
    assert one_hot_exchanges(x[:, :1]) == []
    assert one_hot_exchanges(x[:, :, :1]) == []


def test_of_many_values_two_are_exchanged() -> None:
    (kept, reverse) = one_hot_exchanges(one_hot(np.ones((8, 8))))
    assert len(kept.pairs) == len(reverse.pairs) == 1
