"""The verdicts on all candidates as rows."""

import pytest

from autoequivariant.evidence.verdict import Answer, Inputs, Proposed, Trained, Verdict
from autoequivariant.report.findings.symmetries.verdicts import Line, verdict_table


def verdict(name: str, answer: Answer, reason: str = "why", **more: object) -> Verdict:
    return Verdict(name, answer, reason, **more)  # type: ignore[arg-type]


SOME = [
    verdict("a", "does not hold", "labels of moved samples differ (p < .001)"),
    verdict("b", "undecided", "moved samples hardly ever occur (overlap 0.14), so"),
    verdict("c", "holds", "p = .410; a change in 10% of the samples would be seen"),
    verdict("d", "does not hold", "labels of moved samples differ (p = .003)"),
]


def test_a_reason_is_written_once_with_the_figure_of_each_candidate() -> None:
    rows = verdict_table(SOME).rows
    assert [(row.verdict, row.reason) for row in rows] == [
        ("holds", "a change in 10% of the samples would be seen"),
        ("undecided", "moved samples hardly ever occur, so"),
        ("does not hold", "labels of moved samples differ"),
    ]
    assert rows[-1].lines == (Line("a", "p < .001"), Line("d", "p = .003"))
    assert [rows[0].lines, rows[1].lines] == [
        (Line("c", "p = .410"),),
        (Line("b", "overlap 0.14"),),
    ]


@pytest.mark.parametrize(
    ("reason", "figure", "left"),
    [
        ("it moves too few samples", "", "it moves too few samples"),
        ("it holds only nearly (effect 0.021)", "effect 0.021", "it holds only nearly"),
        ("a (b) c; d", "", "a (b) c; d"),
        ("not all: differ (p = .012), and", "p = .012", "not all: differ, and"),
    ],
)
def test_figures_are_taken_out_of_reasons(reason: str, figure: str, left: str) -> None:
    (row,) = verdict_table([verdict("a", "undecided", reason)]).rows
    assert (row.lines, row.reason) == ((Line("a", figure),), left)


def test_counts() -> None:
    assert verdict_table(SOME).counts == "4 candidates: 1 holds, 1 undecided, 2 do not hold"
    assert verdict_table(SOME[2:3]).counts == "1 candidate: 1 holds"
    assert verdict_table(SOME[2:3] * 2).counts == "2 candidates: 2 hold"


def test_what_holds_and_what_it_implies() -> None:
    assert verdict_table(SOME, ["c"]).holding == "c"
    assert verdict_table(SOME, ["b", "c"]).holding == "c, and so b"
    assert verdict_table(SOME[:2]).holding == ""


def test_candidates_with_another_use_have_their_own_row() -> None:
    trained = Trained(0.1, (0.05, 0.15))
    same = [verdict(name, "holds") for name in "ab"]
    assert not verdict_table(same).has_use
    assert len(verdict_table(same).rows) == 1
    other = [same[0], verdict("b", "holds", use="helps", trained=trained)]
    found = verdict_table(other)
    assert found.has_use
    assert [row.trained for row in found.rows] == [None, trained]


def test_classes_that_would_not_be_seen_are_named_for_what_holds() -> None:
    inputs = Inputs(0.5, 0.5, 0.2, ("cat", "dog"))
    names = [verdict(name, "holds", inputs=inputs) for name in "ab"]
    (note,) = verdict_table([*names, verdict("c", "undecided", inputs=inputs)]).notes
    assert note.startswith("a, b: ")
    assert note.endswith(": cat, dog")
    assert verdict_table(SOME).notes == ()


@pytest.mark.parametrize(
    ("beside", "together", "note"),
    [
        ((), (), "use of a, b: measured beside nothing else"),
        (("c", "d"), (), "use of a, b: measured beside c, d alone"),
        ((), ("a", "b"), "use of a, b: measured for a, b together, beside nothing else"),
    ],
)
def test_what_a_use_is_measured_beside_is_said(
    beside: tuple[str, ...], together: tuple[str, ...], note: str
) -> None:
    own = Trained(0.1, (0.05, 0.15))
    other = Trained(0.1, (0.05, 0.15), beside, together)
    some = [verdict(name, "undecided", use="helps", trained=other) for name in "ab"]
    found = verdict_table([*some, verdict("e", "undecided", use="helps", trained=own)])
    assert found.notes == (note,)
    assert [len(row.lines) for row in found.rows] == [2, 1]


def test_why_candidates_are_tried_is_said_once_for_each_reason() -> None:
    board = Proposed("names", "columns are named like a 7x6 board")
    alike = Proposed("data", "3 columns with similar distributions")
    verdicts = [
        verdict("listed", "holds"),
        *(verdict(name, "holds", proposed=alike) for name in ("swap:0-1", "swap:1-2")),
        verdict("mirror", "undecided", proposed=board),
    ]
    assert verdict_table(verdicts).notes == (
        "proposed from the data: exchange of columns 0, 1, 2: 3 columns with similar distributions",
        "proposed from names: mirror: columns are named like a 7x6 board",
    )


def test_what_labels_led_to_and_is_undecided_is_said_not_to_be_searched() -> None:
    from_labels = Proposed("data", "same pattern", saw_labels=True)
    verdicts = [
        verdict("ring", "undecided", proposed=from_labels),
        verdict("mirror", "holds", proposed=from_labels),
        verdict("listed", "undecided"),
    ]
    *_, note = verdict_table(verdicts).notes
    assert note.startswith("not searched: ring: labels led there")
    assert not any("not searched" in one for one in verdict_table(verdicts[1:]).notes)
