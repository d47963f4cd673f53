"""What a search prints, from records made by hand."""

from dataclasses import replace
from typing import Any

import pytest

from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.report.findings.summary import findings_of
from autoequivariant.report.findings.tables import leading_table
from autoequivariant.report.render.formatting import interval, named, percent
from autoequivariant.report.render.search_text import print_outcome, print_problem
from autoequivariant.report.render.tables import print_table
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.space import Space
from autoequivariant.searching.storage.results import AblationRecord, Leader

from ..outcomes import (
    SUPPORTED,
    TOGETHER,
    UNSUPPORTED,
    changed,
    interrupted,
    leader,
    outcome,
    printed,
    problem_of,
)

ALL = (
    "rot90,hflip,vflip,translate_x:2,translate_y:2,cycle_quadrants,swap_left_right,"
    "swap_top_bottom,swap_top_bottom_left,swap_top_bottom_right,swap_left_right_top"
)


NAMES = [
    ([], [], "none (baseline)"),
    (["hflip"], ["hflip"], "hflip"),
    (["hflip", "rot90", "vflip"], ["hflip", "rot90"], "hflip, rot90 (+1)"),
    (["negate"], [], "none (+1)"),
]


@pytest.mark.parametrize(("symmetries", "generators", "expected"), NAMES)
def test_named(symmetries: list[str], generators: list[str], expected: str) -> None:
    assert named(symmetries, generators) == expected


def test_shares() -> None:
    assert percent(0.12345) == "12.3%"
    assert percent(1.0) == "100.0%"
    assert interval([0.05, 0.5]) == "5.0 to 50.0%"


def leading(problem: Problem, leaders: list[Leader], **changes: Any) -> str:
    """The leading table of these networks, as it is printed."""
    found = replace(findings_of(outcome(problem)), leaders=tuple(leaders), **changes)
    return printed(print_table, leading_table(found))


def test_leading_table(problem: Problem) -> None:
    leaders = [
        leader(["hflip", "vflip"], [], 2, 12345, 0.961, (0.936, 0.977)),
        leader([], [], 2, 26122, 0.9, (0.85, 0.95)),
        leader(ALL.split(","), [], 2, 7, 0.1, (0.0, 0.2)),
    ]
    text = leading(problem, leaders, validation_size=1000)
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[0] == "Leading networks, on 1,000 validation samples"
    assert lines[2].split() == ["hflip,", "vflip", "12,345", "96.1%", "93.6", "to", "97.7%"]
    assert lines[3].startswith("none (baseline)")
    assert max(map(len, lines)) == 80
    assert ALL.split(",")[-1] in text  # long names wrap, and none is cut


def test_a_front_shows_the_widths(problem: Problem) -> None:
    leaders = [leader(["hflip"], ["shear"], 16, 12345, 0.961, (0.936, 0.977))]
    text = leading(problem, leaders, on_front=True, width_name="channels", validation_size=1000)
    lines = [line.rstrip() for line in text.splitlines()]
    assert lines[0] == "Pareto front of accuracy and parameters, on 1,000 validation samples"
    assert lines[1].split()[:3] == ["symmetries", "channels", "parameters"]
    assert lines[2].startswith("hflip; augmented: shear")
    assert lines[2].split()[3:] == ["16", "12,345", "96.1%", "93.6", "to", "97.7%"]


def test_problem(problem: Problem) -> None:
    lines = [
        "data: digits, 8x8, 10 classes; 1,079 train, 359 validation, 359 test",
        "space: 3 candidates, 8 states, 6 closed states; MLPs, 24 epochs",
        "search: exhaustive sampler, accuracy, at most 50 networks, seed 0",
    ]
    assert printed(print_problem, problem).splitlines() == lines
    details = [line.rstrip() for line in printed(print_problem, problem, True).splitlines()]
    assert details == [
        *lines,
        "networks: MLPs, 8x8 -> 4x4 -> 4x4, 8 channels, invariant final layer",
        "--network auto chose MLPs, the default for small images, and for all other data",
    ]


def test_problem_with_a_plant_a_warning_and_more_networks_than_counted(problem: Problem) -> None:
    settings = replace(problem.settings, plant=parse_symmetries("hflip,rot90"))
    cut = Space(problem.family, limit=5)
    card = replace(problem.card, name="[/] [red]x")
    other = replace(problem, settings=settings, space=cut, card=card, warnings=("[b] is blind.",))
    text = printed(print_problem, other, True)
    assert "data: [/] [red]x, 8x8" in text
    assert "planted: hflip, rot90" in text
    assert "more than 5 closed states" in text
    assert "warning: [b] is blind." in text


def test_outcome(problem: Problem) -> None:
    text = printed(print_outcome, outcome(problem))
    phrases = (
        "3 networks in 12.3 s: every closed state was trained",
        "symmetries found: hflip",
        "The leading networks and the baseline, retrained on up to 4 folds with other seeds",
        "On 359 test samples, used once",
        "baseline (MLP of the same layers) 900 90.0% 85.0 to 95.0%",
        "written to runs/[x]: model.safetensors, model.json, results.json, study.db",
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
        "the one with the fewest parameters is chosen.",
        "Largest equivariance error of the chosen network: 2e-07 (hflip, float32).",
    ):
        assert phrase in " ".join(text.split())
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\n\n\n" not in text


def test_a_plant_stands_beside_what_was_found(problem: Problem) -> None:
    assert "planted:" not in printed(print_outcome, outcome(problem))
    settings = replace(problem.settings, plant=parse_symmetries("hflip,rot90"))
    text = printed(print_outcome, outcome(replace(problem, settings=settings)))
    assert "planted: hflip, rot90\n" in text


@pytest.mark.parametrize(
    ("rows", "said", "unsaid"),
    [
        ([], [], ["What is lost without each", "supported by the data", "harmless"]),
        (
            [SUPPORTED],
            ["hflip 900 3.1 1.2 to 5.0", "symmetries found: hflip (supported by the data)"],
            ["not supported"],
        ),
        (
            [UNSUPPORTED],
            ["−0.1 −1.0 to 0.8", "symmetries found: hflip (not supported: harmless here)"],
            ["supported by"],
        ),
        (
            [SUPPORTED, UNSUPPORTED],
            ["hflip (supported by the data: hflip; not supported: v[/])"],
            ["harmless"],
        ),
        (
            [UNSUPPORTED, UNSUPPORTED, TOGETHER],
            ["all of them 900 3.1 1.2 to 5.0", "found: hflip (supported together only)"],
            ["supported by the data"],
        ),
    ],
    ids=["not measured", "supported", "not supported", "one of each", "together"],
)
def test_what_is_lost_without_each(
    problem: Problem, rows: list[AblationRecord], said: list[str], unsaid: list[str]
) -> None:
    text = printed(print_outcome, changed(outcome(problem), ablation=tuple(rows)))
    for phrase in said:
        assert phrase in " ".join(text.split())
    for phrase in unsaid:
        assert phrase not in text
    assert max(len(line) for line in text.splitlines()) <= 80


@pytest.mark.parametrize(
    ("status", "phrase"),
    [
        ("converged", "no remaining state is expected to improve"),
        ("budget", "the budget is spent"),
        ("repeats", "the sampler proposes nothing new"),
        ("timeout", "the time limit is reached"),
    ],
)
def test_why_it_ended(problem: Problem, status: str, phrase: str) -> None:
    assert phrase in printed(print_outcome, outcome(problem, status))


def test_without_time_to_compare(problem: Problem) -> None:
    text = printed(print_outcome, outcome(problem, "timeout", folds=0))
    assert "There was no time to retrain the leading networks." in text
    assert "symmetries found: hflip" in text


def test_a_network_that_is_worse_on_test_is_warned_of(problem: Problem) -> None:
    found = outcome(problem)
    assert "better on test" not in printed(print_outcome, found)
    worse = replace(found.results.best, test_score=0.5, test_interval=(0.4, 0.6))
    found = changed(found, best=worse)
    assert "the baseline is better on test, so do not trust" in printed(print_outcome, found)


@pytest.mark.parametrize(("constant_score", "warned"), [(None, False), (0.8, False), (0.85, True)])
def test_networks_that_are_no_better_than_guessing_are_warned_of(
    problem: Problem, constant_score: float | None, warned: bool
) -> None:
    found = changed(outcome(problem), constant_score=constant_score)
    text = " ".join(printed(print_outcome, found).split())
    assert ("always predicting the commonest class (85.0%), so this result says" in text) == warned


def test_a_baseline_that_scores_as_well_is_named(problem: Problem) -> None:
    found = outcome(problem)
    assert "The baseline scores as well" in printed(print_outcome, found)
    plain, flip, turn = found.results.finalists
    best = replace(flip, behind_best=0.0, standard_error=0.0)
    behind = replace(plain, behind_best=0.1, standard_error=0.01)
    found = changed(found, finalists=(best, behind, turn))
    assert "scores as well" not in printed(print_outcome, found)


def test_a_single_finalist(problem: Problem) -> None:
    found = outcome(problem)
    first = replace(found.results.finalists[0], folds=0)
    text = printed(print_outcome, changed(found, finalists=(first,)))
    assert "There is a single network, so nothing to compare it with." in text
    assert "behind the best by" not in text  # there are no others


def test_the_best_stands_alone(problem: Problem) -> None:
    found = outcome(problem)
    first, second, third = found.results.finalists
    far = replace(second, behind_best=0.1, standard_error=0.02)
    text = printed(print_outcome, changed(found, finalists=(first, far, third)))
    phrase = "All others are behind the best by more than one standard error"
    assert phrase in " ".join(text.split())


def test_the_questions_of_two_objectives_are_answered(problem: Problem) -> None:
    found = outcome(problem)
    score = found.results.best
    answers = {"smallest_as_good_as_baseline": score, "best_no_larger_than_baseline": score}
    text = printed(print_outcome, changed(found, **answers))
    assert "smallest that is as good as the baseline" in text
    assert "best that is no larger than the baseline" in text
    assert "best that is no larger" not in printed(print_outcome, found)


def test_interrupted(problem: Problem) -> None:
    text = printed(print_outcome, interrupted(outcome(problem)))
    assert "Best so far: hflip, 94.0% on validation." in text
    assert "rerun the command to resume" in " ".join(text.split())
    assert "test samples" not in text
    assert "model.safetensors" not in text


def test_targets_are_named() -> None:
    problem = problem_of("friedman1")
    text = printed(print_problem, problem)
    assert "data: friedman1, features:10, 1 target (y);" in text and "classes" not in text
    assert "search: lattice sampler, R², at most" in text
    assert max(map(len, text.splitlines())) <= 80


def test_a_table_of_scores_that_are_no_shares(problem: Problem) -> None:
    names = [f"swap x{k} <-> x{k + 1}" for k in range(6, 10)]
    leaders = [
        leader(names, [], 2, 12345, 0.961, (0.936, 0.977)),
        leader([], [], 2, 26122, -0.0312, (-0.5, 0.1)),
    ]
    text = leading(problem, leaders, metric="R²")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines[2] == "exchange of x6 to x10 12,345 0.961 0.936 to 0.977"
    assert lines[3] == "none (baseline) 26,122 −0.031 −0.500 to 0.100"
