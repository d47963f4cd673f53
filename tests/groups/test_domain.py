"""Domains: shapes, text forms and what is refused."""

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.groups.domain import (
    Domain,
    Features,
    Grid,
    Pairs,
    Sequence,
    Volume,
    make_domain,
    parse_domain,
)

DOMAINS = [
    (Grid(28, 28), "28x28", "grid", (28, 28), 784),
    (Grid(1, 5), "1x5", "grid", (1, 5), 5),
    (Volume(2, 3, 4), "2x3x4", "volume", (2, 3, 4), 24),
    (Sequence(100), "sequence:100", "sequence", (100,), 100),
    (Features(64), "features:64", "features", (64,), 64),
    (Pairs(23), "pairs:23", "pairs", (23, 23), 529),
    (Pairs(1), "pairs:1", "pairs", (1, 1), 1),
]


@pytest.mark.parametrize(("domain", "text", "kind", "shape", "size"), DOMAINS)
def test_a_domain_knows_its_shape_and_round_trips(
    domain: Domain, text: str, kind: str, shape: tuple[int, ...], size: int
) -> None:
    assert str(domain) == text
    assert parse_domain(text) == parse_domain(f" {text}\n") == domain
    assert make_domain(kind, shape) == domain
    assert (domain.kind, domain.shape, domain.size) == (kind, shape, size)
    assert hash(parse_domain(text)) == hash(domain)


def test_kinds_with_the_same_sides_differ() -> None:
    assert Sequence(8) != Features(8)
    assert Pairs(8) != Grid(8, 8)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "28",
        "28x",
        "28x28x28x28",
        "28 x 28",
        "-1x3",
        "sequence",
        "sequence:",
        "rows:3",
        "pairs:3x3",
        "٣x٣",
    ],
)
def test_texts_that_are_not_understood_are_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="write 28x28 for images") as refusal:
        parse_domain(text)
    assert repr(text) in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("0x3", "height"),
        ("3x0", "width"),
        ("0x1x1", "depth"),
        ("features:0", "count"),
        ("pairs:0", "count"),
    ],
)
def test_a_side_of_zero_is_refused_by_name(text: str, field: str) -> None:
    with pytest.raises(SettingsError, match=f"The {field} of a .* must be .* 1 or more; got 0"):
        parse_domain(text)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        ("grid", (3,)),
        ("volume", (3, 3)),
        ("sequence", (3, 3)),
        ("ring", (3,)),
        ("pairs", (3,)),
        ("pairs", (3, 4)),
    ],
)
def test_a_kind_with_the_wrong_number_of_sides_is_refused(
    kind: str, shape: tuple[int, ...]
) -> None:
    with pytest.raises(SettingsError, match=f"no domain of kind '{kind}'"):
        make_domain(kind, shape)


@pytest.mark.parametrize(
    ("text", "twin"),
    [
        ("4096x4097", "4096x4096"),
        ("99999x99999x99999", "256x256x256"),
        ("sequence:16777217", "sequence:16777216"),
        (f"features:{'9' * 5000}", "features:9999999"),
        ("pairs:4097", "pairs:4096"),
        (f"{'9' * 5000}x1", "9999999x1"),
        (f"1x1x{'1' * 19}", "1x1x1111111"),
    ],
)
def test_a_domain_of_too_many_indices_is_refused(text: str, twin: str) -> None:
    assert str(parse_domain(twin)) == twin
    with pytest.raises(SettingsError, match="has more than 16,777,216 indices") as refusal:
        parse_domain(text)
    assert len(str(refusal.value)) < 150
