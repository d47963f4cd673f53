"""Candidates as an argument of Python: a text, one candidate, or several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autoequivariant.candidates.symmetry_file import read_candidates
from autoequivariant.errors import SymmetryError, shown
from autoequivariant.groups.custom.definition import Candidate, Definition, candidate_of
from autoequivariant.groups.custom.notation import is_integer_list
from autoequivariant.groups.symmetry import Symmetry

_MOST_PROBLEMS = 3  # that one error message lists


def candidates_from(symmetries: Any) -> tuple[Candidate, ...] | None:
    """Return candidates from a text, one candidate, or several."""
    if symmetries is None:
        return None
    if isinstance(symmetries, str | Path):
        return read_candidates(str(symmetries))
    if isinstance(symmetries, Mapping | Symmetry | Definition) or (
        is_integer_list(symmetries) and len(symmetries)
    ):
        return (candidate_of(symmetries),)  # a list of integers is the image of each index
    if not isinstance(symmetries, Iterable) or isinstance(symmetries, bytes):
        raise SymmetryError(
            "symmetries must be a text, or a list such as ['hflip'] or [{'swap': 'a <-> b'}]; got "
            f"{shown(symmetries)}."
        )
    if isinstance(symmetries, np.ndarray) and symmetries.dtype.kind not in "iuOU":
        raise SymmetryError(
            "symmetries must be an array of integers, as in [1, 0, 2]; got an array of "
            f"{symmetries.dtype}."
        )
    candidates, problems = [], []
    for entry in symmetries:
        try:
            candidates.append(candidate_of(entry))
        except SymmetryError as error:
            problems.append(str(error))
    if problems:
        raise SymmetryError(" ".join(problems[:_MOST_PROBLEMS]))
    return tuple(candidates)
