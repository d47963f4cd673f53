"""How group CNNs are trained."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR

from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.training.loop import Training
from autoequivariant.training.steps import AdamW

FEWEST_EPOCHS = 4


@dataclass(frozen=True)
class Recipe:
    """How networks are trained, whatever the number of samples.

    The optimizer is AdamW (Loshchilov and Hutter, 2019, arXiv 1711.05101); biases and
    normalisations do not decay.

    Attributes:
        learning_rate: the largest. The rate falls to 0 along a cosine.
        batch_size: samples a step.
        steps, epochs: a full training has at least as many of both.
        proxy_steps: about as many has a short training, for a search. Default: those of `steps`.
        warm_up: share of the steps in which the rate rises, from a 25th of the largest (one-cycle:
            Smith and Topin, 2019, arXiv 1708.07120). Default: 0.
        weight_decay: AdamW's. Default: 0.
        smoothing: share of the label that is spread over all classes. Default: 0.
        bfloat16: whether to convolve in bfloat16 on processors with instructions for it. Default:
            no.
    """

    learning_rate: float
    batch_size: int
    steps: int
    epochs: int
    warm_up: float = 0.0
    weight_decay: float = 0.0
    smoothing: float = 0.0
    bfloat16: bool = False
    proxy_steps: int | None = None

    def training(self, n_samples: int) -> Training:
        """Return the full training on `n_samples` samples."""
        epochs = max(self.epochs, self._epochs(n_samples, self.steps))
        return Training(epochs, self.batch_size, self.learning_rate)

    def proxy(self, n_samples: int) -> Training:
        """Return the short training on `n_samples` samples, of at least `FEWEST_EPOCHS` epochs."""
        steps = self.steps if self.proxy_steps is None else self.proxy_steps
        epochs = max(FEWEST_EPOCHS, self._epochs(n_samples, steps))
        return Training(epochs, self.batch_size, self.learning_rate, is_proxy=True)

    def _epochs(self, n_samples: int, steps: int) -> int:
        return math.ceil(steps / math.ceil(n_samples / self.batch_size))

    def optimizer(self, model: nn.Module, learning_rate: float) -> AdamW:
        """Return the optimizer of a model."""
        parameters = list(model.parameters())
        groups = [
            {"params": [p for p in parameters if p.dim() > 1], "weight_decay": self.weight_decay},
            {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0},
        ]
        is_on_gpu = any(p.is_cuda for p in parameters)
        return AdamW(groups, lr=learning_rate, fused=True if is_on_gpu else None)

    def schedule(self, optimizer: AdamW, learning_rate: float, steps: int) -> LRScheduler:
        """Return the schedule of the learning rate, to be stepped after each training step."""
        if self.warm_up == 0:
            return CosineAnnealingLR(optimizer, steps)
        return OneCycleLR(
            optimizer, learning_rate, steps, pct_start=self.warm_up, cycle_momentum=False
        )

    def uses_bfloat16(self, device: torch.device) -> bool:
        """Whether training on a device uses bfloat16."""
        if not self.bfloat16 or device.type != "cpu":
            return False
        # Older versions of torch do not say; they do without.
        capabilities: dict[str, Any] = getattr(torch.cpu, "get_capabilities", dict)()
        return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16"))


FIXED = Recipe(learning_rate=1e-2, batch_size=32, steps=500, epochs=4)
"""Of the backbones `paper` and `residual`: ten times the paper's learning rate, with which four
epochs would not suffice. Normalisation and the decay of the rate allow it.
"""
RECIPES: Mapping[str, Recipe] = {
    kind: Recipe(
        learning_rate=0.03,
        batch_size=batch_size,
        steps=steps,
        epochs=epochs,
        warm_up=0.3,
        weight_decay=weight_decay,
        smoothing=0.1,
        bfloat16=True,
        proxy_steps=proxy_steps,
    )
    for kind, batch_size, weight_decay, steps, epochs, proxy_steps in (
        ("sequence", 64, 0.5, 300, 8, 200),
        ("grid", 64, 0.2, 1000, 12, 200),
        ("volume", 32, 0.2, 300, 8, 150),
    )
}
"""Of the backbone `pyramid`, by kind of domain. Chosen on data that the results do not report:
drawn spirals of 56x56, scikit-learn's digits turned on 28x28, textures of scikit-image's pictures,
planted motifs of DNA, the UCR sets ArrowHead, GunPoint, ItalyPowerDemand, Trace and ECG200, and
drawn tubes and limbs of 28x28x28. On digits, 2,000 steps are no better than 1,000; on motifs and
limbs, 1,000 are worse than 300.
"""


def recipe_of(architecture: CNNArchitecture) -> Recipe:
    """Return the recipe for an architecture's networks."""
    if architecture.backbone == "pyramid":
        return RECIPES[architecture.domain.kind]
    return FIXED
