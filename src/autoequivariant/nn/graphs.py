"""Gradients by CUDA graphs: a GPU repeats the operations of a step without being told each anew.

A step of a small network has some hundred short operations, and Python needs longer to launch them
than a GPU to do them (`python benchmarks/group_conv.py --together --device cuda`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

Loss = Callable[[Tensor, Tensor], Tensor]
"""Takes samples and targets, and returns their loss."""
Gradients = Callable[[Tensor, Tensor], None]
"""Takes samples and targets, and sets the gradients of a model's parameters."""

_CAPTURING = threading.Lock()


def gradients_of(
    loss: Loss, model: nn.Module, device: torch.device, is_random: bool = False
) -> Gradients:
    """Return what sets the gradients of a model's loss.

    Args:
        loss, model: as in `GraphedGradients`.
        device: of the model.
        is_random: whether the loss has random numbers, which a graph would repeat. Default: no.
    """
    if device.type == "cuda" and not is_random:
        return GraphedGradients(loss, model)

    def by_autograd(samples: Tensor, targets: Tensor) -> None:
        value = loss(samples, targets)
        model.zero_grad()
        value.backward()

    return by_autograd


class GraphedGradients:
    """Sets the gradients of a model's parameters, by a graph for each size of a batch.

    Args:
        loss: of the model; its operations must be the same for all batches of a size.
        model: whose parameters get gradients; its buffers change as `loss` says.
    """

    def __init__(self, loss: Loss, model: nn.Module) -> None:
        self._loss, self._model = loss, model
        self._graphs: dict[torch.Size, _Graph] = {}

    def __call__(self, samples: Tensor, targets: Tensor) -> None:
        """Set the gradients of the loss of a batch."""
        graph = self._graphs.get(samples.shape)
        if graph is None:
            pool = next((one.graph.pool() for one in self._graphs.values()), None)
            graph = _Graph(self._loss, self._model, samples, targets, pool)
            self._graphs[samples.shape] = graph
        graph.replay(samples, targets)


@contextmanager
def _deterministic() -> Iterator[None]:
    """Choose convolutions that add in a fixed order."""
    chosen = torch.backends.cudnn.deterministic
    torch.backends.cudnn.deterministic = True
    try:
        yield
    finally:
        torch.backends.cudnn.deterministic = chosen


class _Graph:
    """Forward and backward pass of batches of one size."""

    def __init__(
        self,
        loss: Loss,
        model: nn.Module,
        samples: Tensor,
        targets: Tensor,
        pool: Any,
    ) -> None:
        self.samples, self.targets = samples.clone(), targets.clone()
        self.parameters = list(model.parameters())
        self.graph = torch.cuda.CUDAGraph()
        outside = torch.cuda.current_stream(samples.device)
        # The default stream cannot be captured. Another thread may have a new one already, as
        # there are 32 in all; a thread with a stream of its own uses that.
        is_default = outside == torch.cuda.default_stream(samples.device)
        inside = torch.cuda.Stream(samples.device) if is_default else outside
        inside.wait_stream(outside)
        with torch.cuda.stream(inside), _CAPTURING, _deterministic():
            # Libraries allocate what they need when they are first called.
            before = [buffer.clone() for buffer in model.buffers()]
            loss(self.samples, self.targets).backward()
            for buffer, value in zip(model.buffers(), before, strict=True):
                buffer.copy_(value)
            model.zero_grad()  # to None: the graph has gradients of its own
            self.graph.capture_begin(pool, capture_error_mode="thread_local")
            try:
                loss(self.samples, self.targets).backward()
            finally:
                self.graph.capture_end()
        outside.wait_stream(inside)
        self.gradients = [parameter.grad for parameter in self.parameters]

    def replay(self, samples: Tensor, targets: Tensor) -> None:
        """Set the gradients of the loss of a batch."""
        self.samples.copy_(samples)
        self.targets.copy_(targets)
        self.graph.replay()
        for parameter, gradient in zip(self.parameters, self.gradients, strict=True):
            parameter.grad = gradient
