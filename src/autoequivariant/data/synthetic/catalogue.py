"""Generated data sets whose symmetries are known, to try a search on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.source import DataSource, ReadOptions
from autoequivariant.data.synthetic.dna_motif import make_motif, make_motif_one_strand
from autoequivariant.data.synthetic.ising import make_ising
from autoequivariant.data.synthetic.tabular import make_friedman1, make_hastie
from autoequivariant.data.synthetic.tic_tac_toe import make_tic_tac_toe


@dataclass(frozen=True)
class SyntheticSet:
    """A generated data set.

    Attributes:
        samples: samples and labels, in words.
        symmetries: those that the task has, in words.
        control: what looks like a symmetry and is none.
        make: generates it, the same each time.
        kind: of its domain. Default: by the shape.
    """

    samples: str
    symmetries: str
    control: str
    make: Callable[[], Arrays]
    kind: str | None = None


SYNTHETIC = MappingProxyType(
    {
        "tic_tac_toe": SyntheticSet(
            "the 1,916 positions in which a game of tic-tac-toe can end; win, loss or draw for X",
            "the 8 rotations and reflections of the square; negate, if win and loss are exchanged",
            "negate alone; cyclic shifts",
            make_tic_tac_toe,
        ),
        "friedman1": SyntheticSet(
            "4,000 rows of ten numbers x1 to x10, and a number y to predict from them",
            "exchanging x1 and x2; exchanging x6 to x10",
            "exchanging x3 and x4",
            make_friedman1,
        ),
        "hastie": SyntheticSet(
            "4,000 rows of ten normal numbers x1 to x10; is the sum of their squares large?",
            "exchanging columns, and negating any of them",
            "the same after adding a constant to one column",
            make_hastie,
        ),
        "ising": SyntheticSet(
            "2,000 configurations of 12x12 spins of an Ising magnet; ordered or disordered",
            "cyclic shifts, rotations, reflections; negate",
            "exchanging halves of the left half alone, which separates neighbours; a weak control, "
            "as the sum of the spins already tells most about the phase",
            make_ising,
        ),
        "motif": SyntheticSet(
            "4,000 strands of 40 bases of DNA; do they hold GATTACA or its reverse complement?",
            "the reverse complement",
            "reversal or complement alone; and motif_one_strand, where the reverse complement is "
            "not a symmetry",
            make_motif,
            "sequence",
        ),
        "motif_one_strand": SyntheticSet(
            "4,000 strands of 40 bases of DNA; do they hold GATTACA itself?",
            "none",
            "the reverse complement, which half of the strands without the motif hold",
            make_motif_one_strand,
            "sequence",
        ),
    }
)


class SyntheticData(DataSource):
    """Each data set of `SYNTHETIC`, generated the same way every time."""

    name = "synthetic"
    names = tuple(SYNTHETIC)

    def read(self, data: str | Path, options: ReadOptions) -> Arrays:
        """Generate the data set."""
        found = SYNTHETIC[str(data)]
        return replace(found.make(), kind=found.kind)
