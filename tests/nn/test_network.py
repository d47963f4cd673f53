"""A new kind of network is saved, read, measured and refused without a change elsewhere."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pytest
import torch
from msgspec import Struct
from torch import Tensor

from autoequivariant.errors import ModelError
from autoequivariant.groups.domain import Domain, parse_domain
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.jsonio import to_type
from autoequivariant.nn.claimed_symmetries import ClaimedSymmetries
from autoequivariant.nn.export.dense import to_dense
from autoequivariant.nn.io.model_files import load_model, read_description, save_model
from autoequivariant.nn.io.tensor_specs import TensorSpec, check_enough
from autoequivariant.nn.network import Network, NetworkDescription
from autoequivariant.training.families.registry import KINDS


class MeanNetwork(Network):
    """A weight and a bias for each class, of the mean of all values."""

    kind = "mean"

    def __init__(self, domain: Domain, classes: int) -> None:
        super().__init__(1)
        self.domain = domain
        self.final = torch.nn.Linear(1, classes)

    def forward(self, x: Tensor) -> Tensor:
        mean = x.flatten(1).to(self.mean.dtype).mean(1, keepdim=True)
        return self.rescaled(self.final((mean - self.mean) / self.scale))

    def to_json(self) -> dict[str, Any]:
        return {"domain": str(self.domain)}

    def claims(self, others: Iterable[Symmetry] = ()) -> ClaimedSymmetries:
        flip = Symmetry("reverse")
        return ClaimedSymmetries((str(flip),), {str(flip): flip.action(self.domain)}, None, False)


class Fields(Struct, frozen=True, forbid_unknown_fields=True):
    domain: str


@dataclass(frozen=True)
class MeanDescription(NetworkDescription):
    text: str
    classes: int

    @property
    def domain(self) -> Domain:
        return parse_domain(self.text)

    @property
    def in_channels(self) -> int:
        return 1

    @classmethod
    def read(cls, fields: dict[str, Any], outputs: tuple[str, ...], has_classes: bool) -> Self:
        return cls(to_type(fields, Fields, "model.json").domain, len(outputs))

    def check_tensors(self, found: Mapping[str, TensorSpec]) -> None:
        check_enough(sum(spec.size for spec in found.values()), 2 * self.classes)

    def build(self) -> MeanNetwork:
        return MeanNetwork(self.domain, self.classes)


KNOWN = {name: kind.description for name, kind in KINDS.items()}
TOY = {**KNOWN, "mean": MeanDescription}


@pytest.fixture
def network() -> MeanNetwork:
    return MeanNetwork(parse_domain("sequence:6"), 2).eval()


@pytest.mark.parametrize("names", [{"classes": ("a", "b")}, {"targets": ("a", "b")}], ids=str)
def test_it_is_saved_and_read(
    names: dict[str, tuple[str, ...]], network: MeanNetwork, tmp_path: Path
) -> None:
    if "targets" in names:
        network.rescale([1.0, 2.0], [3.0, 4.0])
    save_model(network, tmp_path, samples="float32", **names)
    x = torch.randn(4, 1, 6, generator=torch.Generator().manual_seed(0))
    assert torch.equal(load_model(tmp_path, TOY)(x), network(x))
    found = read_description(tmp_path, TOY)
    assert (found.network.domain, found.n_parameters) == (network.domain, 4)
    with pytest.raises(ModelError, match="must be one of mlp, cnn; got 'mean'"):
        load_model(tmp_path, KNOWN)


def test_other_tensors_are_refused(network: MeanNetwork, tmp_path: Path) -> None:
    save_model(network, tmp_path, ("a", "b", "c"))
    with pytest.raises(ModelError, match=r"final.weight is F32 2x1, not F32 3x1"):
        load_model(tmp_path, TOY)


def test_its_claims_are_measured(network: MeanNetwork) -> None:
    x = torch.randn(4, 1, 6, generator=torch.Generator().manual_seed(0))
    found = network.claimed_error(x)
    assert found is not None and found.worst == "reverse" and found.error < 1e-5
    ramp = torch.linspace(0, 1, 6)
    broken = MeanNetwork(network.domain, 2)
    broken.register_forward_pre_hook(lambda _, args: (args[0] * ramp,))
    found = broken.claimed_error(x)
    assert found is not None and found.error > 1e-2


def test_it_cannot_be_exported(network: MeanNetwork) -> None:
    with pytest.raises(ModelError, match="MeanNetwork cannot be exported"):
        to_dense(network)
