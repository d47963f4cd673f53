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
        correct: which samples it classified correctly, bool, shape `(n,)`.
        weights: number of trainable numbers of the network.
        seconds: its share of the time that training and scoring took, on all cores together.
        curve: accuracy on the same samples after each epoch, where that was measured.
        pruned: whether its training was given up after the last of these epochs.
    """

    correct: NDArray[np.bool_]
    weights: int
    seconds: float
    curve: tuple[float, ...] = ()
    pruned: bool = False

    @property
    def accuracy(self) -> float:
        """Share of correct answers."""
        return float(self.correct.mean())

    def to_json(self) -> dict[str, Any]:
        """Return it as plain values, one bit a sample."""
        bits = base64.b64encode(np.packbits(self.correct).tobytes()).decode()
        record: dict[str, Any] = {
            "accuracy": self.accuracy,
            "weights": self.weights,
            "seconds": self.seconds,
            "n": int(self.correct.size),
            "correct": bits,
        }
        if self.curve:
            record |= {"curve": list(self.curve), "pruned": self.pruned}
        return record

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Evaluation:
        """Read what `to_json` wrote."""
        bits = np.frombuffer(base64.b64decode(record["correct"]), np.uint8)
        found = np.unpackbits(bits, count=record["n"]).astype(bool)
        return cls(
            found,
            int(record["weights"]),
            float(record["seconds"]),
            tuple(map(float, record.get("curve", ()))),
            bool(record.get("pruned", False)),
        )
