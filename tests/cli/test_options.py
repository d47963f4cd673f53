"""Texts of options become values, or are refused by the name of the option."""

from typing import Any

import pytest

from autoequivariant.cli.options import (
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
        (parse_candidates, "hflip,rot90", parse_symmetries("hflip,rot90")),
        (parse_candidates, " none ", ()),
        (parse_columns, ["a,b", "c"], ("a,b", "c")),
        (parse_domains, "4x4,features:3", (Grid(4, 4), Features(3))),
        (parse_names, "b, a,b", ("b", "a")),
        (parse_names, "none", ()),
        (parse_numbers, "1,20", (1, 20)),
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
        *((parse_bytes, n, "--memory-limit must be more than 0") for n in (0.0, -1.0)),
        *((parse_bytes, float(n), "--memory-limit must be") for n in ("inf", "nan")),
        *((parse_numbers, t, "--widths must be numbers") for t in ("", "1,,2", "-1", "1.5")),
        (parse_numbers, "9" * 60, r"got '9{50}\.\.\.'"),
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
