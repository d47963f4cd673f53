"""Data sets that are made in code and whose symmetries are known, to try a search on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.synthetic.dna_motif import read_motif, read_motif_one_strand
from autoequivariant.data.synthetic.ising import read_ising
from autoequivariant.data.synthetic.tabular import read_friedman1, read_hastie
from autoequivariant.data.synthetic.tic_tac_toe import read_tic_tac_toe


@dataclass(frozen=True)
class KnownData:
    """A data set whose symmetries are known.

    Attributes:
        what: samples and labels, in words.
        symmetries: what changes no label, or changes it in a known way.
        control: what looks like a symmetry and is none.
        read: makes it, the same each time.
        kind: of its domain. Default: by the shape.
    """

    what: str
    symmetries: str
    control: str
    read: Callable[[], Arrays]
    kind: str | None = None


KNOWN = MappingProxyType(
    {
        "tic_tac_toe": KnownData(
            "the 1,916 positions in which a game of tic-tac-toe can end; win, loss or draw for X",
            "the 8 turns and mirrors of the square; negate, if win and loss change places",
            "negate alone; shifts with wrap-around",
            read_tic_tac_toe,
        ),
        "friedman1": KnownData(
            "4,000 rows of ten numbers x1 to x10, and a number y to predict from them",
            "x1 and x2 exchange; x6 to x10 exchange",
            "x3 and x4 do not exchange",
            read_friedman1,
        ),
        "hastie": KnownData(
            "4,000 rows of ten normal numbers x1 to x10; is the sum of their squares large?",
            "all columns exchange, and each may change its sign",
            "the same with a constant added to one column, which then does neither",
            read_hastie,
        ),
        "ising": KnownData(
            "2,000 configurations of 12x12 spins of an Ising magnet; ordered or disordered",
            "shifts with wrap-around, turns, mirrors; negate",
            "exchanging halves of the left half alone, which parts neighbours; it is a weak one, "
            "as most of the phase shows in the sum of the spins",
            read_ising,
        ),
        "motif": KnownData(
            "4,000 strands of 40 bases of DNA; do they hold GATTACA or its reverse complement?",
            "the reverse complement",
            "reversal or complement alone; and motif_one_strand, where the reverse complement is "
            "no symmetry",
            read_motif,
            "sequence",
        ),
        "motif_one_strand": KnownData(
            "4,000 strands of 40 bases of DNA; do they hold GATTACA itself?",
            "none",
            "the reverse complement, which half of those without the motif hold",
            read_motif_one_strand,
            "sequence",
        ),
    }
)
"""What `read` makes by name."""
