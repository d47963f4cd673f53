"""From the tests of a candidate to its verdict."""

from __future__ import annotations

from autoequivariant.evidence.law import Law
from autoequivariant.evidence.task import MARGIN, TaskTest
from autoequivariant.evidence.verdict import Answer, Inputs, Task, Verdict

COARSEST_RESOLUTION = 0.4
"""`holds` needs tests that would see a change in this share of the samples."""
ERROR_RATE = 0.05
"""Familywise, of false `holds` and of false `does not hold`, each."""


def verdict_of(name: str, law: Law, task: TaskTest | None, task_p: float | None) -> Verdict:
    """Return the verdict from both tests.

    `holds`: neither law nor task is rejected, and a change in 40% of the samples would be seen.
    `does not hold`: the task is rejected, where moved samples occur. `undecided`: all else.

    Args:
        name: of the candidate.
        law, task: the tests.
        task_p: corrected p-value of the task test.
    """
    answer, reason = _answer(law, task, task_p)
    inputs = Inputs(law.p_joint, law.p_x, law.resolution)
    tested = None
    if task is not None and task_p is not None:
        tested = Task(task.effect, task.interval, task_p, task.overlap)
    return Verdict(name, answer, reason, inputs, tested)


def _answer(law: Law, task: TaskTest | None, task_p: float | None) -> tuple[Answer, str]:
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
