"""Networks of every kind to export, and samples for them."""

from collections.abc import Callable

import torch

from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import CustomAction, Symmetry
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.export.signature import Signature
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.nn.network import Network

from ..cases import DOMAINS, architecture_of, coded, coded_samples, expanded, scaling_of
from ..custom_cases import CASES as OWN
from ..custom_cases import network_of
from ..point_groups import group_of

CLASSES = ("a", "b", 'it\'s """', "d\\", "e\nf")
MEANING = Signature(CLASSES)


def mlp(name: str, final: str = "invariant", generators: tuple[int, ...] = (0, 1)) -> Network:
    source = torch.Generator().manual_seed(1)
    architecture = architecture_of(name, final)
    network = EquivariantMLP(architecture, generators, *scaling_of(architecture), source)
    with torch.no_grad():
        for layer in network.layers:
            layer.bias.normal_(generator=source)
    return network.eval()


def own(name: str) -> Network:
    """Of regression, with a scale of its targets that commutes with every candidate."""
    network = network_of(name, (0, 1))
    network.rescale([0.0] * network.architecture.classes, [30.0] * network.architecture.classes)
    return network.eval()


def cnn(group: str, backbone: str = "paper", sides: tuple[int, int] = (9, 9)) -> Network:
    source = torch.Generator().manual_seed(1)
    architecture = CNNArchitecture(2, Grid(*sides), 5, backbone, 6, dropout=0.2)
    network = EquivariantCNN(
        architecture, group_of(group, Grid(*sides)), [1.0, 2.0], [2.0, 3.0], source
    )
    for _ in range(3):  # statistics that are not those of a start
        network(torch.randn(8, 2, *sides, generator=source) * 3 + 1)
    return network.eval()


MIRROR = Symmetry(
    "mirror", custom=CustomAction(like=Symmetry("hflip"), outputs=Permutation([1, 0, 2, 4, 3]))
)


def wider(text: str, domain: Domain, backbone: str = "paper", *others: Symmetry) -> Network:
    """Of four channels, which the reverse complement moves."""
    source = torch.Generator().manual_seed(1)
    group = group_of(text, domain, 4, 5, *others)
    architecture, scale = CNNArchitecture(4, domain, 5, backbone, 6), [60.0] * 4
    network = EquivariantCNN(architecture, group, scale=scale, generator=source)
    for _ in range(3):
        network(torch.randn(8, 4, *domain.shape, generator=source) * 90 + 60)
    return network.eval()


CASES: dict[str, Callable[[], Network]] = {
    **{f"mlp {name}": lambda name=name: mlp(name) for name in DOMAINS},  # type: ignore[misc]
    "mlp dense": lambda: mlp("grid", "dense"),
    "mlp dense signed": lambda: mlp("signed", "dense"),
    "mlp coded": lambda: EquivariantMLP(
        coded(), (0,), generator=torch.Generator().manual_seed(1)
    ).eval(),
    "mlp expanded": lambda: EquivariantMLP(
        expanded(), (0,), generator=torch.Generator().manual_seed(1)
    ).eval(),
    "mlp plain": lambda: mlp("grid", "invariant", ()),
    **{f"own {name}": lambda name=name: own(name) for name in OWN},  # type: ignore[misc]
    "cnn none": lambda: cnn(""),
    "cnn C4": lambda: cnn("rot90"),
    "cnn D4": lambda: cnn("rot90,hflip"),
    "cnn D4, even": lambda: cnn("rot90,hflip", sides=(8, 8)),
    "cnn oblong": lambda: cnn("hflip,vflip", sides=(7, 10)),
    "cnn residual": lambda: cnn("rot90", "residual"),
    "cnn mirror": lambda: wider("rot90", Grid(9, 9), "paper", MIRROR),
    "cnn circular": lambda: wider("rot90,translate_x:1", Grid(9, 9)),
    "cnn circular rows": lambda: wider("hflip,translate_x:1", Grid(8, 9), "residual"),
    "cnn sequence": lambda: wider("reverse_complement", Sequence(13)),
    "cnn circular sequence": lambda: wider("reverse,shift:1,negate", Sequence(12), "residual"),
    "cnn volume": lambda: wider("rot90_xy,flip_z", Volume(5, 6, 6), "residual"),
    "cnn circular volume": lambda: wider("rot90_xy,translate_z:2", Volume(5, 6, 6)),
    "cnn residual, none": lambda: cnn("", "residual", (8, 11)),
}


def samples_of(model: Network, n: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    is_cnn = isinstance(model, EquivariantCNN)
    if not is_cnn and model.architecture.coding is not None:
        return coded_samples(n).to(dtype)
    domain = model.architecture.domain if is_cnn else model.architecture.actions.domains[0]
    source = torch.Generator().manual_seed(n)
    shape = (n, model.architecture.in_channels, *domain.shape)
    if dtype == torch.uint8:
        return torch.randint(0, 256, shape, generator=source, dtype=dtype)
    return torch.randn(shape, generator=source)
