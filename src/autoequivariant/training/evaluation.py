"""The scores of one trained network, and their JSON form."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from autoequivariant.jsonio import to_type
from autoequivariant.training.child import Key

HIGHEST_SCORE = 1.0
"""Every sample right, or R² without any error."""


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
        losses: clipped log loss of each sample, shape `(n,)`, float16 (`tasks.Classification`);
            None in regression, whose scores tell the losses, and where they were not measured.
    """

    scores: NDArray[Any]
    n_parameters: int
    seconds: float
    curve: tuple[float, ...] = ()
    pruned: bool = False
    losses: NDArray[np.float16] | None = None

    @property
    def sample_losses(self) -> NDArray[np.float64]:
        """Loss of each sample, shape `(n,)`: log loss, or squared error as a share of the variance.

        Where log losses were not measured, 1 for a wrong class and 0 for the right one.
        """
        if self.losses is None:
            return 1 - self.scores.astype(np.float64)
        return self.losses.astype(np.float64)

    @property
    def score(self) -> float:
        """Mean score: accuracy or R²."""
        return float(self.scores.mean())

    def to_json(self) -> dict[str, Any]:
        """Return plain values: one bit for each sample, or four bytes in regression, and two for
        each loss.
        """
        is_bool = self.scores.dtype == bool
        packed = np.packbits(self.scores) if is_bool else self.scores.astype("<f4")
        record: dict[str, Any] = {
            "score": self.score,
            "n_parameters": self.n_parameters,
            "seconds": self.seconds,
            "n": int(self.scores.size),
            "correct" if is_bool else "scores": base64.b64encode(packed.tobytes()).decode(),
        }
        if self.losses is not None:
            record["losses"] = base64.b64encode(self.losses.astype("<f2").tobytes()).decode()
        if self.curve:
            record |= {"curve": list(self.curve), "pruned": self.pruned}
        return record

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> Evaluation:
        """Read what `to_json` wrote, which is not trusted.

        Raises:
            ModelError, ValueError: a field is missing, of another type or out of range, or
                contradicts another.
        """
        read = to_type(record, _Record, "an evaluation")
        scores = _scores(read)
        lowest = 0.0 if scores.dtype == bool else -math.inf
        wrong = [s for s in (read.score, *read.curve) if s > HIGHEST_SCORE or s < lowest]
        if wrong or (scores > HIGHEST_SCORE).any():
            raise ValueError(f"the scores of an evaluation are from {lowest:g} to 1")
        if read.pruned and not read.curve:
            raise ValueError("an evaluation was pruned before its first epoch")
        if not math.isfinite(read.seconds):
            raise ValueError("the seconds of an evaluation are not finite")
        losses = None if read.losses is None else _losses(read.losses, scores)
        evaluation = cls(scores, read.n_parameters, read.seconds, read.curve, read.pruned, losses)
        if not np.isclose(evaluation.score, read.score, rtol=1e-4, atol=1e-6, equal_nan=True):
            raise ValueError(f"scores of mean {evaluation.score:g} are recorded as {read.score:g}")
        return evaluation


def keyed_record(key: Key, evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation and the child that it belongs to as plain values."""
    return {"state": list(key[0]), "width": key[1], **evaluation.to_json()}


def read_keyed(record: Any) -> tuple[Key, Evaluation]:
    """Read what `keyed_record` returned; errors are as in `Evaluation.from_json`."""
    place = to_type(record, _Place, "an evaluation")
    return (place.state, place.width), Evaluation.from_json(record)


@dataclass(frozen=True)
class _Place:
    state: tuple[Annotated[int, Meta(ge=0, le=2**20)], ...]
    width: Annotated[int, Meta(ge=1, le=2**53)]


@dataclass(frozen=True)
class _Record:
    score: float
    n_parameters: Annotated[int, Meta(ge=0, le=2**53)]
    seconds: Annotated[float, Meta(ge=0)]
    n: Annotated[int, Meta(ge=1, le=2**62)]
    correct: str | None = None
    scores: str | None = None
    losses: str | None = None
    curve: tuple[float, ...] = ()
    pruned: bool = False


def _scores(record: _Record) -> NDArray[Any]:
    """Return the scores; a wrong number of samples is refused before memory is allocated for it."""
    if record.scores is not None:
        scores = np.frombuffer(_bytes(record.scores), "<f4").astype(np.float32)
        if scores.size != record.n:
            raise ValueError(f"{scores.size} scores are recorded for {record.n} samples")
        return scores
    bits = np.unpackbits(np.frombuffer(_bytes(record.correct or ""), np.uint8))
    if not bits.size - 8 < record.n <= bits.size:
        raise ValueError(f"{bits.size} bits are recorded for {record.n} samples")
    return bits[: record.n].astype(bool)


def _losses(text: str, scores: NDArray[Any]) -> NDArray[np.float16]:
    losses = np.frombuffer(_bytes(text), "<f2").astype(np.float16)
    if scores.dtype != bool:
        raise ValueError("scores of numbers have no losses beside them")
    if losses.size != scores.size:
        raise ValueError(f"{losses.size} losses are recorded for {scores.size} samples")
    if not (losses >= 0).all() or not np.isfinite(losses).all():
        raise ValueError("losses are not finite numbers of 0 or more")
    return losses


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
