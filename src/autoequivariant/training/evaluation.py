"""What training one network came to, as a plain record."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Evaluation:
    """How one trained network did.

    Attributes:
        scores: how well it did on each sample, shape `(n,)`: whether it was right (bool), or for
            regression its score (float32, `tasks.py`).
        weights: number of trainable numbers of the network.
        seconds: its share of the time that training and scoring took, on all cores together.
        curve: accuracy on the same samples after each epoch, where that was measured.
        pruned: whether its training was given up after the last of these epochs.
    """

    scores: NDArray[Any]
    n_parameters: int
    seconds: float
    curve: tuple[float, ...] = ()
    pruned: bool = False

    @property
    def score(self) -> float:
        """Mean score: the share of correct answers, or R²."""
        return float(self.scores.mean())

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values: for each sample one bit, or four bytes for regression."""
        is_bool = self.scores.dtype == bool
        packed = np.packbits(self.scores) if is_bool else self.scores.astype("<f4")
        record: dict[str, Any] = {
            "score": self.score,
            "n_parameters": self.n_parameters,
            "seconds": self.seconds,
            "n": int(self.scores.size),
            "correct" if is_bool else "scores": base64.b64encode(packed.tobytes()).decode(),
        }
        if self.curve:
            record |= {"curve": list(self.curve), "pruned": self.pruned}
        return record

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Evaluation:
        """Read what `to_json` wrote."""
        return cls(
            _scores(record),
            int(record["n_parameters"]),
            float(record["seconds"]),
            tuple(map(float, record.get("curve", ()))),
            bool(record.get("pruned", False)),
        )


def _scores(record: dict[str, Any]) -> NDArray[Any]:
    """Read the scores; a number of samples that they do not fit is never made room for."""
    n = record["n"]
    if "scores" in record:
        found = np.frombuffer(base64.b64decode(record["scores"]), "<f4").astype(np.float32)
        if found.size != n:
            raise ValueError(f"{found.size} scores are recorded for {n} samples")
        return found
    bits = np.unpackbits(np.frombuffer(base64.b64decode(record["correct"]), np.uint8))
    if not isinstance(n, int) or not bits.size - 8 < n <= bits.size:
        raise ValueError(f"{bits.size} bits are recorded for {n} samples")
    return bits[:n].astype(bool)
