"""All ten point groups, and how they act on feature maps."""

from itertools import combinations

from autoequivariant.groups.domain import Grid
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group import POINT_SYMMETRIES, PointGroup

SETS = [names for n in range(3) for names in combinations(POINT_SYMMETRIES, n)]
GROUPS = sorted(dict.fromkeys(map(PointGroup, SETS)), key=lambda group: group.order)
"""By order, the trivial group first and the whole group last."""


def feature_action(group: PointGroup, element: str, grid: Grid) -> Permutation:
    """How an element permutes one channel of feature maps, `order * grid.size` values."""
    return Permutation.kron(group.left_multiplication(element), group.action(element, grid))
