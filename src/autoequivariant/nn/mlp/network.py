"""The multi-equivariant MLP: one network, equivariant to a state's whole group in every layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from autoequivariant.groups.closure.lattice import Lattice
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.nn.claimed_symmetries import ClaimedSymmetries
from autoequivariant.nn.equivariance import Units
from autoequivariant.nn.export.dense import final_linear, linear, normalise
from autoequivariant.nn.layers.shared_linear import SharedLinear
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.network import Network


class EquivariantMLP(Network):
    """Shared linear layers with ReLUs between them, and a final layer to the classes.

    Args:
        architecture: domains, channels and final layer.
        generators: numbers of the candidates that generate the state. Default: none, which gives
            the baseline.
        mean, scale: as in `Network`, one number for each column of a table, for each pair in each
            channel, or for each input channel; they have to commute with the network's symmetries
            (`groups.input_scale_classes`).
        generator: source of the initial weights. Default: a new one with seed 0 for each layer.
    """

    kind = "mlp"

    def __init__(
        self,
        architecture: MLPArchitecture,
        generators: Iterable[int] = (),
        mean: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(architecture.scaled_inputs, mean, scale)
        self.architecture = architecture
        self.generators = tuple(generators)
        self.code = None if architecture.coding is None else architecture.coding.module()
        expansion = architecture.expansion
        self.expand = None if expansion is None else expansion.module()
        self.layers = nn.ModuleList(
            SharedLinear(sharing, generator) for sharing in architecture.sharings(self.generators)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, shape `(n, classes)`, or the components of the target."""
        outputs: Tensor = self.layers[-1](self.hidden(x)[-1])
        return self.rescaled(outputs)

    def hidden(self, x: Tensor) -> list[Tensor]:
        """Return the output of every hidden layer, each of shape `(n, channels * size)`."""
        x = x if self.expand is None else self.expand(x)
        flat = x.reshape(len(x), len(self.mean), -1).to(self.mean.dtype)
        h = ((flat - self.mean[:, None]) / self.scale[:, None]).reshape(len(x), -1)
        if self.code is not None:
            h = self.code(h)
        outputs = []
        for layer in self.shared_layers()[:-1]:
            h = torch.relu(layer(h))
            outputs.append(h)
        return outputs

    def shared_layers(self) -> list[SharedLinear]:
        """Return the layers, the final one last."""
        return [layer for layer in self.layers if isinstance(layer, SharedLinear)]

    @torch.no_grad()
    def adopt(self, weights: Sequence[tuple[Tensor, Tensor]]) -> None:
        """Copy (weights, biases) into each layer, as `BatchedMLP.child_weights` returns them."""
        for layer, (weight, bias) in zip(self.shared_layers(), weights, strict=True):
            layer.load_state_dict({"weight": weight, "bias": bias})

    def to_json(self) -> dict[str, Any]:
        """See `MLPDescription.read`."""
        architecture = self.architecture
        actions = architecture.actions
        coding, expansion = architecture.coding, architecture.expansion
        return {
            "domains": [str(domain) for domain in actions.domains],
            "in_channels": architecture.in_channels,
            "hidden_channels": list(architecture.hidden_channels),
            "final": architecture.final,
            "candidates": [symmetry.to_json() for symmetry in actions.candidates],
            "generators": [str(actions.candidates[number]) for number in self.generators],
            **({} if coding is None else {"coding": [list(one) for one in coding.values]}),
            **({} if expansion is None else {"knots": [list(one) for one in expansion.knots]}),
        }

    def claims(self, others: Iterable[Symmetry] = ()) -> ClaimedSymmetries:
        """Return all candidates with those that the network has; `others` are not measured."""
        actions = self.architecture.actions
        names = [str(candidate) for candidate in actions.candidates]
        claimed = Lattice(actions).closure(frozenset(self.generators))
        rows = dict(zip(names, actions.permutations, strict=True))
        hidden = self.architecture.final == "dense"
        moves = hidden or actions.moves_outputs
        return ClaimedSymmetries(
            tuple(names[number] for number in sorted(claimed)),
            {name: row[0] for name, row in rows.items()},
            {name: row[-1] for name, row in rows.items()} if moves else None,
            hidden,
            None if hidden else Units.of(self),
        )

    def measured_part(self) -> nn.Module:
        """Return the network, or the map to its last hidden layer where the final layer is dense:
        that is equivariant whatever the final layer.
        """
        return _Trunk(self) if self.architecture.final == "dense" else self

    def dense_layers(self) -> list[nn.Module]:
        """See `Network`."""
        domain = self.architecture.actions.domains[0]
        coding, expansion = self.architecture.coding, self.architecture.expansion
        found: list[nn.Module] = [
            *([] if expansion is None else [expansion.module()]),
            normalise(self, self.architecture.read_channels, domain.shape),
            nn.Flatten() if coding is None else coding.module(),
        ]
        *hidden, final = self.shared_layers()
        for layer in hidden:
            found += [linear(layer.dense_weight(), layer.dense_bias()), nn.ReLU()]
        return [*found, final_linear(self, final.dense_weight(), final.dense_bias())]


class _Trunk(nn.Module):
    def __init__(self, network: EquivariantMLP) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network.hidden(x)[-1]
