"""Candidates as an argument."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.candidates.given import candidates_from
from autoequivariant.errors import SymmetryError
from autoequivariant.groups.custom.definition import candidate_of
from autoequivariant.groups.symmetry import Symmetry

SWAP = candidate_of({"swap": "0 <-> 1"})


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (None, None),
        ("rot90, hflip", (Symmetry("rot90"), Symmetry("hflip"))),
        (Symmetry("rot90"), (Symmetry("rot90"),)),
        ({"swap": "0 <-> 1"}, (SWAP,)),
        (["hflip", {"swap": "0 <-> 1"}], (Symmetry("hflip"), SWAP)),
        (np.array([1, 0]), (candidate_of([1, 0]),)),
    ],
)
def test_all_forms(given: Any, found: Any) -> None:
    assert candidates_from(given) == found


def test_a_path_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text("- swap: 0 <-> 1\n")
    assert candidates_from(tmp_path / "mine.yaml") == (SWAP,)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (3, "must be a text, or a list"),
        (b"rot90", "must be a text, or a list"),
        (np.array([0.5]), "an array of integers"),
        (["rot91", "hflap"], "rot91.*hflap"),
    ],
)
def test_anything_else_is_refused(given: Any, reason: str) -> None:
    with pytest.raises(SymmetryError, match=reason):
        candidates_from(given)
