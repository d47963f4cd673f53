"""Small architectures on every kind of domain, and groups enumerated element by element."""

from collections.abc import Sequence

import numpy as np
import torch

from autoequivariant.groups.closure.layer_actions import LayerActions, layer_actions
from autoequivariant.groups.domain import Domain, Features, Grid, Pairs, Volume
from autoequivariant.groups.domain import Sequence as Line
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.scale_classes import input_scale_classes
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.coding import Coding
from autoequivariant.nn.mlp.expansion import Expansion

# Names, domain, hidden domain: unsigned first, the last two signed.
DOMAINS: dict[str, tuple[str, Domain, Domain]] = {
    "grid": ("rot90,hflip,translate_x:2", Grid(8, 8), Grid(4, 4)),
    "oblong": ("hflip,vflip", Grid(3, 4), Grid(3, 4)),
    "sequence": ("reverse,shift:2", Line(8), Line(4)),
    "volume": ("rot90_xy,flip_z,translate_z:2", Volume(4, 4, 4), Volume(2, 2, 2)),
    "features": ("swap:0-1,reverse", Features(5), Features(5)),
    "pairs": ("swap:0-1,shift:1", Pairs(4), Pairs(4)),
    "signed": ("swap:0-1,negate_column:2", Features(4), Features(4)),
    "negated": ("reverse,negate", Features(4), Features(4)),
}
SIGNED = ("signed", "negated")


def actions_of(name: str, hidden_layers: int = 2) -> LayerActions:
    names, domain, hidden = DOMAINS[name]
    return layer_actions(parse_symmetries(names), domain, (hidden,) * hidden_layers)


def architecture_of(
    name: str, final: str = "invariant", channels: int = 3, in_channels: int = 2, layers: int = 2
) -> MLPArchitecture:
    return MLPArchitecture(actions_of(name, layers), in_channels, (channels,) * layers, 5, final)


CODING = Coding(((0, 1, 2), (0, 1, 2), (), (0, 1), (0, 1, 2)))
"""Columns 0, 1 and 4 have one alphabet; column 2 is a number."""


def coded() -> MLPArchitecture:
    domain = Features(5)
    actions = layer_actions(parse_symmetries("swap:0-1,swap:1-4"), domain, (domain,) * 2)
    return MLPArchitecture(actions, 1, (3, 3), 5, coding=CODING)


def coded_samples(n: int) -> torch.Tensor:
    source = torch.Generator().manual_seed(n)
    return torch.randint(0, 3, (n, 1, 5), generator=source).float()


KNOTS = Expansion(Pairs(4), ((0, 2), (-3, -1, 0, 4), (0,), (-1, 0.5)))
"""Of two channels; the first becomes three segments off the diagonal, and one on it."""


def expanded() -> MLPArchitecture:
    items = Features(4)
    actions = layer_actions(parse_symmetries("swap:0-1,shift:1"), Pairs(4), (items,) * 2)
    return MLPArchitecture(actions, 2, (3, 3), 5, expansion=KNOTS)


def scaling_of(architecture: MLPArchitecture) -> tuple[list[float], list[float]]:
    """A mean and a scale for each input value that commute with every candidate."""
    everything = range(len(architecture.actions.candidates))
    alike = input_scale_classes(architecture.actions, architecture.in_channels, everything)
    labels = np.tile(alike.labels, architecture.scaled_inputs // alike.labels.size)
    centred = np.tile(alike.centred, architecture.scaled_inputs // alike.labels.size)
    mean = np.where(centred, 0.0, 0.5 * labels)
    return mean.tolist(), (2.0 + labels).tolist()


def vanishing() -> LayerActions:
    """The input changes sign, the hidden domain does not: every weight between them is zero."""
    inputs, hidden = Features(3), Features(2)
    minus = Permutation(range(3), [-1, -1, -1])
    stays = Permutation.identity(2)
    return LayerActions((inputs, hidden), (Symmetry("negate"),), ((minus, stays),), (3, 2))


def pair_group(
    outs: Sequence[Permutation], ins: Sequence[Permutation]
) -> list[tuple[Permutation, Permutation]]:
    """All elements of the group of (out, in) that the generators make."""
    generators = list(zip(outs, ins, strict=True))
    first = (Permutation.identity(outs[0].size), Permutation.identity(ins[0].size))
    found, waiting = {first}, [first]
    while waiting:
        out, inp = waiting.pop()
        for g_out, g_in in generators:
            product = (g_out @ out, g_in @ inp)
            if product not in found:
                found.add(product)
                waiting.append(product)
    return list(found)
