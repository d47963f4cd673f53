"""Finite domains, how symmetries permute them, and which weights equivariance ties together.

NumPy and SciPy only. In the order of the mathematics: `domain`, `permutation` and `actions`,
`symmetry` and `catalogue`, `orbits` (law 2), `closure` (laws 4 and 5), and `custom` symmetries.
"""

from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.closure.layer_actions import LayerActions, layer_actions
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Features, Grid, Pairs, Sequence, Volume
from autoequivariant.groups.orbits import pair_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries

__all__ = [
    "DataSpec",
    "Features",
    "Grid",
    "Lattice",
    "LayerActions",
    "Pairs",
    "Permutation",
    "Sequence",
    "Symmetry",
    "Volume",
    "candidate_of",
    "layer_actions",
    "pair_orbits",
    "parse_symmetries",
    "resolve",
]
