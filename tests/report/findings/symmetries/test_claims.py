"""Each symmetry of the chosen network is named as what it is; the rest is never in the headline."""

from dataclasses import replace
from typing import Any

import pytest

from autoequivariant.errors import RunError
from autoequivariant.evidence.verdict import Trained
from autoequivariant.report.findings.summary import findings_of
from autoequivariant.report.findings.symmetries.claims import claims_of
from autoequivariant.report.render.search_text import print_outcome
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.problem import Problem

from ...outcomes import changed, judged, outcome, printed

NONE = "No candidate holds, and none is shown to help."


def chosen(found: Outcome, *names: str) -> Outcome:
    """The same outcome, with these symmetries in the chosen network."""
    return changed(found, best=replace(found.results.best, symmetries=names))


CASES: list[tuple[dict[str, Any], tuple[str, ...], tuple[str, ...], str, str]] = [
    ({"hflip": ("holds", "helps")}, ("hflip",), (), "holds and helps: hflip", ""),
    ({"hflip": ("holds", "harmless")}, ("hflip",), (), "holds: hflip", ""),
    ({"hflip": ("undecided", "helps")}, ("hflip",), (), "undecided, but helps: hflip", ""),
    (
        {"hflip": ("undecided", "harmless")},
        ("hflip",),
        (),
        NONE,
        "Undecided and not shown to help, built in for the smallest network: hflip.",
    ),
    (
        {"hflip": ("holds", "helps"), "rot90": ("undecided", "helps")},
        ("hflip", "vflip", "rot90"),
        (),
        "holds and helps: hflip; undecided, but helps: vflip, rot90",
        "",
    ),
    (
        {"hflip": ("holds", "harmless"), "rot90": ("holds", "helps")},
        ("hflip", "vflip", "rot90"),
        (),
        "holds and helps: rot90; holds: hflip, vflip",
        "",
    ),
    (
        {"hflip": ("holds", "harms")},
        (),
        ("hflip",),
        "What holds does not make networks better, so none of it is built in.",
        "Holds, but networks with it predict worse, so it is left out: hflip.",
    ),
    (
        {"hflip": ("holds", "helps"), "vflip": ("undecided", "harmless")},
        ("hflip",),
        ("vflip",),
        "holds and helps: hflip",
        "Undecided and of no use, so it is left out: vflip.",
    ),
    (
        {"hflip": ("undecided", "helps"), "vflip": ("undecided", "helps")},
        ("hflip",),
        ("vflip",),
        "undecided, but helps: hflip",
        "Undecided and of no use beside what is built in, so it is left out: vflip.",
    ),
    (
        {"hflip": ("holds", "not tried")},
        (),
        (),
        "What holds does not make networks better, so none of it is built in.",
        "Holds, but a network without it is chosen: hflip.",
    ),
]


@pytest.mark.parametrize(("judgements", "members", "dropped", "headline", "note"), CASES)
def test_what_is_claimed(
    problem: Problem,
    judgements: dict[str, Any],
    members: tuple[str, ...],
    dropped: tuple[str, ...],
    headline: str,
    note: str,
) -> None:
    found = changed(chosen(judged(outcome(problem), **judgements), *members), dropped=dropped)
    claims = claims_of(found.problem, found.results)
    assert claims.headline == headline
    assert claims.notes == ((note,) if note else ())
    text = " ".join(printed(print_outcome, found).split())
    for group in claims.groups or (headline,):
        assert group in text
    assert note in text


def test_without_tests_the_headline_says_so(problem: Problem) -> None:
    settings = replace(problem.settings, tests=False)
    found = findings_of(chosen(outcome(replace(problem, settings=settings))))
    assert found.headline == "The data were not asked, and no candidate is shown to help."


@pytest.mark.parametrize("field", ["best", "dropped"])
def test_a_name_that_was_not_searched_is_refused(problem: Problem, field: str) -> None:
    found = outcome(problem)
    best = replace(found.results.best, symmetries=("shear",))
    found = changed(found, **{"best": best} if field == "best" else {"dropped": ("shear",)})
    with pytest.raises(RunError, match="names 'shear', which was not searched"):
        claims_of(found.problem, found.results)


def test_what_a_use_is_measured_beside_is_said(problem: Problem) -> None:
    found = chosen(judged(outcome(problem), hflip=("undecided", "helps")), "hflip")
    trained = Trained(0.2, (0.1, 0.3), ())
    verdicts = [
        replace(one, trained=trained) if one.name == "hflip" else one
        for one in found.results.verdicts
    ]
    found = changed(found, verdicts=tuple(verdicts))
    (note,) = claims_of(found.problem, found.results).notes
    sentence = "The use of hflip is measured beside nothing else: the loss is lower by 0.200"
    assert note == f"{sentence} (0.100 to 0.300)."
    assert sentence in " ".join(printed(print_outcome, found).split())
