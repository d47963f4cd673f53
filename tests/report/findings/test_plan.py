"""What a search is about to do, in a few lines."""

from dataclasses import replace

from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.report.render.search_text import print_problem
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.space import Space

from ..outcomes import printed, problem_of


def test_problem(problem: Problem) -> None:
    lines = [
        "data: digits, 8x8, 10 classes; 1,079 train, 359 validation, 359 test",
        "space: 3 candidates, 8 states, 6 closed states; MLPs, 24 epochs",
        "search: exhaustive sampler, accuracy, at most 50 networks, seed 0",
    ]
    assert printed(print_problem, problem).splitlines()[:3] == lines
    details = [line.rstrip() for line in printed(print_problem, problem, None, True).splitlines()]
    assert details[:5] == [
        *lines,
        "networks: MLPs, 8x8 -> 4x4 -> 4x4, 8 channels, invariant final layer",
        "--network auto chose MLPs, the default for small images, and for all other data",
    ]


def test_problem_with_a_plant_a_warning_and_more_networks_than_counted(problem: Problem) -> None:
    settings = replace(problem.settings, plant=parse_symmetries("hflip,rot90"))
    cut = Space(problem.family, limit=5)
    card = replace(problem.card, name="[/] [red]x")
    other = replace(problem, settings=settings, space=cut, card=card, warnings=("[b] is blind.",))
    text = printed(print_problem, other, None, True)
    assert "data: [/] [red]x, 8x8" in text
    assert "planted: hflip, rot90" in text
    assert "more than 5 closed states" in text
    assert "warning: [b] is blind." in text


def test_targets_are_named() -> None:
    problem = problem_of("friedman1")
    text = printed(print_problem, problem)
    assert "data: friedman1, features:10, 1 target (y);" in text and "classes" not in text
    assert "search: lattice sampler, R², at most" in text
    assert max(map(len, text.splitlines())) <= 80
