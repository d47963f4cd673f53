"""Records that are exchanged as wholes."""

import random
from collections.abc import Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoequivariant.proposing.names.draft import Draft
from autoequivariant.proposing.names.records import record_drafts
from autoequivariant.proposing.names.words import names_of

from .moved import draft_moves


def drafts_of(columns: Sequence[str], outputs: Sequence[str] = ("u", "v")) -> list[Draft]:
    return record_drafts(names_of(columns), outputs, (), None)


FOUND = [
    # columns, where the first exchange takes some, and how many drafts there are
    ("x1 y1 z1 x2 y2 z2 x3 y3 z3", {"x1": "x2", "z2": "z1"}, 2),
    ("p1_age p1_dose p2_age p2_dose", {"p1_age": "p2_age", "p2_dose": "p1_dose"}, 1),
    ("age_1 dose_1 age_2 dose_2 sex", {"age_1": "age_2"}, 1),
    ("1_age 1_dose 2_age 2_dose", {"1_age": "2_age"}, 1),
    ("player1Age player1Dose player2Age player2Dose", {"player1Age": "player2Age"}, 1),
    ("ageP1 doseP1 ageP2 doseP2", {"doseP1": "doseP2"}, 1),
    ("age.p01 dose.p01 age.p02 dose.p02", {"age.p01": "age.p02"}, 1),
    ("x1_speed y1_speed x2_speed y2_speed", {"x1_speed": "x2_speed", "y1_speed": "y2_speed"}, 1),
    ("x1_v x1_a y1_v y1_a x2_v x2_a y2_v y2_a", {"x1_v": "x2_v", "y1_a": "y2_a"}, 1),
    ("d1_a d1_b d2_a d2_b e1_a e1_b e2_a e2_b", {"d1_a": "d2_a"}, 2),
    ("sensorA_v sensorA_w sensorB_v sensorB_w sensorC_v sensorC_w", {"sensorA_v": "sensorB_v"}, 2),
    ("a1 b1 c1 a2 b2 c2", {"a1": "a2", "c2": "c1"}, 1),
    ("x10 y10 x9 y9 x11 y11", {"x9": "x10"}, 2),
]


@pytest.mark.parametrize(("text", "expected", "count"), FOUND)
def test_records(text: str, expected: dict[str, str], count: int) -> None:
    columns = text.split()
    drafts = drafts_of(columns)
    assert len(drafts) == count
    found = draft_moves(drafts[0], columns)
    assert expected.items() <= found.items()
    assert all(found[end] == start for start, end in found.items())


NOTHING = [
    "p1_age p1_dose p2_age",  # a record without a field
    "p1_age p1_dose p2_age p2_dose p3_age",
    "x1 y1 x2 y2 total_1",
    "p1_age p1_dose p_1_age p2_age p2_dose",  # the same words
    "p-2_v p-2_w p2_v p2_w p-1_v p-1_w p1_v p1_w",  # positions
    " ".join(f"feature_{n}" for n in range(64)),
    " ".join(f"x{n}" for n in range(64)),
    " ".join(f"V{n}" for n in range(1, 31)) + " Time Amount",
    "age_1 age_2",  # a record of a single field
    "p1_age p1_dose",
    "load(t-1) temp(t-1) load(t-2) temp(t-2)",  # times
    "lag1_load lag1_temp lag2_load lag2_temp",
    "gdp_2010 pop_2010 gdp_2011 pop_2011",
    "alice_age alice_dose bob_age bob_dose",  # words need samples
    "a_age a_dose b_age b_dose",  # sides
    "s1 s2 s3 s4 s5 s6 age sex bmi bp",
    "1 2 3 4",
]


@pytest.mark.parametrize("text", NOTHING)
def test_near_misses_suggest_nothing(text: str) -> None:
    assert drafts_of(text.split()) == []


def test_a_ring_moves_each_record_to_the_next() -> None:
    columns = "x1 y1 x2 y2 x3 y3".split()
    moved = draft_moves(drafts_of(columns)[1], columns)
    assert [moved[name] for name in columns] == "x2 y2 x3 y3 x1 y1".split()


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        (("p1", "p2", "p3"), [((0, 1),), (), ((0, 1, 2),), ()]),
        (("draw", "p1 wins", "p2 wins", "p3 wins"), [((1, 2),), (), ((1, 2, 3),), ()]),
        (("1", "2", "3"), [(), ((0, 1),), (), ((0, 1, 2),)]),
        (("0", "1", "2"), [(), ()]),
        (("q1", "q2", "q3"), [(), ()]),
    ],
)
def test_outputs_that_are_records_move_alike(outputs: tuple[str, ...], expected: object) -> None:
    columns = [f"p{n}_{field}" for n in (1, 2, 3) for field in ("age", "dose")]
    drafts = drafts_of(columns, outputs)
    assert [draft.outputs for draft in drafts] == expected
    assert len({draft.name for draft in drafts}) == len(drafts)


FIELDS = st.lists(
    st.text("cdefghijklmnopqrst", min_size=2, max_size=8), min_size=2, max_size=6, unique=True
)
WRITTEN = [
    "{word}{n}{sep}{field}",
    "{word}{sep}{n}{sep}{field}",
    "{n}{sep}{field}",
    "{field}{sep}{n}",
    "{field}{sep}{word}{n}",
]


@given(
    fields=FIELDS,
    count=st.integers(2, 12),
    start=st.integers(0, 100),
    written=st.sampled_from(WRITTEN),
    sep=st.sampled_from(["_", ".", " ", "-", ":", "__", "/", ""]),
    seed=st.integers(0, 2**32 - 1),
)
def test_every_product_of_records_and_fields_is_found(
    fields: list[str], count: int, start: int, written: str, sep: str, seed: int
) -> None:
    numbers = range(start, start + count)

    def name(number: int, field: str) -> str:
        return written.format(word="player", n=number, sep=sep, field=field)

    columns = [name(*pair) for pair in product(numbers, fields)]
    random.Random(seed).shuffle(columns)
    exchange, *rings = drafts_of([*columns, "other"])
    moved = draft_moves(exchange, columns)
    assert moved == {
        name(a, field): name(b, field)
        for field in fields
        for a, b in ((start, start + 1), (start + 1, start))
    }
    assert len(rings) == (count > 2)
    for ring in rings:
        assert draft_moves(ring, columns) == {
            name(n, field): name(numbers[(at + 1) % count], field)
            for field in fields
            for at, n in enumerate(numbers)
        }


@given(st.lists(st.text(max_size=12), max_size=30, unique=True))
def test_whatever_the_names_fields_move_to_fields_of_other_records(columns: list[str]) -> None:
    for draft in drafts_of(columns):
        moved = draft_moves(draft, columns)
        assert set(moved) == set(moved.values())
        assert all(start != end for start, end in moved.items())


WORDS = ["_".join(pair) for pair in product(("alice", "bob"), ("age", "dose"))]


@pytest.mark.parametrize(
    ("means", "columns", "expected"),
    [
        ((0, 9, 0, 9), WORDS, {"alice_age": "bob_age", "alice_dose": "bob_dose"}),
        ((0, 0, 9, 9), WORDS, {"alice_age": "alice_dose", "bob_age": "bob_dose"}),
        ((0, 3, 6, 9), WORDS, None),
        ((0, 9, 0, 9), ["_".join(p) for p in product(("mean", "max"), ("age", "dose"))], None),
        ((0, 9, 0, 9), ["_".join(p) for p in product(("pre", "post"), ("age", "dose"))], None),
    ],
)
def test_words_tell_records_if_samples_agree(
    means: tuple[int, ...], columns: list[str], expected: dict[str, str] | None
) -> None:
    x = np.random.default_rng(0).normal(means, 1, (500, 4))
    drafts = record_drafts(names_of(columns), ("u", "v"), (), x)
    assert len(drafts) == (expected is not None)
    if expected:
        assert expected.items() <= draft_moves(drafts[0], columns).items()


def test_names_tell_records_of_categories_with_the_same_values() -> None:
    x = np.random.default_rng(0).integers(0, 2, (500, 4))
    alike, unlike = (("u", "v"),) * 4, (("u", "v"), ("u", "v"), ("u", "v"), ("u", "w"))
    assert record_drafts(names_of(WORDS), ("u", "v"), alike, x)
    assert not record_drafts(names_of(WORDS), ("u", "v"), unlike, x)
