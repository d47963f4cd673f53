"""From the tests of a candidate to its verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autoequivariant.evidence.multiplicity import holm
from autoequivariant.evidence.testing.copies import ALMOST_ALL, CopyTest
from autoequivariant.evidence.testing.law import Law
from autoequivariant.evidence.testing.swap_test import FEWEST
from autoequivariant.evidence.testing.task import MARGIN, TaskTest
from autoequivariant.evidence.verdict import Answer, Inputs, Task, Verdict

COARSEST_RESOLUTION = 0.4
"""`holds` needs tests that would see a change in this share of the samples."""
ERROR_RATE = 0.05
"""Familywise, of false `holds` and of false `does not hold`, each."""
HOLDING_LEVEL = 0.01
"""At which the test of the task prevents `holds`, after correction; a little stricter than the
levels of the law, which is tested without correction. What is between this and `ERROR_RATE` can
still not hold, if labels differ clearly.
"""
TOGETHER_LEVEL = 0.001
"""At which the law of all that hold together is rejected: each holds alone, and a rejection by
chance would cost them all.
"""
MOST_UNSEEN = 0.5
"""`holds` needs tests that would see a change of the labels in more than this share of classes."""
_NEVER, _NEARLY = 0.2, 0.9  # overlaps


@dataclass(frozen=True)
class CandidateTests:
    """The tests of a candidate; None where they are not possible.

    Attributes:
        law, task, copies: the results.
        n: number of samples, or clusters of samples, that it moves.
        is_predictable: whether an ordinary predictor explains anything of the labels; if not, a
            change of the labels would hardly be seen.
    """

    law: Law | None
    task: TaskTest | None
    copies: CopyTest | None
    n: int
    is_predictable: bool = True

    @property
    def is_clearly_rejected(self) -> bool:
        """Whether the law is rejected at `TOGETHER_LEVEL`, for inputs alone or with labels."""
        return self.law is not None and min(self.law.p_x, self.law.p_joint) <= TOGETHER_LEVEL

    @property
    def occurring(self) -> CopyTest | None:
        """The moved samples, if almost all are in the data, each with the label it should have."""
        copies = self.copies
        if copies is None or copies.share < ALMOST_ALL or copies.disagreeing:
            return None
        return None if self.law is not None and self.law.joint_is_rejected else copies


def verdicts_of(
    names: Sequence[str],
    found: Sequence[CandidateTests],
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
    p_values = [_task_p(one, inputs_symmetric) for one in found]
    corrected = iter(holm([p for p in p_values if p is not None]))
    adjusted = [None if p is None else next(corrected) for p in p_values]
    return [
        _verdict(name, one, p, classes, inputs_symmetric)
        for name, one, p in zip(names, found, adjusted, strict=True)
    ]


def _task_p(found: CandidateTests, inputs_symmetric: bool) -> float | None:
    """Return the p-value of the task, before the correction."""
    if found.occurring is not None:
        return 1.0
    if inputs_symmetric:
        return None if found.law is None else found.law.p_joint
    return None if found.task is None else found.task.p


def _verdict(
    name: str,
    found: CandidateTests,
    p: float | None,
    classes: Sequence[str],
    inputs_symmetric: bool,
) -> Verdict:
    law, task, known = found.law, found.task, found.occurring
    inputs = None
    if law is not None:
        unseen = tuple(classes[k] for k in law.unseen) if classes else ()
        inputs = Inputs(law.p_joint, law.p_x, law.resolution, unseen)
    if known is not None and p is not None:
        answer, reason = _by_copies(known)
        inputs = inputs and replace(inputs, unseen=())
        return Verdict(name, answer, reason, inputs, Task(0.0, known.interval(), p, known.share))
    if law is None:
        return Verdict(name, "undecided", _too_few(found.n))
    shown = None
    if task is not None:
        shown = Task(task.effect, task.interval, 1.0 if p is None else p, task.overlap)
    n_labels = len(classes) or max(1, law.n_labels)
    if inputs_symmetric:
        answer, reason = _where_inputs_are_symmetric(law, p, n_labels)
    else:
        answer, reason = _by_tests(law, task, p, n_labels)
    if answer == "holds" and not found.is_predictable:
        answer, reason = (
            "undecided",
            (
                f"not rejected ({_p(min(law.p_x, law.p_joint))}), but a simple predictor explains "
                "nothing of the labels, so other labels would not be seen; training would decide"
            ),
        )
    if answer == "holds" and law.unseen and classes:
        reason += f" (not in {_some([classes[k] for k in law.unseen])})"
    return Verdict(name, answer, reason, inputs, shown)


def _some(names: Sequence[str], most: int = 3) -> str:
    kind = "class" if len(names) == 1 else "classes"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{kind} {', '.join(names[:most])}{more}"


def _too_few(n: int) -> str:
    if not n:
        return "it moves no sample, so there is nothing to test"
    samples = "sample" if n == 1 else "samples"
    return f"only {n} {samples} can be tested, which is too few; more would decide"


def _by_copies(copies: CopyTest) -> tuple[Answer, str]:
    """Return the verdict where almost all moved samples are in the data, with their labels."""
    where = f"{copies.found:,} of {copies.n:,} moved samples are in the data"
    if not copies.is_discrete:
        return "undecided", (
            f"symmetric by construction: {where}; the samples before they were copied would decide"
        )
    if copies.pairs < FEWEST:
        return "undecided", f"{where}, too few to decide"
    return "holds", f"{where}, all with the label that they should have"


def _where_inputs_are_symmetric(law: Law, p: float | None, n_labels: int) -> tuple[Answer, str]:
    if law.x_is_rejected:
        return "undecided", (
            f"the inputs are declared symmetric, but moved samples differ ({_p(law.p_x)})"
        )
    if p is not None and p <= ERROR_RATE:
        return "does not hold", f"moved samples have other labels ({_p(p)})"
    return _not_rejected(law, n_labels)


def _by_tests(
    law: Law, task: TaskTest | None, p: float | None, n_labels: int
) -> tuple[Answer, str]:
    is_refuted = p is not None and p <= ERROR_RATE
    if is_refuted and task is not None and task.has_overlap and _is_clear(law, task):
        return "does not hold", f"labels of moved samples differ ({_p(p)})"
    if law.x_is_rejected:
        return "undecided", _asymmetric(law, task, is_refuted)
    if law.joint_is_rejected:
        return "undecided", (
            f"moved samples occur, but less often with their labels ({_p(law.p_joint)}); more "
            "samples would decide"
        )
    if p is not None and p <= HOLDING_LEVEL:
        return "undecided", (
            f"it holds nearly: labels of moved samples differ a little ({_p(p)}); training would "
            "decide"
        )
    if task is not None and task.interval[0] > MARGIN:
        return "undecided", (
            f"labels of moved samples may differ (effect {task.effect:.2f}); more samples would "
            "decide"
        )
    return _not_rejected(law, n_labels)


def _is_clear(law: Law, task: TaskTest) -> bool:
    """Whether an effect is above the margin; clearly so, where the test is only approximate."""
    low = task.interval[0]
    return low > MARGIN if law.x_is_rejected else task.effect > MARGIN and low > 0


def _asymmetric(law: Law, task: TaskTest | None, is_refuted: bool) -> str:
    if task is None:
        return f"moved samples differ from samples ({_p(law.p_x)}); more samples would decide"
    if not task.has_overlap:
        how = "never" if task.overlap < _NEVER else "hardly ever"
        return f"moved samples {how} occur (overlap {task.overlap:.2f}); training would decide"
    if task.overlap >= _NEARLY:
        return (
            f"it holds nearly: moved samples differ a little ({_p(law.p_x)}, overlap "
            f"{task.overlap:.2f}), {'and so do' if is_refuted else 'not'} their labels; training "
            "would decide"
        )
    return (
        f"moved samples differ from samples ({_p(law.p_x)}), and their labels "
        f"{'a little' if is_refuted else 'do not'}; training would decide"
    )


def _not_rejected(law: Law, n_labels: int) -> tuple[Answer, str]:
    if law.resolution is None or law.resolution > COARSEST_RESOLUTION:
        return "undecided", (
            f"not rejected ({_p(law.p_x)}), but {law.n:,} samples are too few to see a change in "
            f"{COARSEST_RESOLUTION:.0%} of them"
        )
    if len(law.unseen) >= MOST_UNSEEN * n_labels:
        return "undecided", (
            f"not rejected ({_p(law.p_x)}), but there are too few samples of each class to see "
            "other labels"
        )
    p = _p(min(law.p_x, law.p_joint))
    return "holds", f"{p}; a change in {law.resolution:.0%} of the samples would be seen"


def _p(value: float | None) -> str:
    if value is None:
        return "p unknown"
    return "p < .001" if value < 0.001 else f"p = {value:.3f}".replace("0.", ".")
