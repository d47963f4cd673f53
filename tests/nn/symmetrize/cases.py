"""Symmetries, shapes and modules on which the methods are tested."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autoequivariant.groups.element import Element
from autoequivariant.nn.symmetrize.group import Group

MIRROR = {"like": "hflip", "name": "mirror", "outputs": {"swap": "0 <-> 1"}}
ODD = {"negate": "all", "name": "odd", "outputs": "negate"}


@dataclass(frozen=True)
class Case:
    """What is symmetrised.

    Attributes:
        symmetries, outputs_per: arguments of `symmetrize`.
        shape: of a sample.
        outputs: shape of the outputs of a sample.
        arguments: more of `symmetrize`.
    """

    symmetries: Any
    shape: tuple[int, ...]
    outputs: tuple[int, ...] = (3,)
    outputs_per: str = "sample"
    arguments: dict[str, Any] = field(default_factory=dict)

    def module(self) -> nn.Module:
        """A module of float64 without symmetries."""
        torch.manual_seed(0)
        values = int(np.prod(self.shape))
        layers = [nn.Flatten(), nn.Linear(values, 16), nn.Tanh()]
        last = nn.Linear(16, int(np.prod(self.outputs)))
        shaped = [nn.Unflatten(1, self.outputs)] if len(self.outputs) > 1 else []
        return nn.Sequential(*layers, last, *shaped).double()

    def samples(self, n: int = 6) -> Tensor:
        """Random samples, some of which elements of the group fix."""
        x = torch.randn(n, *self.shape, generator=torch.Generator().manual_seed(1)).double()
        x[0] = 0
        x[1] = 1.5
        x[2] = x[2].round()
        return x

    def group(self) -> Group:
        """The group that acts."""
        arguments = {"kind": None, **self.arguments}
        count = {"value": self.shape[0]}.get(self.outputs_per, self.outputs[0])
        return Group.on(self.symmetries, self.shape, count, self.outputs_per, **arguments)

    def elements(self) -> tuple[Element, ...]:
        """All its elements."""
        found = self.group().elements()
        assert found is not None
        return found


CASES = {
    "square, odd": Case("rot90,hflip", (1, 5, 5)),
    "square, even, channels": Case("square", (2, 4, 4)),
    "no channels": Case("hflip", (3, 5)),
    "shifts": Case("translate_x:1,translate_y:2", (1, 4, 6)),
    "strands": Case("reverse_complement", (4, 7), (2,), arguments={"kind": "sequence"}),
    "volume": Case("rot90_xy,flip_z", (1, 3, 3, 3)),
    "table": Case(["swap:0-1", "swap:1-2"], (5,), (1,)),
    "pairs": Case({"swap": "0 <-> 2"}, (4, 4), arguments={"kind": "pairs"}),
    "classes exchanged": Case(["vflip", MIRROR], (1, 4, 5)),
    "targets negated": Case([ODD, "hflip"], (1, 3, 4), (2,)),
    "ring of outputs": Case({"ring": "0 1 2", "outputs": {"ring": "0 1 2"}}, (4,)),
    "signs in the input": Case("negate", (1, 3, 3)),
    "segmentation": Case(["rot90", MIRROR], (1, 5, 5), (2, 5, 5), "position"),
    "segmentation, signs": Case("negate,rot180", (2, 4, 3), (3, 4, 3), "position"),
    "denoising": Case("rot90,negate", (2, 4, 4), (2, 4, 4), "value"),
    "denoising strands": Case(
        "reverse_complement", (4, 6), (4, 6), "value", arguments={"kind": "sequence"}
    ),
}


def acted(element: Element, x: Tensor, on_outputs: bool) -> Tensor:
    """Move samples or outputs, by NumPy."""
    action = element.outputs if on_outputs else element.points
    return torch.from_numpy(action.apply(x.detach().flatten(1).numpy())).view_as(x)
