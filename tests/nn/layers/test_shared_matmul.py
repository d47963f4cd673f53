"""Products and gradients of many children equal those of single networks."""

import pytest
import torch
from torch.nn import functional

from autoequivariant.nn.layers import shared_matmul
from autoequivariant.nn.mlp.architecture import MLPArchitecture

from ..batches import STATES, batch_of, compare, samples
from ..cases import DOMAINS, architecture_of, vanishing

TILES = {"one child": 1, "some": 3, "all": 10**9}  # children


def set_tile(monkeypatch: pytest.MonkeyPatch, architecture: MLPArchitecture, children: int) -> None:
    """Let a tile hold so many children of the widest layer."""
    widths = architecture.widths
    widest = max(a * b for a, b in zip(widths, widths[1:], strict=False))
    monkeypatch.setattr(shared_matmul, "_TILE_BYTES", 4 * widest * children)


@pytest.mark.parametrize("tile", TILES)
@pytest.mark.parametrize("final", ["dense", "invariant"])
@pytest.mark.parametrize("name", DOMAINS)
def test_forward_and_gradients_are_those_of_single_networks(
    name: str, final: str, tile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = architecture_of(name, final)
    set_tile(monkeypatch, architecture, TILES[tile])
    model = batch_of(architecture, STATES)
    most = max(len(plan.pieces) for plan in model._plans)  # of the widest layer
    assert most == {"one child": 5, "some": 2, "all": 1}[tile]
    compare(model, STATES, 17, 2e-5)


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.parametrize("states", [[()], [(0, 1)], [(), ()], [(0, 1), ()]])
@pytest.mark.parametrize("tile", TILES)
def test_few_samples_and_few_children(
    tile: str, states: list[tuple[int, ...]], n: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = architecture_of("grid", channels=1, in_channels=1, layers=1)
    set_tile(monkeypatch, architecture, TILES[tile])
    compare(batch_of(architecture, states), states, n, 2e-5)


@pytest.mark.parametrize("states", [[(0,)], [(0,), (0,)], [(0,), ()], [(), (0,)], [()]])
@pytest.mark.parametrize("tile", TILES)
def test_a_layer_in_which_everything_is_forced_to_zero(
    tile: str, states: list[tuple[int, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    architecture = MLPArchitecture(vanishing(), 1, (2,), 3, "dense")
    set_tile(monkeypatch, architecture, TILES[tile])
    model = batch_of(architecture, states)
    compare(model, states, 5, 2e-5)
    x, y = samples(architecture, 5)
    model.calibrate(x)  # nothing to scale is no trouble
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    loss = functional.cross_entropy(model(x).flatten(0, 1), y.repeat(len(states)))
    loss.backward()
    optimizer.step()
    assert all(bool(value.isfinite().all()) for value in model.parameters())


def test_no_gradient_is_asked_of_the_samples() -> None:
    """The first layer then leaves out one product."""
    model = batch_of(architecture_of("grid"), STATES)
    x, _ = samples(model.architecture, 4)
    model(x).sum().backward()
    assert x.grad is None


@pytest.mark.skipif(not torch.cuda.is_available(), reason="not here: no CUDA device")
def test_on_cuda_forward_and_gradients_are_those_of_single_networks() -> None:
    for name in DOMAINS:
        for final in ("dense", "invariant"):
            compare(batch_of(architecture_of(name, final), STATES, "cuda"), STATES, 17, 1e-3)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="not here: no CUDA device")
def test_on_cuda_gradients_are_the_same_in_each_run() -> None:
    for name in DOMAINS:
        model = batch_of(architecture_of(name, "invariant"), STATES, "cuda")
        x, _ = samples(model.architecture, 17)
        found = []
        for _ in range(3):
            model.zero_grad()
            model(x.cuda()).square().sum().backward()
            found.append([parameter.grad.clone() for parameter in model.parameters()])
        for others in found[1:]:
            assert all(torch.equal(a, b) for a, b in zip(found[0], others, strict=True))
