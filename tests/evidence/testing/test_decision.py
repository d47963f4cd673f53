"""From tests to verdicts."""

from dataclasses import replace

import pytest

from autoequivariant.evidence.testing.copies import CopyTest
from autoequivariant.evidence.testing.decision import CandidateTests, verdicts_of
from autoequivariant.evidence.testing.law import Law
from autoequivariant.evidence.testing.task import TaskTest
from autoequivariant.evidence.verdict import Verdict, holding, refuted

LAW = Law(0.4, 0.6, 0.1, 0.1, 0.25, (), 800, 3)
TASK = TaskTest(0.0, (-0.01, 0.01), 0.9, 0.97)
FINE = CandidateTests(LAW, TASK, None, 800)
REFUTED = replace(FINE, task=replace(TASK, effect=0.2, interval=(0.1, 0.3), p=1e-6))
ASYMMETRIC = replace(LAW, p_x=0.001, resolution=None)


def verdict(found: CandidateTests, inputs_symmetric: bool = False) -> Verdict:
    (one,) = verdicts_of(["c"], [found], ("a", "b", "d"), inputs_symmetric)
    return one


@pytest.mark.parametrize(
    ("found", "answer", "reason"),
    [
        (FINE, "holds", "p = .400; a change in 25% of the samples would be seen"),
        (replace(FINE, law=replace(LAW, unseen=(1,))), "holds", "not in class b"),
        (replace(FINE, law=replace(LAW, unseen=(0, 1))), "undecided", "too few samples of each"),
        (replace(FINE, law=replace(LAW, resolution=None)), "undecided", "800 samples are too few"),
        (replace(FINE, law=replace(LAW, p_joint=0.002)), "undecided", "less often with their"),
        (replace(FINE, law=ASYMMETRIC), "undecided", "it holds nearly"),
        (REFUTED, "does not hold", "labels of moved samples differ (p < .001)"),
        (
            replace(REFUTED, law=ASYMMETRIC, task=replace(REFUTED.task, overlap=0.3)),
            "undecided",
            "hardly ever occur",
        ),
        (
            replace(FINE, law=ASYMMETRIC, task=replace(TASK, overlap=0.05)),
            "undecided",
            "never occur",
        ),
        (replace(REFUTED, law=ASYMMETRIC), "does not hold", "p < .001"),
        (
            replace(REFUTED, law=ASYMMETRIC, task=replace(REFUTED.task, interval=(0.01, 0.4))),
            "undecided",
            "and so do their labels",
        ),
        (
            replace(REFUTED, task=replace(REFUTED.task, effect=0.01)),
            "undecided",
            "labels of moved samples differ a little",
        ),
        (CandidateTests(LAW, None, None, 30), "holds", "p = .400"),
        (CandidateTests(ASYMMETRIC, None, None, 30), "undecided", "more samples would decide"),
        (CandidateTests(None, None, None, 0), "undecided", "moves no sample"),
        (CandidateTests(None, None, None, 7), "undecided", "only 7 samples can be tested"),
        (replace(REFUTED, copies=CopyTest(80, 80, 0, 40, True)), "holds", "80 of 80 moved samples"),
        (replace(FINE, copies=CopyTest(80, 80, 0, 40, False)), "undecided", "by construction"),
        (replace(FINE, copies=CopyTest(80, 80, 0, 4, True)), "undecided", "too few to decide"),
        (replace(FINE, copies=CopyTest(80, 80, 40, 40, True)), "holds", "p = .400"),
        (replace(REFUTED, copies=CopyTest(80, 80, 40, 40, True)), "does not hold", "labels of"),
        (
            replace(REFUTED, copies=CopyTest(80, 40, 0, 40, True)),
            "does not hold",
            "labels of moved",
        ),
        (
            replace(FINE, law=replace(LAW, p_joint=0.002), copies=CopyTest(80, 80, 0, 40, True)),
            "undecided",
            "less often with their",
        ),
    ],
)
def test_verdicts(found: CandidateTests, answer: str, reason: str) -> None:
    one = verdict(found)
    assert one.verdict == answer
    assert reason in one.reason


def test_declared_inputs_let_the_exact_test_decide() -> None:
    found = replace(FINE, law=replace(LAW, p_joint=0.002, resolution=None))
    assert verdict(found).verdict == "undecided"
    assert verdict(found, inputs_symmetric=True).verdict == "does not hold"
    contradicted = replace(found, law=replace(ASYMMETRIC, p_joint=0.002))
    assert verdict(contradicted, inputs_symmetric=True).verdict == "undecided"
    assert verdict(FINE, inputs_symmetric=True).verdict == "holds"


def test_p_values_are_corrected_for_the_number_of_candidates() -> None:
    weak = replace(REFUTED, task=replace(REFUTED.task, p=0.03))
    assert verdict(weak).verdict == "does not hold"
    found = verdicts_of(["a", "b"], [weak, replace(FINE, task=replace(TASK, p=0.5))], ())
    assert found[0].verdict == "undecided"
    assert found[0].task is not None
    assert found[0].task.p == pytest.approx(0.06)


def test_names() -> None:
    found = verdicts_of(["a", "b"], [FINE, REFUTED], ())
    assert (holding(found), refuted(found)) == (("a",), ("b",))
    record = found[0].to_json()
    names = ["name", "verdict", "reason", "inputs", "task", "use", "trained", "proposed"]
    assert list(record) == names
    assert record["use"] == "not tried"
