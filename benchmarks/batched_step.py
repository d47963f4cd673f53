"""A batched training step with shared weights, against the same step with dense weights.

    python benchmarks/batched_step.py [--repeats 30] [--device cpu]
    python benchmarks/batched_step.py --profile

The paper's child, 784-400-400-10, batch 64, 8 and 32 of them. Dense: weights of shape
`(b, in, out)`, `torch.baddbmm`, autograd. Shared: `BatchedMLP`. Both are followed by the same fused
Adam, and run in this process, in turns; a time is a median. `spread` are states evenly spread over
the paper's 216 networks, in the order in which a search trains them; the exit status is 1 where
their ratio is above the target. `plain` and `most shared` are the two ends of that list. All in one
thread: a search has a process for each core (`cores.py`).

The second prints where the time of the shared step of all 216 networks goes, by torch's profiler.
"""

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.lattice import ClosedState, Lattice
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import BatchedMLP

HIDDEN, CLASSES, BATCH = (Grid(20, 20), Grid(20, 20)), 10, 64
CHILDREN = (8, 32)
TARGET = 1.25


class DenseMLP(nn.Module):
    """The same layers without sharing; takes `(n, c)`, returns `(b, n, classes)`."""

    def __init__(self, widths: Sequence[int], children: int) -> None:
        super().__init__()
        pairs = list(zip(widths, widths[1:], strict=False))
        self.weights = nn.ParameterList(
            torch.randn(children, c, r) * (2 / c) ** 0.5 for c, r in pairs
        )
        self.biases = nn.ParameterList(torch.zeros(children, 1, r) for _, r in pairs)

    def forward(self, x: Tensor) -> Tensor:
        h = x.expand(len(self.weights[0]), *x.shape)
        for layer, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            h = torch.baddbmm(bias, torch.relu(h) if layer else h, weight)
        return h


def stepper(model: nn.Module, x: Tensor, y: Tensor) -> Callable[[], None]:
    """One step of training on all of `x`."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, fused=True)

    def step() -> None:
        logits = model(x)
        children = len(logits)
        loss = functional.cross_entropy(logits.flatten(0, 1), y.repeat(children)) * children
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if x.is_cuda:
            torch.cuda.synchronize()

    return step


def times(steps: Sequence[Callable[[], None]], repeats: int) -> list[float]:
    """Median seconds of each, taken in turns after a warm-up."""
    found: list[list[float]] = [[] for _ in steps]
    for turn in range(repeats + 3):
        for step, seconds in zip(steps, found, strict=True):
            started = time.perf_counter()
            step()
            if turn >= 3:
                seconds.append(time.perf_counter() - started)
    return [median(seconds) for seconds in found]


def choices(networks: Sequence[ClosedState], children: int) -> dict[str, list[ClosedState]]:
    """The states to measure, by name: fewest generators come first in `networks`."""
    spread = [networks[k * (len(networks) - 1) // (children - 1)] for k in range(children)]
    return {
        "spread": spread,
        "plain": [networks[0]] * children,
        "most shared": list(networks[-children:]),
    }


def measured(
    architecture: MLPArchitecture, states: Sequence[ClosedState], repeats: int, device: torch.device
) -> tuple[float, float]:
    """Median seconds of a dense and of a shared step for these states."""
    x = torch.randn(BATCH, architecture.widths[0], device=device)
    y = torch.randint(CLASSES, (BATCH,), device=device)
    sharings = [architecture.sharings(state.generators) for state in states]
    seeds = [(0, child) for child in range(len(states))]
    dense = stepper(DenseMLP(architecture.widths, len(states)).to(device), x, y)
    shared = stepper(BatchedMLP(architecture, sharings, seeds, device), x, y)
    by_dense, by_shared = times([dense, shared], repeats)
    return by_dense, by_shared


PARTS = {
    "products of matrices": ("mm", "bmm", "addmm"),
    "gathering dense matrices, samples by orbits": ("index_select", "index"),
    "summing gradients by orbits": ("scatter_add_", "index_add_", "sum"),
    "Python between the operations": ("SharedMatmul", "SharedMatmulBackward"),
    "Adam": ("_fused_adam_", "Optimizer.step#Adam.step"),
}


def profile(architecture: MLPArchitecture, states: Sequence[ClosedState], steps: int = 5) -> None:
    """Print the share of each kind of operation, in parts as a search trains them."""
    x, y = torch.randn(BATCH, architecture.widths[0]), torch.randint(CLASSES, (BATCH,))
    together = 16
    parts = [states[k : k + together] for k in range(0, len(states), together)]
    totals: dict[str, float] = {}
    for part in parts:
        sharings = [architecture.sharings(state.generators) for state in part]
        step = stepper(BatchedMLP(architecture, sharings, [(0, k) for k in range(len(part))]), x, y)
        step()
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler:
            for _ in range(steps):
                step()
        for event in profiler.key_averages():
            name = event.key.removeprefix("aten::")
            kind = next((kind for kind, names in PARTS.items() if name in names), "everything else")
            totals[kind] = totals.get(kind, 0.0) + event.self_cpu_time_total
    whole = sum(totals.values())
    print("| part of a step | share |\n| --- | ---: |")
    for kind, spent in sorted(totals.items(), key=lambda pair: -pair[1]):
        print(f"| {kind} | {100 * spent / whole:.0f}% |")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repeats", type=int, default=30)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--profile", action="store_true")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    actions = layer_actions(paper_candidates(), Grid(28, 28), HIDDEN, allow_improper=True)
    architecture = MLPArchitecture(actions, 1, (1, 1), CLASSES, "dense")
    networks = Lattice(actions).closed_states().closed_states
    if arguments.profile:
        profile(architecture, networks)
        return 0
    print("children  states        dense, ms  shared, ms   ratio")
    missed = False
    for children in CHILDREN:
        for name, states in choices(networks, children).items():
            by_dense, by_shared = measured(architecture, states, arguments.repeats, device)
            ratio = by_shared / by_dense
            verdict = "  missed" if name == "spread" and ratio > TARGET else ""
            missed = missed or bool(verdict)
            both = f"{1e3 * by_dense:>11.1f}{1e3 * by_shared:>12.1f}"
            print(f"{children:>8}  {name:<12}{both}{ratio:>8.2f}{verdict}", flush=True)
    print(f"Target: {TARGET} for spread states.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
