"""Every way to write a permutation, and the error for every way to write it wrongly."""

from typing import Any

import numpy as np
import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.custom.notation import IndexNames, parse_permutation
from autoequivariant.groups.permutation import Permutation

KNEES = IndexNames(6, ("left_knee", "right_knee", "left hip", "right hip", "vx", "3"), "column")
MIXED = IndexNames(6, (*KNEES.names[:5], "vy"), "column")
PLAIN = IndexNames(4, (), "index")
CLASSES = IndexNames(3, ("1", "2", "3"), "class")
SIGNED = IndexNames(3, ("-1", "0", "1"), "class")

GOOD: list[tuple[IndexNames, dict[str, Any], list[int], list[int]]] = [
    (PLAIN, {"image": [2, 0, 1, 3]}, [2, 0, 1, 3], [1] * 4),
    (PLAIN, {"image": (0, 1, 2, 3), "signs": [1, -1, 1, 1]}, [0, 1, 2, 3], [1, -1, 1, 1]),
    (PLAIN, {"image": np.array([1, 0, 3, 2])}, [1, 0, 3, 2], [1] * 4),
    (PLAIN, {"cycles": "(0 3)(1 2)"}, [3, 2, 1, 0], [1] * 4),
    (PLAIN, {"cycles": "(0, 1, 2)"}, [1, 2, 0, 3], [1] * 4),
    (PLAIN, {"cycles": "(2)"}, [0, 1, 2, 3], [1] * 4),
    (PLAIN, {"swap": "0 <-> 3"}, [3, 1, 2, 0], [1] * 4),
    (PLAIN, {"ring": "0 1 2 3"}, [1, 2, 3, 0], [1] * 4),
    (PLAIN, {"ring": [0, 2]}, [2, 1, 0, 3], [1] * 4),
    (PLAIN, {"negate": 2}, [0, 1, 2, 3], [1, 1, -1, 1]),
    (PLAIN, {"negate": "1, 3"}, [0, 1, 2, 3], [1, -1, 1, -1]),
    (PLAIN, {"negate": "all"}, [0, 1, 2, 3], [-1] * 4),
    (KNEES, {"swap": "left_knee <-> right_knee"}, [1, 0, 2, 3, 4, 5], [1] * 6),
    (
        KNEES,
        {"swap": "left_knee <-> right_knee, left hip <-> right hip", "negate": "vx"},
        [1, 0, 3, 2, 4, 5],
        [1, 1, 1, 1, -1, 1],
    ),
    (KNEES, {"swap": ["left hip <-> right hip"]}, [0, 1, 3, 2, 4, 5], [1] * 6),
    (MIXED, {"ring": ["left hip", "vx", 0]}, [2, 1, 4, 3, 0, 5], [1] * 6),
    (KNEES, {"negate": "3"}, [0, 1, 2, 3, 4, 5], [1, 1, 1, 1, 1, -1]),  # a name before a number
    (KNEES, {"ring": ["left hip", "vx", 3]}, [0, 1, 4, 3, 5, 2], [1] * 6),
    # Where names are numbers, a number is a name.
    (CLASSES, {"swap": "1 <-> 3"}, [2, 1, 0], [1] * 3),
    (CLASSES, {"ring": [1, 2]}, [1, 0, 2], [1] * 3),
    (SIGNED, {"swap": "-1 <-> 1"}, [2, 1, 0], [1] * 3),
    (SIGNED, {"swap": "0 <-> 1"}, [0, 2, 1], [1] * 3),
    # Cycles as lists.
    (PLAIN, {"cycles": [[0, 1], [2, 3]]}, [1, 0, 3, 2], [1] * 4),
    (KNEES, {"cycles": [["left hip", "vx"]]}, [0, 1, 4, 3, 2, 5], [1] * 6),
    # One after the other: what is swapped first is negated where it has come to.
    (MIXED, {"swap": "0 <-> 1", "negate": 1}, [1, 0, 2, 3, 4, 5], [-1, 1, 1, 1, 1, 1]),
    (MIXED, {"negate": 1, "swap": "0 <-> 1"}, [1, 0, 2, 3, 4, 5], [1, -1, 1, 1, 1, 1]),
]


@pytest.mark.parametrize(("indices", "mapping", "image", "signs"), GOOD)
def test_ways_to_write_one(
    indices: IndexNames, mapping: dict[str, Any], image: list[int], signs: list[int]
) -> None:
    assert parse_permutation(mapping, indices) == Permutation(image, signs)


BAD: list[tuple[IndexNames, dict[str, Any], str]] = [
    (PLAIN, {"image": [0, 1, 2]}, "image: has 3 numbers, but there are 4 indices"),
    (
        PLAIN,
        {"image": [0, 1, 2, 2]},
        "not a bijection: 2 occurs more than once and 3 is missing",
    ),
    (PLAIN, {"image": [0, 1, 2, 4]}, "image: contains 4, but indices are numbered from 0 to 3"),
    (PLAIN, {"image": [0, 1, 2, -1]}, "image: contains -1"),
    (PLAIN, {"image": [0.0, 1, 2, 3]}, "image: must be a list of whole numbers"),
    (PLAIN, {"image": "2 0 1 3"}, "image: must be a list of whole numbers"),
    (PLAIN, {"image": [True, 1, 2, 3]}, "image: must be a list of whole numbers"),
    (PLAIN, {"image": [0, 1, 2, 3], "signs": [1, 1, 1]}, "signs: has 3 numbers"),
    (PLAIN, {"image": [0, 1, 2, 3], "signs": [1, 1, 1, 0]}, "must be +1 or -1"),
    (PLAIN, {"swap": "0 <-> 1", "signs": [1, 1, 1, 1]}, "signs: is allowed only with image:"),
    (PLAIN, {"cycles": "0 3"}, "cycles: must be written as in (0 3)(1 4 2); got '0 3'"),
    (PLAIN, {"cycles": [0, 3]}, "cycles: must be written as in (0 3)(1 4 2); got a list of 2"),
    (PLAIN, {"cycles": []}, "cycles: must be written as in (0 3)(1 4 2); got a list of 0"),
    (PLAIN, {"cycles": [[0, 1], [1, 2]]}, "cycles: names index 1 twice"),
    (PLAIN, {"cycles": "(0 1)(1 2)"}, "cycles: names index '1' twice"),
    (PLAIN, {"cycles": "(0 4)"}, "There is no index '4': they are numbered from 0 to 3"),
    (PLAIN, {"swap": "0 1"}, "swap: must be written as in a <-> b; got '0 1'"),
    (PLAIN, {"swap": "0 <-> 1 <-> 2"}, "swap: must be written as in a <-> b"),
    (PLAIN, {"swap": "0 <-> 0"}, "swap: names index '0' twice"),
    (PLAIN, {"ring": "2"}, "ring: needs two or more names"),
    (PLAIN, {"ring": 1.5}, "ring: must be followed by names or numbers; got 1.5"),
    (PLAIN, {"negate": True}, "negate: must be followed by names or numbers; got True"),
    (PLAIN, {"negate": [True]}, "The index True is neither a name nor a number"),
    (KNEES, {"swap": "left_knee <-> right_kne"}, "did you mean right_knee?"),
    (KNEES, {"negate": "vy"}, "There is no column 'vy'"),
    (
        CLASSES,
        {"swap": "0 <-> 2"},
        "no class '0': they are 1, 2, 3. Since some names are numbers",
    ),
    (
        SIGNED,
        {"swap": "1 <-> 2"},
        "no class '2': they are -1, 0, 1. Since some names are numbers",
    ),
    (KNEES, {"negate": 0}, "There is no column 0: they are left_knee"),
    (PLAIN, {"negate": "1" * 5000}, "There is no index '1111"),
    (PLAIN, {"negate": "٣"}, "There is no index '٣'"),
    (PLAIN, {"ring": ["0", "x" * 10**6]}, "There is no index 'xxx"),
    (PLAIN, {"image": [0, 1, 2, 10**200]}, "image: contains a number of more than 60 digits"),
    (KNEES, {"ring": "left hip vx"}, "There is no column 'left': did you mean left hip"),
]


@pytest.mark.parametrize(("indices", "mapping", "phrase"), BAD)
def test_what_is_wrong_is_said(indices: IndexNames, mapping: dict[str, Any], phrase: str) -> None:
    with pytest.raises(SymmetryError) as error:
        parse_permutation(mapping, indices)
    assert phrase in str(error.value)
    assert str(error.value)[-2:] not in ("?.", "..")
    assert len(str(error.value)) < 200


class Name(str):
    """A name that counts how often it is compared."""

    compared = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Name.compared += 1
        return str.__eq__(self, other)


MANY = 20_000


@pytest.mark.parametrize(
    ("key", "value", "first"),
    [
        ("swap", [f"c{k} <-> c{k + 1}" for k in range(0, MANY, 2)], [1, 0, 3, 2]),
        ("ring", [f"c{k}" for k in range(MANY)], [1, 2, 3, 4]),
        ("cycles", "".join(f"(c{k} c{k + 1})" for k in range(0, MANY, 2)), [1, 0, 3, 2]),
        ("cycles", [[f"c{k}", f"c{k + 1}"] for k in range(0, MANY, 2)], [1, 0, 3, 2]),
        ("negate", [f"c{k}" for k in range(MANY)], [0, 1, 2, 3]),
        ("image", [*range(1, MANY), 0], [1, 2, 3, 4]),
    ],
)
def test_long_permutations_compare_each_name_a_few_times(
    key: str, value: Any, first: list[int]
) -> None:
    names = IndexNames(MANY, tuple(Name(f"c{k}") for k in range(MANY)), "column")
    Name.compared = 0
    assert parse_permutation({key: value}, names).image[:4].tolist() == first
    assert Name.compared < 20 * MANY
