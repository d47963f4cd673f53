"""The multi-equivariant MLP: one network, equivariant to a state's whole group in every layer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

from autoequivariant.nn.layers.shared_linear import SharedLinear
from autoequivariant.nn.mlp.architecture import MLPArchitecture


class EquivariantMLP(nn.Module):
    """Shared linear layers with ReLUs between them, and a final layer to the classes.

    Takes `(n, channels, *domain.shape)` or `(n, channels * domain.size)`; returns logits `(n,
    classes)`.

    Args:
        architecture: domains, channels and final layer.
        generators: numbers of the candidates that generate the state; none gives the plain MLP.
        mean, scale: what is subtracted from the input and by what it is then divided, one number
            for each column of a table, or else for each input channel; such as commute with the
            network's symmetries (`groups.input_scale_classes`). Default: 0 and 1.
        generator: source of the initial weights.
    """

    mean: Tensor
    scale: Tensor
    output_mean: Tensor | None
    output_scale: Tensor | None

    def __init__(
        self,
        architecture: MLPArchitecture,
        generators: Iterable[int] = (),
        mean: Sequence[float] | None = None,
        scale: Sequence[float] | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.generators = tuple(generators)
        scaled = architecture.scaled_inputs
        self.register_buffer("mean", torch.tensor([0.0] * scaled if mean is None else list(mean)))
        self.register_buffer(
            "scale", torch.tensor([1.0] * scaled if scale is None else list(scale))
        )
        self.register_buffer("output_mean", None)
        self.register_buffer("output_scale", None)
        self.layers = nn.ModuleList(
            SharedLinear(sharing, generator) for sharing in architecture.sharings(self.generators)
        )

    @property
    def n_parameters(self) -> int:
        """Number of trainable numbers, biases included."""
        return sum(parameter.numel() for parameter in self.parameters())

    def rescale(self, mean: Sequence[float], scale: Sequence[float]) -> None:
        """Bring outputs to the scale of a target: `outputs * scale + mean`, one number for each."""
        self.output_mean = torch.tensor(list(mean), device=self.mean.device)
        self.output_scale = torch.tensor(list(scale), device=self.mean.device)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, shape `(n, classes)`, or the components of the target."""
        outputs: Tensor = self.layers[-1](self.hidden(x)[-1])
        return rescaled(outputs, self.output_mean, self.output_scale)

    def trunk(self) -> nn.Module:
        """Return the module that maps samples to the last hidden layer: equivariant whatever the
        final layer.
        """
        return _Trunk(self)

    @torch.no_grad()
    def adopt(self, weights: Sequence[tuple[Tensor, Tensor]]) -> None:
        """Take over (weights, biases) for each layer, as `BatchedMLP.child_weights` gives them."""
        for layer, (weight, bias) in zip(self._shared_layers(), weights, strict=True):
            layer.load_state_dict({"weight": weight, "bias": bias})

    def _shared_layers(self) -> list[SharedLinear]:
        return [layer for layer in self.layers if isinstance(layer, SharedLinear)]

    def hidden(self, x: Tensor) -> list[Tensor]:
        """Return the output of every hidden layer, each of shape `(n, channels * size)`."""
        flat = x.reshape(len(x), len(self.mean), -1).to(self.mean.dtype)
        h = ((flat - self.mean[:, None]) / self.scale[:, None]).reshape(len(x), -1)
        outputs = []
        for layer in self._shared_layers()[:-1]:
            h = torch.relu(layer(h))
            outputs.append(h)
        return outputs


class _Trunk(nn.Module):
    def __init__(self, network: EquivariantMLP) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: Tensor) -> Tensor:
        return self.network.hidden(x)[-1]


def rescaled(outputs: Tensor, mean: Tensor | None, scale: Tensor | None) -> Tensor:
    """Bring outputs from the scale on which a network was trained to that of the targets."""
    return outputs if mean is None or scale is None else outputs * scale + mean
