"""A batched training step with shared weights, against the same step with dense weights.

    python benchmarks/batched_step.py [--repeats 30] [--device cpu]
    python benchmarks/batched_step.py --profile

8 and 32 of the paper's children, 784-400-400-10, at batch size 64. Dense: weights of shape
`(b, in, out)`, `torch.baddbmm`, autograd. Shared: `BatchedMLP`. Both use the same fused Adam and
alternate in one process and one thread, as a search has a process for each core (`cores.py`); times
are medians. `spread` are states evenly spread over the paper's 216 networks, in the order in which
a search trains them; the exit status is 1 if their ratio is above the target. `baseline` and `most
shared` are the two ends of that list.

*Of peak* is the share of the shared step's time in which its products, were they dense, would be
made at the speed of one product of 512 x 512 matrices, which alternates with the steps. Below half
for `baseline`, where nothing is shared, the exit status is 1. With shortcuts it may be above 1.

The second command profiles the shared step of all 216 networks with torch's profiler.
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
LEAST_OF_PEAK = 0.5
PEAK_SIZE = 512


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
    """Median seconds of each step; they alternate, after a warm-up."""
    found: list[list[float]] = [[] for _ in steps]
    for turn in range(repeats + 3):
        for step, seconds in zip(steps, found, strict=True):
            started = time.perf_counter()
            step()
            if turn >= 3:
                seconds.append(time.perf_counter() - started)
    return [median(seconds) for seconds in found]


def product() -> Callable[[], None]:
    """One product of square matrices, in the memory that it has."""
    a, b = torch.randn(2, PEAK_SIZE, PEAK_SIZE)
    out = torch.empty(PEAK_SIZE, PEAK_SIZE)

    def multiply() -> None:
        torch.mm(a, b, out=out)

    return multiply


def seconds_at_peak(widths: Sequence[int], children: int, of_product: float) -> float:
    """Seconds of a dense step's products at the speed of `product`: outputs, gradients of weights,
    and of inputs except for the samples.
    """
    layers = [a * b for a, b in zip(widths, widths[1:], strict=False)]
    products = BATCH * children * (3 * sum(layers) - layers[0])
    return of_product * products / PEAK_SIZE**3


def choices(networks: Sequence[ClosedState], children: int) -> dict[str, list[ClosedState]]:
    """The states to measure, by name; `networks` is sorted by the number of generators."""
    spread = [networks[k * (len(networks) - 1) // (children - 1)] for k in range(children)]
    return {
        "spread": spread,
        "baseline": [networks[0]] * children,
        "most shared": list(networks[-children:]),
    }


def measured(
    architecture: MLPArchitecture, states: Sequence[ClosedState], repeats: int, device: torch.device
) -> tuple[float, float, float]:
    """Median seconds of a dense and of a shared step for these states, and of `product`."""
    x = torch.randn(BATCH, architecture.widths[0], device=device)
    y = torch.randint(CLASSES, (BATCH,), device=device)
    sharings = [architecture.sharings(state.generators) for state in states]
    seeds = [(0, child) for child in range(len(states))]
    dense = stepper(DenseMLP(architecture.widths, len(states)).to(device), x, y)
    shared = stepper(BatchedMLP(architecture, sharings, seeds, device), x, y)
    by_dense, by_shared, of_product = times([dense, shared, product()], repeats)
    return by_dense, by_shared, of_product


PARTS = {
    "products of matrices": ("mm", "bmm", "addmm"),
    "gathering dense matrices, samples by orbits": ("index_select", "index"),
    "summing gradients by orbits": ("scatter_add_", "index_add_", "sum"),
    "Python between the operations": ("SharedMatmul", "SharedMatmulBackward"),
    "Adam": ("_fused_adam_", "Optimizer.step#Adam.step"),
}


def profile(architecture: MLPArchitecture, states: Sequence[ClosedState], steps: int = 5) -> None:
    """Print the share of each kind of operation, in batches as a search trains them."""
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
    print("children  states        dense, ms  shared, ms   ratio  of peak")
    missed = False
    for children in CHILDREN:
        for name, states in choices(networks, children).items():
            by_dense, by_shared, of_product = measured(
                architecture, states, arguments.repeats, device
            )
            ratio = by_shared / by_dense
            of_peak = seconds_at_peak(architecture.widths, children, of_product) / by_shared
            is_slow = ratio > TARGET if name == "spread" else of_peak < LEAST_OF_PEAK
            verdict = "  missed" if is_slow and name != "most shared" else ""
            missed = missed or bool(verdict)
            both = f"{1e3 * by_dense:>11.1f}{1e3 * by_shared:>12.1f}"
            print(
                f"{children:>8}  {name:<12}{both}{ratio:>8.2f}{of_peak:>9.2f}{verdict}", flush=True
            )
    print(f"Targets: {TARGET} for spread states, {LEAST_OF_PEAK} of peak for the baseline.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
