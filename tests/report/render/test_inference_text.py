"""What `aen evaluate`, `aen verify` and `aen export` print, from records made by hand."""

from dataclasses import replace
from pathlib import Path

import pytest

from autoequivariant.evidence.class_balance import ClassShares
from autoequivariant.inference.evaluate import (
    ClassificationReport,
    ClassScore,
    RegressionReport,
    TargetScore,
)
from autoequivariant.inference.export import Export
from autoequivariant.inference.verify import Check, Verification
from autoequivariant.report.render.inference_text import (
    print_evaluation,
    print_export,
    print_verification,
)

from ..outcomes import printed


def classified(classes: int) -> ClassificationReport:
    """Two samples a class, one right and one taken for the next class; the last is never right."""
    names = [f"[b]{k}" for k in range(classes)]
    scores = tuple(ClassScore(name, 2, 2, 1) for name in names[:-1])
    wrong = [[int(j in (k, (k + 1) % classes)) for j in range(classes)] for k in range(classes)]
    wrong[-1] = [2] + [0] * (classes - 1)
    last = ClassScore(names[-1], 2, 0, 0)
    return ClassificationReport(
        "[x]",
        "test",
        2 * classes,
        classes - 1,
        (0.2, 0.7),
        (*scores, last),
        tuple(map(tuple, wrong)),
        ClassShares(1 / classes, 1 / classes),
        (classes - 1) / (2 * classes),
        None,
    )


@pytest.mark.parametrize(
    ("classes", "phrase", "other"),
    [
        (10, "confusion matrix", "most frequent confusions"),
        (11, "2 of [b]10 predicted as [b]0", "confusion matrix"),
    ],
)
def test_few_classes_have_a_matrix(classes: int, phrase: str, other: str) -> None:
    text = printed(print_evaluation, classified(classes))
    assert text.startswith(f"[x] (test): accuracy {(classes - 1) / (2 * classes):.2%}")
    assert phrase in text and other not in text
    assert max(map(len, text.splitlines())) <= 80
    last = next(line for line in text.splitlines() if line.startswith(f"[b]{classes - 1}"))
    assert last.split() == [f"[b]{classes - 1}", "2", "0", "0.0%", "-"]


@pytest.mark.parametrize(
    ("largest", "auc", "said"),
    [
        (0.5, 0.875, ""),
        (0.7, 0.875, "(mean recall over classes) 25.00%; area under the ROC curve (AUC) 0.875"),
        (0.7, None, "(mean recall over classes) 25.00% class"),
    ],
)
def test_unbalanced_classes_have_further_scores(
    largest: float, auc: float | None, said: str
) -> None:
    found = replace(classified(2), shares=ClassShares(largest, 1 - largest), auc=auc)
    text = printed(print_evaluation, found)
    assert said in " ".join(text.split()) and ("balanced" in text) == bool(said)
    assert ("AUC" in text) == ("AUC" in said)


@pytest.mark.parametrize(
    ("r2", "said"),
    [(0.5, "R² 0.500, 95% interval 0.400 to 0.600;"), (None, "no R², as a target is constant;")],
)
def test_errors_of_targets(r2: float | None, said: str) -> None:
    interval = None if r2 is None else (0.4, 0.6)
    found = RegressionReport("d", "all", 1, r2, interval, (TargetScore("y", r2, 0.1234567, 2.0),))
    lines = printed(print_evaluation, found).splitlines()
    assert lines[0] == f"d (all): {said} 1 sample"
    assert lines[2].split() == ["y", "-" if r2 is None else "0.500", "0.1235", "2"]


HOLDS = Check("hflip", True, 1e-7, 1e-15)
BROKEN = Check("v[/]flip", True, 0.5, 0.5)
NOT_CLAIMED = Check("rot90", False, 0.5, 0.5)


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ((HOLDS, NOT_CLAIMED), "every claimed symmetry holds"),
        ((HOLDS, BROKEN), "FAILS: the model is not equivariant to v[/]flip"),
        ((NOT_CLAIMED,), "the model claims no symmetry"),
    ],
)
def test_whether_symmetries_hold(checks: tuple[Check, ...], said: str) -> None:
    text = printed(print_verification, Verification("d", 64, "the outputs", checks))
    assert text.splitlines()[-1] == said
    assert ("BROKEN" in text) == (BROKEN in checks)
    assert ("does not hold" in text) == (NOT_CLAIMED in checks)
    assert "the final layer is dense" not in text


def test_hidden_layers_are_named() -> None:
    found = Verification("d", 64, "the hidden layers", (HOLDS,))
    assert "the final layer is dense" in printed(print_verification, found)


@pytest.mark.parametrize(("difference", "passes"), [(1e-7, True), (0.5, False)])
def test_an_export_that_differs_names_no_file(difference: float, passes: bool) -> None:
    files = (Path("[a].onnx"),) if passes else ()
    errors = {"hflip": 1e-8, "vflip": 1e-7}
    found = Export("onnx", files, "float32 [n]", "d", 64, difference, "the outputs", errors)
    text = " ".join(printed(print_export, found).split())
    assert "2 symmetries: at most 1.0e-07 (vflip)" in text
    assert ("written: [a].onnx input: float32 [n]" in text) == passes
    assert ("FAILS" in text) != passes
