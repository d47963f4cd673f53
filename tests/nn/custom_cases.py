"""Small networks with symmetries that move channels and outputs."""

import torch

from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Domain, Features, Grid
from autoequivariant.groups.domain import Sequence as Line
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import CustomAction, Symmetry
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.network import EquivariantMLP

SWAP, MINUS = Permutation([1, 0]), Permutation([0], [-1])
RING = Permutation([1, 2, 0])

# Candidates, domain, hidden domain, channels and outputs.


def own(
    name: str,
    like: str | None = None,
    outputs: Permutation | None = None,
    channels: Permutation | None = None,
    moves: Permutation | None = None,
) -> Symmetry:
    named = None if like is None else Symmetry(like)
    return Symmetry(name, custom=CustomAction(moves, named, channels, outputs))


CASES: dict[str, tuple[list[Symmetry], Domain, Domain, int, int]] = {
    "moved classes": (
        [
            own("turn", "rot90", Permutation([1, 2, 3, 0])),
            own("mirror", "hflip", Permutation([0, 3, 2, 1])),
        ],
        *(Grid(4, 4), Grid(2, 2), 2, 4),
    ),
    "steering": (
        [own("mirror", "hflip", MINUS), Symmetry("vflip")],
        *(Grid(4, 6), Grid(2, 3), 1, 1),
    ),
    "players": (
        [own("players", "negate", Permutation([0, 2, 1])), Symmetry("rot90")],
        *(Grid(3, 3), Grid(3, 3), 1, 3),
    ),
    "dna": (
        [Symmetry("reverse_complement"), Symmetry("reverse")],
        *(Line(8), Line(4), 4, 2),
    ),
    "flow": (
        [
            own("mirror", "hflip", *(Permutation([0, 1], [-1, 1]),) * 2),
            Symmetry("vflip"),
        ],
        *(Grid(2, 4), Grid(2, 4), 2, 2),
    ),
    "channels alone": (
        [own("colours", channels=RING, outputs=RING), Symmetry("hflip")],
        *(Grid(2, 2), Grid(2, 2), 3, 3),
    ),
    "an array": (
        [own("any", moves=Permutation([2, 0, 1, 3], [1, 1, -1, 1])), Symmetry("swap", (0, 3))],
        *(Features(4), Features(4), 1, 2),
    ),
}
STATES: list[tuple[int, ...]] = [(), (0,), (1,), (0, 1)]


def architecture_of(case: str) -> MLPArchitecture:
    candidates, domain, hidden, channels, outputs = CASES[case]
    actions = layer_actions(
        candidates, domain, (hidden, hidden), channels=channels, outputs=outputs
    )
    return MLPArchitecture(actions, channels, (3, 3), outputs)


def network_of(case: str, state: tuple[int, ...]) -> EquivariantMLP:
    source = torch.Generator().manual_seed(0)
    network = EquivariantMLP(architecture_of(case), state, generator=source)
    with torch.no_grad():
        for layer in network.layers:
            layer.bias.normal_(generator=source)
    return network


def samples(case: str, n: int = 32) -> torch.Tensor:
    _, domain, _, channels, _ = CASES[case]
    return torch.randn(n, channels, *domain.shape, generator=torch.Generator().manual_seed(1))
