"""Finite domains, how symmetries permute them, and the weights that equivariance makes one.

NumPy and SciPy only. In the order of the mathematics: `domain` (what is acted on), `permutation`
and `actions` (how), `symmetry` and `catalogue` (named generators and lists of them), `orbits`
(which weights are one), `compatibility`, `hidden` and `layers` (actions on hidden domains, law 4),
`lattice` (closures and distinct networks, law 5).
"""

from autoequivariant.groups.actions import ACTIONS
from autoequivariant.groups.alike import Alike, alike_inputs, alike_outputs
from autoequivariant.groups.catalogue import (
    LISTS,
    default_candidates,
    paper_candidates,
    ready_list,
)
from autoequivariant.groups.compatibility import why_not_an_image
from autoequivariant.groups.cycles import cycles_of
from autoequivariant.groups.definition import (
    Acted,
    Candidate,
    Definition,
    candidate_of,
    resolve,
)
from autoequivariant.groups.domain import (
    Domain,
    Features,
    Grid,
    Sequence,
    Volume,
    make_domain,
    parse_domain,
)
from autoequivariant.groups.exchanges import exchange_candidates
from autoequivariant.groups.hidden import suggested_hidden_domain
from autoequivariant.groups.lattice import Enumeration, Lattice, Network
from autoequivariant.groups.layers import (
    LayerActions,
    LayerOrbits,
    layer_actions,
)
from autoequivariant.groups.orbits import Orbits, pair_orbits, point_orbits
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group import (
    POINT_SYMMETRIES,
    PointGroup,
    kernel_orbits,
    point_groups,
)
from autoequivariant.groups.symmetry import OwnAction, Symmetry, parse_symmetries

__all__ = [
    "LISTS",
    "Acted",
    "Alike",
    "alike_inputs",
    "alike_outputs",
    "Candidate",
    "Definition",
    "candidate_of",
    "cycles_of",
    "exchange_candidates",
    "ready_list",
    "resolve",
    "ACTIONS",
    "POINT_SYMMETRIES",
    "PointGroup",
    "kernel_orbits",
    "point_groups",
    "Domain",
    "Enumeration",
    "Features",
    "Grid",
    "LayerActions",
    "LayerOrbits",
    "Lattice",
    "Network",
    "Orbits",
    "OwnAction",
    "Permutation",
    "Sequence",
    "Symmetry",
    "Volume",
    "default_candidates",
    "layer_actions",
    "make_domain",
    "pair_orbits",
    "paper_candidates",
    "parse_domain",
    "parse_symmetries",
    "point_orbits",
    "suggested_hidden_domain",
    "why_not_an_image",
]
