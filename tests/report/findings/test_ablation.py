"""What the data say of each symmetry: supported, not supported, or supported together."""

import pytest

from autoequivariant.report.render.search_text import print_outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.results import AblationRecord

from ..outcomes import SUPPORTED, TOGETHER, UNSUPPORTED, changed, outcome, printed


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
