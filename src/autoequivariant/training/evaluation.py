"""The scores of one trained network, and their JSON form."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Evaluation:
    """The scores of one trained network.

    Attributes:
        scores: score of each sample, shape `(n,)`: whether the class is right (bool), or the score
            of regression (float32, see `tasks.Regression`).
        n_parameters: number of trainable parameters.
        seconds: its share of the time for training and scoring, summed over all cores.
        curve: mean score after each epoch; empty if it was not measured.
        pruned: whether training was stopped early, after the last epoch of the curve.
    """

    scores: NDArray[Any]
    n_parameters: int
    seconds: float
    curve: tuple[float, ...] = ()
    pruned: bool = False

    @property
    def score(self) -> float:
        """Mean score: accuracy or R²."""
        return float(self.scores.mean())

    def to_json(self) -> dict[str, Any]:
        """Return plain values: one bit for each sample, or four bytes in regression."""
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
    """Return the scores; a wrong number of samples is refused before memory is allocated for it."""
    n = record["n"]
    if "scores" in record:
        scores = np.frombuffer(base64.b64decode(record["scores"]), "<f4").astype(np.float32)
        if scores.size != n:
            raise ValueError(f"{scores.size} scores are recorded for {n} samples")
        return scores
    bits = np.unpackbits(np.frombuffer(base64.b64decode(record["correct"]), np.uint8))
    if not isinstance(n, int) or not bits.size - 8 < n <= bits.size:
        raise ValueError(f"{bits.size} bits are recorded for {n} samples")
    return bits[:n].astype(bool)
