from dataclasses import replace

import pytest

from autoequivariant.evidence.class_balance import ClassShares
from autoequivariant.report.findings.rivals import rival_findings
from autoequivariant.report.findings.tables import rivals_table
from autoequivariant.report.render.search_text import print_outcome
from autoequivariant.searching.fit.rivals import (
    AUGMENTED,
    AUGMENTED_SECONDS,
    AVERAGED,
    BASELINE,
    BASELINE_SECONDS,
    CHOSEN,
)
from autoequivariant.searching.fit.yardstick import BOOSTING, SVC
from autoequivariant.searching.storage.rivals import RivalRecord

from ..outcomes import changed, interrupted, outcome, printed, small_problem


def rival(name: str, low: float, high: float) -> RivalRecord:
    ahead, is_network = (low + high) / 2, name not in (SVC, BOOSTING)
    n_parameters, epochs = (900, 4) if is_network else (None, None)
    score = 0.9 - ahead
    interval = (score - 0.02, score + 0.02)
    return RivalRecord(name, score, interval, ahead, (low, high), n_parameters, epochs, 1.25, 359)


FIRST = rival(CHOSEN, 0.0, 0.0)
BEHIND, LEVEL, BETTER = (0.01, 0.03), (-0.01, 0.02), (-0.04, -0.02)
CASES = [
    ([(BASELINE, BEHIND), (SVC, BEHIND)], "The chosen network predicts better than every rival."),
    ([(SVC, BEHIND)], "The chosen network predicts better than an SVC."),
    ([(SVC, BETTER)], "An SVC predicts better than the chosen network."),
    (
        [(BASELINE, BEHIND), (AVERAGED, BEHIND), (BOOSTING, LEVEL)],
        "Gradient boosting does as well as the chosen network, as far as these samples tell; the "
        "other 2 are behind.",
    ),
    (
        [(BASELINE, BEHIND), (AUGMENTED, LEVEL)],
        "The baseline trained with augmentation does as well as the chosen network, as far as "
        "these samples tell; the other one is behind; so the symmetries help as much without being "
        "built in.",
    ),
    (
        [(BASELINE, LEVEL), (AVERAGED, LEVEL), (AUGMENTED, BETTER), (SVC, BETTER)],
        "The baseline trained with augmentation and an SVC predict better than the chosen network; "
        "the baseline and the baseline averaged over moved samples do as well, as far as these "
        "samples tell; so the symmetries help as much without being built in.",
    ),
    (
        [(AUGMENTED_SECONDS, BETTER), (BASELINE_SECONDS, BEHIND)],
        "The baseline trained with augmentation for as long predicts better than the chosen "
        "network; the other one is behind; so the symmetries help as much without being built in.",
    ),
]


@pytest.mark.parametrize(("rows", "expected"), CASES)
def test_the_conclusion_is_plain(
    rows: list[tuple[str, tuple[float, float]]], expected: str
) -> None:
    found = rival_findings([FIRST, *(rival(name, *bounds) for name, bounds in rows)])
    assert found.notes[0] == expected
    assert len(found.rows) == len(rows) + 1


def test_how_they_were_trained_is_said() -> None:
    names = [BASELINE, AVERAGED, AUGMENTED, SVC]
    rows = [FIRST, *(rival(name, *BEHIND) for name in names)]
    text = rival_findings(rows).notes[1]
    assert "nothing is chosen by these scores" in text and "moved at random" in text
    assert "is not retrained for the same seconds" in text and "not trained" not in text
    slow = [replace(FIRST, seconds=5.0), *rows[1:]]
    slow += [rival(BASELINE_SECONDS, *BEHIND), rival(AUGMENTED_SECONDS, *BEHIND)]
    text = rival_findings(slow).notes[1]
    assert "not retrained" not in text and "not trained" not in text
    text = rival_findings([FIRST, rival(SVC, *BEHIND)]).notes[1]
    assert "moved" not in text and "not trained" not in text


@pytest.mark.parametrize(
    ("seconds", "names"),
    [
        (1.25, [BASELINE]),
        (1.25, [BASELINE, AVERAGED]),
        (1.25, [BASELINE, AVERAGED, SVC]),
        (5.0, [BASELINE, AVERAGED, AUGMENTED, SVC]),
        (5.0, [BASELINE, AVERAGED, AUGMENTED, BASELINE_SECONDS, SVC]),
    ],
)
def test_what_there_was_no_time_for_is_said(seconds: float, names: list[str]) -> None:
    rows = [replace(FIRST, seconds=seconds), *(rival(name, *BEHIND) for name in names)]
    assert (
        rival_findings(rows)
        .notes[1]
        .endswith("Further rivals were not trained before the run ended.")
    )


@pytest.mark.parametrize("rows", [[], [FIRST]])
def test_without_rivals_there_is_nothing_to_show(rows: list[RivalRecord]) -> None:
    assert rival_findings(rows).rows == ()


def test_the_table() -> None:
    found = rival_findings([FIRST, rival(AVERAGED, 0.01, 0.03), rival(SVC, -0.02, 0.01)])
    table = rivals_table(found, "accuracy")
    assert table.title.endswith("on 359 test samples, used once by each")
    assert table.rows[0][:2] == (CHOSEN, "900") and table.rows[0][-1] == "" and table.marked == 0
    assert table.rows[1][-1] == "2.0 (1.0 to 3.0)"
    assert table.rows[2][1] == "–" and table.rows[2][-1] == "−0.5 (−2.0 to 1.0)"


def test_unbalanced_classes_have_a_column() -> None:
    first, other = replace(FIRST, balanced_accuracy=0.75), rival(SVC, *LEVEL)
    table = rivals_table(rival_findings([first, other], is_unbalanced=True), "accuracy")
    titles = [column.title for column in table.columns]
    place = titles.index("balanced")
    assert "95% interval" not in titles
    assert [row[place] for row in table.rows] == ["75.0%", "–"]
    rivals = (first, replace(other, balanced_accuracy=0.7))
    for shares in (None, ClassShares(0.6, 0.4), ClassShares(0.8, 0.2)):
        found = changed(outcome(small_problem()), rivals=rivals, class_shares=shares)
        text = printed(print_outcome, found)
        assert ("balanced" in text) == (shares == ClassShares(0.8, 0.2))
        assert text.count("test samples are of one class") == text.count("accuracy  balanced")


def test_the_terminal_prints_them() -> None:
    rivals = (FIRST, rival(AVERAGED, *BEHIND), rival(SVC, *LEVEL))
    text = printed(print_outcome, changed(outcome(small_problem()), rivals=rivals))
    assert "The chosen network and its rivals on 359 test samples" in text
    assert text.count("test samples") == 1  # the baseline has one score
    assert "An SVC does as well as the chosen network" in text
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "rivals" not in printed(print_outcome, outcome(small_problem()))
    assert "rivals" not in printed(
        print_outcome, interrupted(changed(outcome(small_problem()), rivals=rivals))
    )


def test_answers_to_further_questions_keep_their_table() -> None:
    """With two objectives there are networks on test beside the chosen one and the baseline."""
    plain = outcome(small_problem())
    rivals = (FIRST, rival(SVC, *LEVEL))
    found = changed(plain, rivals=rivals, smallest_as_good_as_baseline=plain.results.best)
    text = printed(print_outcome, found)
    assert "smallest that is as good as the baseline" in text
    assert "The chosen network and its rivals" in text
