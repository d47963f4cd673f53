"""The verdict on a candidate: the record that every surface prints and `results.json` holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from autoequivariant.groups.custom.proposal import Origin

Answer = Literal["holds", "does not hold", "undecided"]
Use = Literal["helps", "harmless", "harms", "not tried"]
Interval = tuple[float, float]


@dataclass(frozen=True)
class Inputs:
    """The tests of the law: whether moved samples are distributed as samples are.

    Attributes:
        p_joint: p-value with labels.
        p_x: p-value of inputs alone.
        resolution: smallest share of samples in which a change would be seen; None if not even a
            change in the largest tried share would, or if a test rejects.
        unseen: names of the classes of which a change would not be seen even in all samples.
    """

    p_joint: float
    p_x: float
    resolution: float | None
    unseen: tuple[str, ...] = ()


@dataclass(frozen=True)
class Task:
    """The test of the task: whether the label depends on the orbit alone.

    Attributes:
        effect: how far labels depend on more, as a share of the mean squared residual.
        interval: its 95% interval.
        p: p-value, corrected for the number of candidates.
        overlap: how often moved samples occur: 1 if they cannot be told from samples, 0 if they
            always can.
    """

    effect: float
    interval: Interval
    p: float
    overlap: float


@dataclass(frozen=True)
class Trained:
    """The comparison of networks with and without a symmetry, on the same folds.

    Attributes:
        difference: how much lower the loss is with it (log loss, or squared error as a share of the
            variance), a mean of paired differences; above 0 is better.
        interval: of the difference; those of all candidates hold together with 95%.
        beside: names of the symmetries and augmentations that both networks have. Default: None,
            the others of the chosen network.
        together: names of the symmetries of which only the first network has any, if they are
            several, or the candidate up to another level. Default: none.
    """

    difference: float
    interval: Interval
    beside: tuple[str, ...] | None = None
    together: tuple[str, ...] = ()

    @property
    def measured(self) -> str:
        """What both networks have, in words; empty for the others of the chosen network."""
        if self.beside is None:
            return ""
        beside = f"beside {', '.join(self.beside)} alone" if self.beside else "beside nothing else"
        several = " together" if len(self.together) > 1 else ""
        together = f"for {', '.join(self.together)}{several}, " if self.together else ""
        return f"measured {together}{beside}"


@dataclass(frozen=True)
class Proposed:
    """Why a candidate that nobody listed is tried.

    Attributes:
        proposed_from: `names` if it follows from names and shapes, `data` if from the samples.
        reason: a clause without a capital or a full stop.
        saw_labels: whether labels led to it; then it is tested on other samples, and is in no
            network unless it holds.
    """

    proposed_from: Origin
    reason: str
    saw_labels: bool = False


@dataclass(frozen=True)
class Verdict:
    """What the data say of a candidate.

    Attributes:
        name: of the candidate.
        verdict: `holds`, `does not hold` or `undecided`; says nothing of networks.
        reason: one sentence without a full stop.
        inputs, task: results of the tests; None where they were not possible.
        use: whether a network with it predicts better; advice, not a test of symmetry.
        trained: the comparison behind `use`; None if it was not tried.
        proposed: why it is a candidate; None if it was listed, or is a default of the domain.
    """

    name: str
    verdict: Answer
    reason: str
    inputs: Inputs | None = None
    task: Task | None = None
    use: Use = "not tried"
    trained: Trained | None = None
    proposed: Proposed | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as plain values."""
        return asdict(self)


def holding(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Return the names of the candidates that hold."""
    return tuple(one.name for one in verdicts if one.verdict == "holds")


def refuted(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Return the names of the candidates that do not hold."""
    return tuple(one.name for one in verdicts if one.verdict == "does not hold")


def unsearched(verdicts: Sequence[Verdict]) -> tuple[str, ...]:
    """Return the names of the candidates that no network may have.

    They do not hold; or labels led to them and they are undecided, and networks would be chosen by
    the same labels again.
    """
    return tuple(
        one.name
        for one in verdicts
        if one.verdict == "does not hold"
        or (one.verdict == "undecided" and one.proposed is not None and one.proposed.saw_labels)
    )
