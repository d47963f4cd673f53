"""Problems of entries are reported together, and no more are looked for than are listed."""

from itertools import count

import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.problems import MOST_LISTED, Problems


def test_all_problems_are_reported_with_their_entries() -> None:
    problems = Problems("mine.yaml: ")
    for number, is_sound in enumerate([True, False, True, False], 1):
        with problems.noted(f"entry {number}: "):
            if not is_sound:
                raise SymmetryError("It is wrong.")
    with pytest.raises(SymmetryError) as error:
        problems.raise_if_any()
    assert str(error.value) == "mine.yaml: entry 2: It is wrong. entry 4: It is wrong."


def test_nothing_is_raised_where_nothing_is_wrong() -> None:
    problems = Problems()
    with problems.noted():
        pass
    problems.raise_if_any()


def test_other_errors_pass() -> None:
    with pytest.raises(ZeroDivisionError), Problems().noted():
        raise ZeroDivisionError


def test_many_problems_end_the_search_for_more() -> None:
    problems = Problems()
    with pytest.raises(SymmetryError) as error:
        for number in count(1):  # without end
            with problems.noted(f"entry {number}: "):
                raise SymmetryError("It is wrong.")
    assert number == MOST_LISTED + 1
    assert str(error.value).endswith(
        "entry 10: It is wrong. Only the first 10 problems are listed."
    )
