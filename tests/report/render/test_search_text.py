"""What a search prints, from records made by hand."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.report.render.search_text import print_outcome, print_problem
from autoequivariant.searching.problem import Problem

from ..outcomes import interrupted, outcome, printed


def test_outcome(problem: Problem) -> None:
    text = printed(print_outcome, outcome(problem))
    phrases = (
        "3 networks in 12.3 s: every closed state was trained",
        "No candidate holds, and none is shown to help.",
        "The leading networks and the baseline, retrained on up to 4 folds with other seeds",
        "On 359 test samples, used once",
        "baseline (MLP of the same layers) 900 90.0% 85.0 to 95.0%",
        "written to runs/[x]: model.safetensors, model.json, results.json, verdicts.json, study.db",
        "report: aen report 'runs/[x]'",
        "in Python: autoequivariant.load_model('runs/[x]')",
    )
    whole = " ".join(text.split())  # whatever the width of columns and lines
    places = [whole.find(phrase) for phrase in phrases]
    assert -1 not in places
    assert places == sorted(places)
    assert "Leading networks" not in text
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\n\n\n" not in text


def test_details(problem: Problem) -> None:
    text = printed(print_outcome, outcome(problem), True)
    for phrase in (
        "Leading networks, on 359 validation samples",
        "The leading networks and the baseline, retrained on up to 4 folds with other seeds",
        "1 network pruned: clearly behind after fewer folds.",
        "scored on 1,438 samples",
        "1.0 ± 2.0",
        "1 other is not distinguishable from the best (within one standard",
        "the one with the fewest undecided symmetries is chosen.",
        "Largest equivariance error of the chosen network: 2e-07 (hflip, float32).",
    ):
        assert phrase in " ".join(text.split())
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\n\n\n" not in text


def test_a_plant_stands_beside_the_headline(problem: Problem) -> None:
    assert "planted:" not in printed(print_outcome, outcome(problem))
    settings = replace(problem.settings, plant=parse_symmetries("hflip,rot90"))
    text = printed(print_outcome, outcome(replace(problem, settings=settings)))
    assert "planted: hflip, rot90\n" in text


def test_interrupted(problem: Problem) -> None:
    text = printed(print_outcome, interrupted(outcome(problem)))
    assert "Best so far: hflip, 94.0% on validation." in text
    assert "rerun the command to resume" in " ".join(text.split())
    assert "test samples" not in text
    assert "model.safetensors" not in text


@pytest.mark.parametrize(
    ("seconds", "timeout", "line"),
    [
        (200.0, None, "time: about 3 min, estimated from a few training steps\n"),
        (200.0, 60.0, "time: at most 60 s (--timeout); without a limit about 3 min\n"),
        (None, 60.0, ""),
    ],
)
def test_the_time_is_estimated_after_the_verdicts_are_printed(
    problem: Problem, seconds: float | None, timeout: float | None, line: str
) -> None:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    before: list[str] = []

    def needed() -> float | None:
        before.append(console.file.getvalue())  # type: ignore[attr-defined]
        return seconds

    problem = replace(problem, settings=replace(problem.settings, timeout=timeout))
    print_problem(console, problem, needed)
    assert all(str(candidate) in before[0] for candidate in problem.candidates)
    after: str = console.file.getvalue()  # type: ignore[attr-defined]
    assert after.removeprefix(before[0]).lstrip("\n") == line
