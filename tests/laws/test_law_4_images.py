"""Law 4: the hidden action must be a homomorphic image of the action on the input."""

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given

from autoequivariant.groups.closure.compatibility import is_homomorphic_image
from autoequivariant.groups.permutation import Permutation

from .random_groups import Actions, image_actions, unrelated_actions
from .slow_twins import identity, pair_group


def is_image_by_enumeration(ins: list[Permutation], outs: list[Permutation]) -> bool:
    n_in, n_out = ins[0].size, outs[0].size
    return all(
        out == identity(n_out)
        for out, inp in pair_group(outs, ins, n_out, n_in)
        if inp == identity(n_in)
    )


@given(image_actions())
def test_images_are_accepted(a: Actions) -> None:
    assert is_homomorphic_image(a.ins, a.outs)


@given(image_actions())
def test_the_other_direction_is_accepted_where_it_is_an_image_too(a: Actions) -> None:
    accepted = is_homomorphic_image(a.outs, a.ins)
    assert accepted == is_image_by_enumeration(a.outs, a.ins)


@given(unrelated_actions().filter(lambda a: bool(a.ins)))
def test_unrelated_actions_are_judged_as_the_enumeration_judges(a: Actions) -> None:
    assert is_homomorphic_image(a.ins, a.outs) == is_image_by_enumeration(a.ins, a.outs)


def test_no_generators_are_an_image() -> None:
    assert is_homomorphic_image([], [])


def cycle(*points: int, size: int) -> Permutation:
    image = list(range(size))
    for a, b in zip(points, (*points[1:], points[0]), strict=True):
        image[a] = b
    return Permutation(image)


def on_cells(move: Callable[[int, int], tuple[int, int]]) -> Permutation:
    cells = list(product(range(3), repeat=2))
    return Permutation([cells.index(move(*cell)) for cell in cells])


# The Heisenberg group of exponent 3 acts on (u, v) by u -> u + 1 and by v -> v + u; its centre
# moves v alone. Its quotient by the centre is Z3 x Z3. The generators have order 3 in both.
HEISENBERG = [
    on_cells(lambda u, v: ((u + 1) % 3, v)),
    on_cells(lambda u, v: (u, (v + u) % 3)),
]
QUOTIENT = [
    on_cells(lambda u, v: ((u + 1) % 3, v)),
    on_cells(lambda u, v: (u, (v + 1) % 3)),
]
# Two reflections of the square as signed permutations of the axes; their product is a quarter turn.
SWAP_AXES, NEGATE_AXIS = Permutation([1, 0]), Permutation([0, 1], [1, -1])
KLEIN = [Permutation([1, 0, 3, 2]), Permutation([2, 3, 0, 1])]
QUARTER_TURN = Permutation([1, 0], [1, -1])

# name, inputs, outputs, sound; each unsound pair stands beside its sound reverse
CASES = [
    ("a quotient has no image of its group", QUOTIENT, HEISENBERG, False),
    ("a group has its quotient as image", HEISENBERG, QUOTIENT, True),
    (
        "an intransitive 2+3 has Z6 as image",
        [cycle(0, 1, size=5) @ cycle(2, 3, 4, size=5)],
        [cycle(0, 1, 2, 3, 4, 5, size=6)],
        True,
    ),
    (
        "2+3 apart have Z6 as image",
        [cycle(0, 1, size=5), cycle(2, 3, 4, size=5)],
        [cycle(0, 1, 2, 3, 4, 5, size=6) ** 3, cycle(0, 1, 2, 3, 4, 5, size=6) ** 2],
        True,
    ),
    ("Z7 has no Z5", [cycle(*range(7), size=7)], [cycle(*range(5), size=5)], False),
    ("Z10 has Z5", [cycle(*range(10), size=10)], [cycle(*range(5), size=5)], True),
    ("signs: Klein's group has no square", KLEIN, [SWAP_AXES, NEGATE_AXIS], False),
    ("signs: the square has Klein's group", [SWAP_AXES, NEGATE_AXIS], KLEIN, True),
    ("signs: order 2 has no quarter turn", [cycle(0, 1, size=2)], [QUARTER_TURN], False),
    ("signs: a quarter turn has order 2", [QUARTER_TURN], [cycle(0, 1, size=2)], True),
    ("signs: a quarter turn is Z4", [QUARTER_TURN], [cycle(0, 1, 2, 3, size=4)], True),
    ("signs: Z4 is a quarter turn", [cycle(0, 1, 2, 3, size=4)], [QUARTER_TURN], True),
]


@pytest.mark.parametrize(("name", "ins", "outs", "sound"), CASES, ids=[c[0] for c in CASES])
def test_cases(name: str, ins: list[Permutation], outs: list[Permutation], sound: bool) -> None:
    assert is_image_by_enumeration(ins, outs) == sound
    assert is_homomorphic_image(ins, outs) == sound


def test_the_heisenberg_group_needs_the_chain_of_stabilisers() -> None:
    orders = [[g.order() for g in action] for action in (HEISENBERG, QUOTIENT)]
    assert orders == [[3, 3], [3, 3]]
    assert not is_homomorphic_image(QUOTIENT, HEISENBERG)
