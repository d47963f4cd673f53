"""The tables of a search, as they are printed."""

from dataclasses import replace
from typing import Any

from autoequivariant.report.findings.summary import findings_of
from autoequivariant.report.findings.tables import leading_table
from autoequivariant.report.render.search_text import print_outcome
from autoequivariant.report.render.tables import print_table
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.results import Leader

from ..outcomes import changed, leader, outcome, printed

ALL = (
    "rot90,hflip,vflip,translate_x:2,translate_y:2,cycle_quadrants,swap_left_right,"
    "swap_top_bottom,swap_top_bottom_left,swap_top_bottom_right,swap_left_right_top"
)


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


def test_the_questions_of_two_objectives_are_answered(problem: Problem) -> None:
    found = outcome(problem)
    score = found.results.best
    answers = {"smallest_as_good_as_baseline": score, "best_no_larger_than_baseline": score}
    text = printed(print_outcome, changed(found, **answers))
    assert "smallest that is as good as the baseline" in text
    assert "best that is no larger than the baseline" in text
    assert "best that is no larger" not in printed(print_outcome, found)


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
