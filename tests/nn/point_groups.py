"""Point groups in one to three dimensions, and how they act on feature maps."""

from functools import cache

from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.point_group.element import PointElement
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.groups.point_group.subgroups import Subgroups
from autoequivariant.groups.symmetry import CustomAction, Symmetry, parse_symmetries

SQUARE = Grid(8, 8)


def group_of(
    text: str, domain: Domain = SQUARE, channels: int = 1, outputs: int = 1, *others: Symmetry
) -> PointGroup:
    return PointGroup.of((*parse_symmetries(text), *others), domain, channels, outputs)


@cache
def all_subgroups(text: str, domain: Domain) -> tuple[PointGroup, ...]:
    """Of the group of these symmetries, by order."""
    whole = group_of(text, domain)
    elements = [
        Symmetry(f"g{n}", custom=CustomAction(element.action(domain)))
        for n, element in enumerate(whole.elements)
    ]
    found = Subgroups(elements, domain)
    return tuple(sorted(map(found.group, found.closed_states()), key=lambda group: group.order))


SQUARE_NAMES = ("", "rot180", "hflip", "vflip", "transpose", "antitranspose", "hflip,vflip")
SQUARE_NAMES += ("transpose,antitranspose", "rot90", "rot90,hflip")
GROUPS = [group_of(text) for text in SQUARE_NAMES]
"""The ten groups of the square by order, the trivial one first and the whole one last."""
CUBES = all_subgroups("rot90_xy,rot90_yz,flip_x", Volume(4, 4, 4))
"""The 98 groups of the cube by order."""
SEQUENCES = [group_of(text, Sequence(8)) for text in ("", "reverse")]


def feature_action(group: PointGroup, element: PointElement, domain: Domain) -> Permutation:
    """How an element permutes one channel of feature maps, `order * domain.size` values."""
    return Permutation.kron(group.left_multiplication(element), element.action(domain))


def by_name(group: PointGroup, name: str) -> PointElement:
    return next(element for element in group.elements if group.name(element) == name)
