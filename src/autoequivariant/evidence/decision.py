"""From the tests of a candidate to its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autoequivariant.evidence.law import Law
from autoequivariant.evidence.multiplicity import holm
from autoequivariant.evidence.task import MARGIN, TaskTest
from autoequivariant.evidence.verdict import Answer, Inputs, Task, Verdict

COARSEST_RESOLUTION = 0.4
"""`holds` needs tests that would see a change in this share of the samples."""
ERROR_RATE = 0.05
"""Familywise, of false `holds` and of false `does not hold`, each."""


@dataclass(frozen=True)
class Tested:
    """The tests of a candidate; None where they are not possible.

    Attributes:
        law, task: the results.
        n: number of samples, or clusters of samples, that it moves.
    """

    law: Law | None
    task: TaskTest | None
    n: int


def verdicts_of(
    names: Sequence[str],
    found: Sequence[Tested],
    classes: Sequence[str],
    inputs_symmetric: bool = False,
) -> list[Verdict]:
    """Return verdicts, corrected for the number of candidates.

    `holds`: neither law nor task is rejected, and a change in 40% of the samples would be seen.
    `does not hold`: the task is rejected, where moved samples occur. `undecided`: all else.

    Args:
        names: of the candidates.
        found: their tests.
        classes: names of the classes.
        inputs_symmetric: as in `direct_tests`.
    """
    corrected = iter(holm([one.task.p for one in found if one.task is not None]))
    verdicts = []
    for name, one in zip(names, found, strict=True):
        p = None if one.task is None else next(corrected)
        if one.law is None:
            verdicts.append(Verdict(name, "undecided", _too_few(one.n)))
            continue
        unseen = tuple(classes[k] if classes else str(k) for k in one.law.unseen)
        answer, reason = _answer(one.law, one.task, p, unseen)
        inputs = Inputs(one.law.p_joint, one.law.p_x, one.law.resolution, unseen)
        task = None
        if one.task is not None and p is not None:
            task = Task(one.task.effect, one.task.interval, p, one.task.overlap)
        verdicts.append(Verdict(name, answer, reason, inputs, task))
    return verdicts


def _too_few(n: int) -> str:
    if not n:
        return "it moves no sample, so there is nothing to test"
    return f"it moves only {n} samples, too few to test"


def _answer(
    law: Law, task: TaskTest | None, task_p: float | None, unseen: tuple[str, ...]
) -> tuple[Answer, str]:
    is_refuted = task is not None and task_p is not None and task_p <= ERROR_RATE
    if is_refuted and task is not None and task.has_overlap:
        return "does not hold", f"labels of moved samples differ ({_p(task_p)})"
    if law.x_is_rejected:
        if task is None:
            return (
                "undecided",
                f"moved samples differ from samples ({_p(law.p_x)}), and there are too few to test "
                "the task",
            )
        if not task.has_overlap:
            return "undecided", (
                f"moved samples hardly ever occur (overlap {task.overlap:.2f}), so their labels "
                "are unknown; samples in other positions would decide"
            )
        return "undecided", (
            f"moved samples differ from samples ({_p(law.p_x)}), and the task is not refuted; more "
            "samples, or training with and without it, would decide"
        )
    if law.joint_is_rejected:
        return "undecided", (
            f"samples look alike after the move, but not with their labels ({_p(law.p_joint)}); "
            "more samples would show whether the task differs"
        )
    if is_refuted:
        return "undecided", "the two tests disagree; more samples would decide"
    if task is not None and task.effect > MARGIN / 2 and task.interval[0] > 0:
        return "undecided", f"it holds only nearly (effect {task.effect:.3f})"
    if law.resolution is None or law.resolution > COARSEST_RESOLUTION:
        return "undecided", (
            f"not rejected ({_p(law.p_x)}), but {law.n:,} samples would not show a change in 40% "
            "of them; more samples would decide"
        )
    return "holds", f"{_p(law.p_x)}; a change in {law.resolution:.0%} of the samples would be seen"


def _p(value: float | None) -> str:
    if value is None:
        return "p unknown"
    return "p < .001" if value < 0.001 else f"p = {value:.3f}".replace("0.", ".")
