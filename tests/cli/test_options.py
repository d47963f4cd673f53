"""Texts of options become values, or are refused by the name of the option."""

from typing import Any

import pytest

from autoequivariant.cli.options import (
    first_given,
    parse_bytes,
    parse_candidates,
    parse_columns,
    parse_domains,
    parse_names,
    parse_numbers,
)
from autoequivariant.errors import AutoequivariantError, SettingsError
from autoequivariant.groups.domain import Features, Grid
from autoequivariant.groups.symmetry import parse_symmetries

PARSERS = (
    *(parse_bytes, parse_candidates, parse_columns),
    *(parse_domains, parse_names, parse_numbers),
)


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        (parse_bytes, 1.5, 3 * 2**29),
        (parse_bytes, 1e-12, 1),
        (parse_bytes, 2.0**30, 2**60),
        (parse_candidates, "hflip,rot90", parse_symmetries("hflip,rot90")),
        (parse_candidates, " none ", ()),
        (parse_columns, ["a,b", "c"], ("a,b", "c")),
        (parse_domains, "4x4,features:3", (Grid(4, 4), Features(3))),
        (parse_names, "b, a,b", ("b", "a")),
        (parse_names, "none", ()),
        (parse_numbers, "1,20", (1, 20)),
        (parse_numbers, "9" * 18, (10**18 - 1,)),
    ],
)
def test_values(parse: Any, text: Any, value: Any) -> None:
    assert parse(text) == value


@pytest.mark.parametrize("parse", PARSERS)
def test_what_is_not_given_is_none(parse: Any) -> None:
    assert parse(None) is None


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [
        *(
            (parse_bytes, float(n), f"as in 8; got {float(n):g}: leave it out for a quarter")
            for n in ("0", "-1", "inf", "nan", "-2.5")
        ),
        *((parse_bytes, n, "more than 0 and at most 1,073,741,824 GiB") for n in (2.0**31, 1e300)),
        *((parse_numbers, t, "--widths must be numbers") for t in ("", "1,,2", "-1", "1.5")),
        *((parse_numbers, t, r"got '1,9{54}\.\.\.") for t in (f"1,{'9' * 60}", f"1,{'9' * 5000}")),
        (parse_numbers, "1,٣", "--widths must be numbers"),
    ],
)
def test_values_out_of_range(parse: Any, text: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("parse", "text", "message"),
    [(parse_candidates, "hflpi", "did you mean hflip"), (parse_domains, "4x", "'4x'")],
)
def test_names_that_are_not_known(parse: Any, text: str, message: str) -> None:
    with pytest.raises(AutoequivariantError, match=message):
        parse(text)


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({"kind": None, "memory_limit": 2.0, "task": "regression"}, "--memory-limit"),
        ({"divide": 0.0}, "--divide"),
        ({"kind": None}, None),
    ],
)
def test_the_first_option_that_was_given(options: dict[str, Any], first: str | None) -> None:
    assert first_given(options) == first
