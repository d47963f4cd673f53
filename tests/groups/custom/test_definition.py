"""Custom symmetries: definition, names, resolution against data, and round trips to JSON."""

import json
from typing import Any

import numpy as np
import pytest

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Features, Grid, Pairs, Sequence
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

TABLE = DataSpec(Features(4), ("a", "b", "vx", "vy"), 1, ("loss", "win"))
BOARD = DataSpec(Grid(3, 3), (), 1, ("draw", "loss", "win"))
DEEP: dict[str, Any] = {"channels": 1}
for _ in range(100_000):
    DEEP = {"channels": DEEP}
MOLECULE = DataSpec(Pairs(4), (), 1, ("energy",), has_classes=False)
STEERING = DataSpec(Grid(2, 4), (), 2, ("angle", "speed"), has_classes=False)


def one(mapping: Any, spec: DataSpec) -> Symmetry:
    (symmetry,) = resolve([candidate_of(mapping)], spec)
    return symmetry


def test_columns_by_name() -> None:
    symmetry = one({"swap": "a <-> b", "negate": "vx"}, TABLE)
    assert str(symmetry) == "swap a <-> b; negate vx"
    assert symmetry.description == "moves 2 and negates 1 of 4 indices"
    assert symmetry.action(TABLE.domain) == Permutation([1, 0, 2, 3], [1, 1, -1, 1])
    assert symmetry.output_action(2) is None
    assert symmetry.channel_action(1) is None


def test_labels_by_name() -> None:
    symmetry = one(
        {"name": "players", "like": "negate", "outputs": {"swap": "win <-> loss"}}, BOARD
    )
    assert str(symmetry) == "players"
    assert symmetry.output_action(3) == Permutation([0, 2, 1])
    assert symmetry.action(Grid(3, 3)) == Symmetry("negate").action(Grid(3, 3))
    assert symmetry.description == "change the sign of every value; moves 2 of 3 outputs"


def test_target_components_and_channels() -> None:
    mapping = {"like": "hflip", "outputs": {"negate": "angle"}, "channels": {"swap": "0 <-> 1"}}
    symmetry = one(mapping, STEERING)
    assert symmetry.output_action(2) == Permutation([0, 1], [-1, 1])
    assert symmetry.channel_action(2) == Permutation([1, 0])
    short = one({"like": "hflip", "outputs": "negate"}, STEERING)
    assert short.output_action(2) == Permutation([0, 1], [-1, -1])
    assert str(short) == "like hflip; outputs negate"


def test_items_of_pairs() -> None:
    """Rows and columns move together, and an item's sign is that of its row and its column."""
    symmetry = one({"cycles": "(0 1 3)", "negate": 2}, MOLECULE)
    assert symmetry.description == "moves 3 and negates 1 of 4 indices"
    x = np.arange(16.0).reshape(4, 4)
    order = np.array([3, 0, 2, 1])  # item 0 moves to 1, 1 to 3 and 3 to 0
    signs = np.array([1, 1, -1, 1])
    moved = symmetry.action(Pairs(4)).apply(x.ravel()).reshape(4, 4)
    assert np.array_equal(moved, x[order][:, order] * np.outer(signs, signs))
    assert one({"swap": "0 <-> 1"}, MOLECULE).action(Pairs(4)) == Symmetry("swap", (0, 1)).action(
        Pairs(4)
    )
    assert one([1, 0, 2, 3], MOLECULE).is_defined_on(Features(4))  # as hidden layers


def test_a_step_shrinks_with_the_domain() -> None:
    own = one({"name": "drift", "like": "translate_x:2", "outputs": "negate"}, STEERING)
    coarse = own.rescaled(Grid(2, 4), Grid(1, 2))
    assert coarse.action(Grid(1, 2)) == Symmetry("translate_x", (1,)).action(Grid(1, 2))
    fixed = one({"image": [7, *range(1, 7), 0]}, STEERING)
    assert fixed.rescaled(Grid(2, 4), Grid(1, 2)) == fixed
    assert not fixed.is_defined_on(Grid(1, 2))


@pytest.mark.parametrize(
    ("mapping", "spec"),
    [
        ({"swap": "a <-> b", "negate": "vx"}, TABLE),
        ({"name": "players", "like": "negate", "outputs": {"swap": "win <-> loss"}}, BOARD),
        ({"like": "hflip", "outputs": {"negate": "angle"}, "channels": {"ring": "0 1"}}, STEERING),
        ({"image": np.array([1, 0, 2, 3])}, TABLE),
        ("hflip", BOARD),
        ({"ring": "0 1 3", "negate": 2}, MOLECULE),
    ],
)
def test_what_is_written_down_is_read_again(mapping: Any, spec: DataSpec) -> None:
    candidate = candidate_of(mapping)
    (symmetry,) = resolve([candidate], spec)
    for record in (candidate.to_json(), symmetry.to_json()):
        assert resolve([candidate_of(json.loads(json.dumps(record)))], spec) == (symmetry,)


def test_names() -> None:
    assert str(candidate_of({"ring": ["left hip", 2]})) == "ring left hip 2"
    assert str(candidate_of({"swap": "a <-> b, vx <-> vy"})) == "swap a <-> b vx <-> vy"
    assert str(candidate_of({"name": " mirror ", "negate": "a"})) == "mirror"
    assert str(candidate_of({"name": 7, "negate": "a"})) == "7"


def test_names_stay_distinct_where_they_are_shortened() -> None:
    columns = tuple(f"mean_temperature_in_{room}_in_degrees_celsius" for room in "abcd")
    spec = DataSpec(Features(4), columns)
    swaps = [{"swap": f"{columns[i]} <-> {columns[j]}"} for i, j in ((0, 1), (2, 3), (0, 1))]
    first, second = resolve(map(candidate_of, swaps), spec)
    assert [str(first), str(second)] == [
        "swap mean_temperatur...egrees_celsius <-> mean_temperatur...egrees_celsius",
        "swap mean_temperatur...egrees_celsius <-> mean_temperatur...egrees_celsius (2)",
    ]
    again = resolve([candidate_of(s.to_json()) for s in (first, second)], spec)
    assert again == (first, second)


@pytest.mark.parametrize("given", [[1, 0, 2, 3], (1, 0, 2, 3), np.array([1, 0, 2, 3])])
def test_an_index_array_alone(given: Any) -> None:
    assert one(given, TABLE) == one({"image": [1, 0, 2, 3]}, TABLE)


BAD: list[tuple[Any, DataSpec, str]] = [
    (
        3,
        TABLE,
        "A symmetry is a name, such as hflip, a mapping, such as swap: a <-> b, or the image",
    ),
    ([], TABLE, "or the image of each index, such as [1, 0, 2]; got a list of 0."),
    ([1, 0, 2], TABLE, "image: has 3 numbers, but there are 4 columns"),
    (
        [1.0, 0.0, 2.0, 3.0],
        TABLE,
        "or the image of each index, such as [1, 0, 2]; got a list of 4.",
    ),
    ([1, 0, 2], MOLECULE, "image: has 3 numbers, but there are 4 items"),
    ({"swap": "0 <-> 4"}, MOLECULE, "There is no item '4': they are numbered from 0 to 3."),
    ({"negate": "all"}, MOLECULE, "it leaves every sample unchanged"),
    ({"swop": "a <-> b"}, TABLE, "A symmetry has no 'swop': use name, like, image"),
    ({"swap": {1, 2}}, TABLE, "must consist of names and numbers"),
    ({"name": "x"}, TABLE, "Symmetry 'x': It does not act on the input"),
    ({"outputs": {"swap": "win <-> loss"}}, TABLE, "It does not act on the input"),
    ({"image": [0, 1, 2, 3]}, TABLE, "it leaves every sample unchanged"),
    ({"like": "reverse", "swap": "a <-> b"}, TABLE, "cannot have both like: and a permutation"),
    ({"like": "hflip"}, TABLE, "hflip is not defined on features:4"),
    ({"like": "hflop"}, TABLE, "did you mean hflip"),
    ({"name": "hflip", "negate": "a"}, TABLE, "cannot be called 'hflip'"),
    ({"name": "neg a,b", "negate": "a"}, TABLE, "leave them out, as in 'neg a b'."),
    ({"name": "", "negate": "a"}, TABLE, "cannot be called ''"),
    (
        {"name": "swap:0-1", "negate": "a"},
        TABLE,
        "cannot be called 'swap:0-1', which is a built-in",
    ),
    (
        {"name": "Rot90", "negate": "a"},
        TABLE,
        "cannot be called 'Rot90', which is a built-in",
    ),
    ({"name": "none", "negate": "a"}, TABLE, "cannot be called 'none', which is a reserved word"),
    ({"name": "Plain", "negate": "a"}, TABLE, "cannot be called 'Plain', which is a reserved word"),
    (
        {"name": "square", "negate": "a"},
        TABLE,
        "'square', which is a candidate list",
    ),
    ({"name": None, "negate": "a"}, TABLE, "name: must be text; got None"),
    ({"name": True, "negate": "a"}, TABLE, "name: must be text; got True"),
    ({"name": "a\x1b[31m", "negate": "a"}, TABLE, "leave out line breaks and control characters"),
    ({"name": "a\nb", "negate": "a"}, TABLE, "leave out line breaks and control characters"),
    ({"name": "a" * 201, "negate": "a"}, TABLE, "give it a name of 1 to 200 characters"),
    ({"negate": "vz"}, TABLE, "Symmetry 'negate vz': There is no column 'vz'"),
    ({"negate": "a", "outputs": {"negate": "win"}}, TABLE, "classes have no sign to change"),
    ({"negate": "a", "outputs": {"swap": "win <-> lost"}}, TABLE, "There is no class 'lost'"),
    ({"negate": "a", "outputs": {"like": "hflip"}}, TABLE, "like is not a permutation of classes"),
    ({"negate": "a", "outputs": 3}, TABLE, "the permutation of classes must be a mapping"),
    ({"channels": {"swap": "0 <-> 2"}}, STEERING, "There is no channel '2'"),
    ({"image": [10**5000, 1]}, TABLE, "must consist of names and numbers, of at most 18 digits"),
    ({"name": 10**5000, "negate": "a"}, TABLE, "must consist of names and numbers"),
    ({10**5000: 1}, TABLE, "A symmetry has no a number of more than 60 digits"),
    ({"channels": DEEP}, TABLE, "and lists of them; got an object of 1"),
    ({"outputs": {"cycles": [[[0, 1]]]}}, TABLE, "and lists of them; got an object of 1"),
    ({f"k{n}": 1 for n in range(40_000)}, TABLE, "'k6', 'k7' and 39,992 more: use name, like"),
    ({"like": f"translate_x:{'9' * 5000}"}, BOARD, "whole numbers of at most 18 digits"),
    ({"like": "x" * 10**6}, BOARD, "There is no symmetry 'xxx"),
    ({"name": "x" * 10**6, "negate": "a"}, TABLE, "give it a name of 1 to 200 characters"),
    ({"like": "hflip", "outputs": {"negate": "angel"}}, STEERING, "no target 'angel': did you"),
]


@pytest.mark.parametrize(("mapping", "spec", "phrase"), BAD)
def test_what_is_wrong_is_said(mapping: Any, spec: DataSpec, phrase: str) -> None:
    with pytest.raises(SymmetryError) as error:
        one(mapping, spec)
    assert phrase in str(error.value)
    assert len(str(error.value)) < 1500


def test_all_that_is_wrong_is_said_at_once() -> None:
    wrong = [{"negate": "vz"}, {"negate": "a"}, {"image": [0, 1]}, "hflip"]
    with pytest.raises(SymmetryError) as error:
        resolve(map(candidate_of, wrong), TABLE)
    assert "no column 'vz'" in str(error.value)
    assert "image: has 2 numbers" in str(error.value)
    assert "negate a" not in str(error.value)


def test_two_of_one_name() -> None:
    twice = [candidate_of({"name": "x", "negate": name}) for name in "ab"]
    with pytest.raises(SymmetryError, match="Two symmetries are called x"):
        resolve(twice, TABLE)
    assert len(resolve([twice[0], twice[0]], TABLE)) == 1


def test_many_problems_are_not_all_explained() -> None:
    wrong = [candidate_of({"negate": f"v{number}"}) for number in range(10_000)]
    with pytest.raises(SymmetryError, match="Only the first 10 problems are listed"):
        resolve(wrong, TABLE)
    with pytest.raises(SymmetryError) as error:
        resolve(wrong[:10], TABLE)
    assert "no column 'v9'" in str(error.value) and "Only" not in str(error.value)


@pytest.mark.parametrize(
    ("count", "size", "accepted"),
    [(10_000, 4, True), (10_001, 4, False), (16, 2**22, True), (17, 2**22, False)],
)
def test_candidates_that_are_too_many(count: int, size: int, accepted: bool) -> None:
    candidates = [Symmetry("shift", (step,)) for step in range(1, count + 1)]
    if accepted:
        assert len(resolve(candidates, DataSpec(Sequence(size)))) == count
    else:
        with pytest.raises(SymmetryError, match="are too many .*: name fewer"):
            resolve(candidates, DataSpec(Sequence(size)))
    with pytest.raises(SymmetryError, match="10,002 candidates on features:5001 are too many"):
        resolve(map(candidate_of, ["exchangeable", "signs", "reverse"]), DataSpec(Features(5001)))


def test_default_names_that_coincide_are_numbered() -> None:
    """Long default names leave out the middle: here, all that differs."""
    spec = DataSpec(Features(40))
    middles = [list(range(4, 39)) for _ in range(4)]
    middles[1].reverse()
    middles[2][:2] = [5, 4]
    rings = [candidate_of({"ring": [0, 1, 2, 3, *middle, 39]}) for middle in middles]
    first, second, third = resolve(rings, spec)  # the last is the first again
    assert (str(second), str(third)) == (f"{first} (2)", f"{first} (3)")


def test_the_other_strand() -> None:
    spec = DataSpec(Sequence(3), channels=4)
    symmetry = one("reverse_complement", spec)
    assert symmetry.channel_action(4) == Permutation([3, 2, 1, 0])
    assert symmetry.action(Sequence(3)) == Permutation([2, 1, 0])
    with pytest.raises(SymmetryError, match="it needs four channels, one for each of A, C, G, T"):
        symmetry.channel_action(3)
