"""DNA that does or does not hold a short motif, on both strands or on one.

Each sample is one strand, read from its 5' end; the other strand holds its reverse complement.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.arrays import Arrays

BASES = "ACGT"
"""In this order of channels the reverse complement reverses positions and channels alike."""

MOTIF = "GATTACA"
LENGTH = 40
SAMPLES = 4000
REACH = 4
"""The motif starts at most so many bases from where it would be in the middle of the strand."""


def make_motif() -> Arrays:
    """Return 4,000 strands of 40 bases, one-hot, shape `(n, 40, 4)`, half of them with the motif.

    `present` is a strand that holds the motif or its reverse complement (half of them each), near
    the middle; `absent` is one that holds neither anywhere.
    """
    strands, kinds = _strands(shares=(2, 1, 1))
    return Arrays(_one_hot(strands), np.where(kinds > 0, "present", "absent"))


def make_motif_one_strand() -> Arrays:
    """Return strands as in `make_motif`, labelled by the motif itself alone.

    Half of the strands hold the motif (`present`), a quarter its reverse complement and a quarter
    neither (`absent`).
    """
    strands, kinds = _strands(shares=(1, 2, 1))
    return Arrays(_one_hot(strands), np.where(kinds == 1, "present", "absent"))


def reverse_complement(strands: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the other strand; bases are numbered as in `BASES`, shape `(..., length)`."""
    return np.asarray(len(BASES) - 1 - strands[..., ::-1])


def holds(strands: NDArray[np.int64], word: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return which strands, shape `(n, length)`, contain a word."""
    windows = np.lib.stride_tricks.sliding_window_view(strands, len(word), axis=1)
    return np.asarray((windows == word).all(axis=2).any(axis=1))


def word(text: str) -> NDArray[np.int64]:
    """Return a text of bases as numbers."""
    return np.array([BASES.index(base) for base in text], np.int64)


def _strands(shares: tuple[int, int, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return strands, and for each whether it holds neither word (0), the motif (1) or its reverse
    complement (2), in these shares, in random order.
    """
    rng = np.random.default_rng(0)
    words = (None, word(MOTIF), reverse_complement(word(MOTIF)))
    kinds = rng.permutation(np.resize(np.repeat(np.arange(3), shares), SAMPLES))
    strands = np.empty((SAMPLES, LENGTH), np.int64)
    middle = (LENGTH - len(MOTIF)) // 2
    for kind, planted in enumerate(words):
        todo = np.flatnonzero(kinds == kind)
        while len(todo):
            drawn = rng.integers(0, len(BASES), (len(todo), LENGTH))
            if planted is not None:
                # The remaining length is odd, so one more place on the right treats both strands
                # the same.
                first = middle + rng.integers(-REACH, REACH + 2, len(todo))
                drawn[np.arange(len(todo))[:, None], first[:, None] + np.arange(len(planted))] = (
                    planted
                )
            strands[todo] = drawn
            others = [other for k, other in enumerate(words) if other is not None and k != kind]
            wrong = np.logical_or.reduce([holds(drawn, other) for other in others])
            todo = todo[wrong]
    return strands, kinds


def _one_hot(strands: NDArray[np.int64]) -> NDArray[np.float32]:
    return np.eye(len(BASES), dtype=np.float32)[strands]
