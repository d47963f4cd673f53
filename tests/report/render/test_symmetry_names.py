"""Swaps that chain up are one name; what does not is left as it is."""

import pytest

from autoequivariant.report.render.symmetry_names import listed, shortened, strongest


def swaps(*pairs: str) -> list[str]:
    return [f"swap {pair[0]} <-> {pair[1]}" for pair in pairs]


CASES: list[tuple[list[str], str | None]] = [
    ([], ""),
    (["hflip", "rot90"], "hflip, rot90"),
    (swaps("ab"), "swap a <-> b"),
    (swaps("ab", "cd"), "swap a <-> b, swap c <-> d"),
    (swaps("ab", "bc"), "exchange of a, b, c"),
    (swaps("ab", "cd", "bc"), "exchange of a, b, c, d"),
    (swaps("bc", "ab", "xy"), "exchange of a, b, c; swap x <-> y"),
    (swaps("ab", "bc", "xy", "yz"), "exchange of a, b, c; exchange of x, y, z"),
    (swaps("ab", "bc", "ac"), "exchange of a, b, c"),
    (["swap:0-1", "swap:1-2"], "exchange of columns 0, 1, 2"),
    ([f"swap:{k}-{k + 1}" for k in range(9)], "exchange of columns 0 to 9"),
    ([f"swap x{k} <-> x{k + 1}" for k in range(6, 10)], "exchange of x6 to x10"),
    ([f"swap x{k} <-> x{k + 2}" for k in (1, 3, 5)], "exchange of x1, x3, x5, x7"),
    (["swap:0-1", "swap 1 <-> 2"], "swap:0-1, swap 1 <-> 2"),  # a column may be called 1
    (["swap a <-> b; outputs negate y", "swap b <-> c"], None),
    (["swap a <-> b c <-> d", "swap d <-> e"], None),  # two at once are one symmetry
    (["swap a <-> b...", "swap b... <-> c"], None),  # cut: more may follow
    (["swap a <-> b...z", "swap b...z <-> c"], None),  # cut in the middle
    (
        ["hflip", "rot90@2", "translate_x:4@0"],
        "hflip, rot90 up to level 2, translate_x:4 up to level 0",
    ),
    (["me@home", "rot90@"], None),
    (["negate a", "swap a <-> b", "hflip"], "negate a, swap a <-> b, hflip"),
]


@pytest.mark.parametrize(("names", "expected"), CASES)
def test_names(names: list[str], expected: str | None) -> None:
    assert listed(names) == (", ".join(names) if expected is None else expected)


def test_levels_that_follow_are_left_out() -> None:
    names = ["hflip", "hflip@1", "rot90@1", "rot90@2", "rot180@0", "me@home"]
    assert strongest(names) == ("hflip", "rot90@2", "rot180@0", "me@home")


def test_they_keep_their_order() -> None:
    names = ["hflip", *swaps("ab"), "reverse", *swaps("bc")]
    assert shortened(names) == ("hflip", "exchange of a, b, c", "reverse")
