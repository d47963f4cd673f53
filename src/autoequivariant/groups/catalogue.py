"""Candidate lists: the paper's twelve, named lists, and a default for each kind of domain."""

from __future__ import annotations

from autoequivariant.errors import SymmetryError
from autoequivariant.groups.actions import ACTIONS
from autoequivariant.groups.domain import Domain, Features, Grid, Pairs, Sequence, Volume
from autoequivariant.groups.symmetry import Symmetry

PAPER_NAMES = (
    "rot90",
    "hflip",
    "vflip",
    "translate_x",
    "translate_y",
    "cycle_quadrants",
    "swap_left_right",
    "swap_top_bottom",
    "swap_top_bottom_left",
    "swap_top_bottom_right",
    "swap_left_right_top",
    "swap_left_right_bottom",
)
"""The twelve candidates of arXiv 2104.04848, in the paper's order."""

MOST_CANDIDATES = 10_000
"""Largest number of candidates in a list or a file: more than a search can compare."""

MAX_ADJACENT_SWAPS = 16
"""Tables with more columns, and pairs of more items, get one swap and one cyclic shift instead of
all adjacent swaps.
"""


def paper_candidates(step: int = 4) -> tuple[Symmetry, ...]:
    """Return the paper's twelve; `step` is the translation in pixels (4 in its code)."""
    return tuple(
        Symmetry(name, (step,) if name.startswith("translate") else ()) for name in PAPER_NAMES
    )


CANDIDATE_LISTS = {
    "paper": "the paper's twelve, for images",
    "square": "the 8 rotations and reflections of a square, from two generators",
    "board": "`square` and a change of all signs, for boards with values +1, -1 and 0",
    "cube": "the 48 rotations and reflections of a cube, from three generators",
    "sequence": "reversal and a shift by one",
    "dna": "the reverse complement, and plain reversal, which DNA does not have",
    "exchangeable": "swaps of adjacent columns, or items of pairs, which generate all permutations",
    "signs": "a change of sign of each column",
}
"""Named candidate lists and their descriptions."""


def candidate_list(name: str, domain: Domain) -> tuple[Symmetry, ...]:
    """Return one of `CANDIDATE_LISTS` for a domain.

    Raises:
        SymmetryError: the list is for another kind of domain, or has more than `MOST_CANDIDATES`
            symmetries.
    """
    kinds = {
        "cube": ("volume",),
        "sequence": ("sequence",),
        "dna": ("sequence",),
        "exchangeable": ("features", "pairs"),
        "signs": ("features",),
    }
    suitable = kinds.get(name, ("grid",))
    if domain.kind not in suitable:
        raise SymmetryError(
            f"The list {name} is for domains of kind {' and '.join(suitable)}, but the samples are "
            f"{domain}."
        )
    if name == "paper":
        return paper_candidates()
    if isinstance(domain, Features | Pairs):
        if domain.count > MOST_CANDIDATES:
            raise SymmetryError(
                f"The list {name} has a symmetry for each of {domain.count:,} columns, more than "
                f"{MOST_CANDIDATES:,}: name fewer candidates, such as swap:0-1,shift:1."
            )
        if name == "exchangeable":
            return _adjacent_swaps(domain)
        return tuple(Symmetry("negate_column", (i,)) for i in range(domain.count))
    texts = {
        "square": ("rot90", "hflip"),
        "board": ("rot90", "hflip", "negate"),
        "cube": ("rot90_xy", "rot90_yz", "flip_x"),
        "sequence": ("reverse", "shift:1"),
        "dna": ("reverse_complement", "reverse"),
    }
    return tuple(map(Symmetry.parse, texts[name]))


def default_candidates(
    domain: Domain, is_dna: bool = False, is_symmetric: bool = False
) -> tuple[Symmetry, ...]:
    """Return the candidates that a search uses when the user names none.

    An even square grid gets the paper's twelve; other grids get those of the twelve that are
    defined, with `rot180` in place of `rot90` if the sides differ. Translations move by the divisor
    of the side nearest to a seventh of it (the paper's 4 of 28 pixels), so that they exist on the
    coarser hidden grid too; in volumes by at least a seventh. Tables get swaps of adjacent columns
    or, if there are many, one swap and a cyclic shift, which also generate all permutations. Pairs
    get those of their items, and a transpose.

    Args:
        domain: of the samples.
        is_dna: whether samples are one-hot DNA, which adds the reverse complement.
        is_symmetric: whether samples are symmetric matrices, which a transpose leaves as they are.

    Raises:
        SymmetryError: the domain has a single index, which nothing can move.
    """
    if isinstance(domain, Grid):
        return _defined(domain, _grid_names(domain))
    if isinstance(domain, Volume):
        rotations, axes = ("rot90_xy", "rot90_yz", "rot90_xz"), "xyz"
        flips, translations = (f"flip_{a}" for a in axes), (f"translate_{a}" for a in axes)
        return _defined(domain, (*rotations, *flips, *translations))
    if isinstance(domain, Sequence):
        strands = ("reverse_complement",) if is_dna else ()
        return _defined(domain, (*strands, "reverse", "shift", "swap_halves"))
    swaps: tuple[Symmetry, ...] = (Symmetry("swap", (0, 1)), Symmetry("shift", (1,)))
    if domain.count <= MAX_ADJACENT_SWAPS:
        swaps = _adjacent_swaps(domain)
    if isinstance(domain, Pairs) and swaps and not is_symmetric:
        return (*swaps, Symmetry("transpose"))
    return swaps or (Symmetry("negate"),)


def default_step(side: int, or_more: bool = False) -> int | None:
    """Return the divisor of `side` nearest to a seventh of it, even if `side` is; None if none.

    Args:
        side: in indices.
        or_more: prefer divisors of at least a seventh.
    """
    steps = [step for step in range(1, side) if side % step == 0 and (side % 2 or step % 2 == 0)]
    if or_more:
        steps = [step for step in steps if 7 * step >= side] or steps
    return min(steps, key=lambda step: (abs(step - side / 7), step), default=None)


def _grid_names(domain: Grid) -> tuple[str, ...]:
    if domain.height == domain.width:
        return PAPER_NAMES
    return ("rot180", *PAPER_NAMES[1:])


def _defined(domain: Domain, names: tuple[str, ...]) -> tuple[Symmetry, ...]:
    found: list[Symmetry] = []
    for name in names:
        axis = ACTIONS[name].axis
        is_volume = isinstance(domain, Volume)
        step = None if axis is None else default_step(domain.shape[axis], is_volume)
        if axis is not None and step is None:
            continue
        symmetry = Symmetry(name, () if step is None else (step,))
        if symmetry.is_defined_on(domain) and not symmetry.action(domain).is_identity:
            found.append(symmetry)
    if not found:
        raise SymmetryError(
            f"No symmetry of the default list is defined on {domain}: name candidates."
        )
    return tuple(found)


def _adjacent_swaps(domain: Features | Pairs) -> tuple[Symmetry, ...]:
    return tuple(Symmetry("swap", (i, i + 1)) for i in range(domain.count - 1))
