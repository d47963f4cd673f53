"""The training loop: batches, seeds, stopping, and children that do not feel each other."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Features, Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.layers import shared_matmul
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import BatchedMLP
from autoequivariant.training.loop import Training, scores, train

STATES: list[tuple[int, ...]] = [(), (0,), (1,), (0, 1), (2,), (0, 2)]


@pytest.fixture(autouse=True)
def one_thread():
    """As a search trains."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def digits(n: int = 400) -> tuple[torch.Tensor, torch.Tensor]:
    bunch = load_digits()
    x = torch.from_numpy((bunch.images[:n].reshape(n, 64) / 16).astype(np.float32))
    return x, torch.from_numpy(bunch.target[:n])


def architecture(final: str = "invariant") -> MLPArchitecture:
    grids = (Grid(4, 4), Grid(4, 4))
    actions = layer_actions(parse_symmetries("hflip,rot90,translate_x:2"), Grid(8, 8), grids)
    return MLPArchitecture(actions, 1, (4, 4), 10, final)


def children(states: Sequence[tuple[int, ...]], seed: int = 0, **options: str) -> BatchedMLP:
    made = architecture(**options)
    sharings = [made.sharings(state) for state in states]
    return BatchedMLP(made, sharings, [(seed, *state) for state in states])


def trained(
    states: Sequence[tuple[int, ...]], seed: int = 0, order: int = 0, n: int = 400, epochs: int = 2
) -> BatchedMLP:
    model = children(states, seed)
    train(model, *digits(n), Training(epochs), order, lambda _: None)
    return model


def n_parameters(model: BatchedMLP, child: int) -> list[torch.Tensor]:
    return [value for layer in model.child_weights(child) for value in layer]


def same(a: list[torch.Tensor], b: list[torch.Tensor]) -> bool:
    return all(torch.equal(x, y) for x, y in zip(a, b, strict=True))


def nearly(a: list[torch.Tensor], b: list[torch.Tensor], most: float = 1e-4) -> bool:
    return all(torch.allclose(x, y, atol=most) for x, y in zip(a, b, strict=True))


def test_alone_and_in_a_batch_are_the_same() -> None:
    """By contract up to float noise, which training lets grow."""
    batch = trained(STATES, epochs=20)
    held_out = digits(800)
    held_out = held_out[0][400:], held_out[1][400:]
    together = scores(batch, *held_out).float().mean(1)
    for child, state in enumerate(STATES):
        alone = trained([state], epochs=20)
        assert nearly(n_parameters(alone, 0), n_parameters(batch, child), 1e-2)
        score = scores(alone, *held_out).float().mean()
        assert float(score) == pytest.approx(float(together[child]), abs=0.005)
    assert not nearly(
        n_parameters(trained([()], seed=1, epochs=20), 0), n_parameters(batch, 0), 1e-2
    )
    assert float(together.min()) > 0.4  # something was learnt


def products_are_the_same_alone() -> bool:
    """Whether this machine's matrix product rounds alone as it does in a batch."""
    for n in (64, 16):
        for columns, rows in ((64, 64), (64, 10)):
            x, w = torch.randn(3, n, columns), torch.randn(3, rows, columns)
            pairs = ((w, x.transpose(1, 2)), (torch.randn(3, rows, n), x))
            for a, b in pairs:
                together = torch.bmm(a, b)
                if not all(torch.equal(together[c], torch.mm(a[c], b[c])) for c in range(3)):
                    return False
    return True


@pytest.mark.parametrize("tile", [1, 2, 10**9])
def test_bit_by_bit_in_one_thread(tile: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that a search that goes on where it was killed ends with the same answer."""
    if not products_are_the_same_alone():
        pytest.skip("not here: a matrix product that rounds the same alone and in a batch")
    wanted = trained(STATES, epochs=5)
    with monkeypatch.context() as patch:
        patch.setattr(shared_matmul, "_TILE_BYTES", 4 * 64 * 64 * tile)
        found = trained(STATES[::-1], epochs=5)
    assert len(found._plans[0].pieces) == {1: 6, 2: 3, 10**9: 1}[tile]
    for child, state in enumerate(STATES):
        assert same(n_parameters(found, len(STATES) - 1 - child), n_parameters(wanted, child))
        assert same(n_parameters(trained([state], epochs=5), 0), n_parameters(wanted, child))


def test_seeds() -> None:
    first = n_parameters(trained([(0,)]), 0)
    torch.manual_seed(99)  # a global seed must not matter
    assert same(first, n_parameters(trained([(0,)]), 0))
    assert not nearly(first, n_parameters(trained([(0,)], seed=1), 0))
    assert not nearly(first, n_parameters(trained([(0,)], order=1), 0))


def test_a_childs_gradient_is_that_of_its_own_mean_loss() -> None:
    """A step in a batch of two is the step of Adam on a single network's mean loss."""
    x, y = digits(64)
    model = children([(0,), (1,)])
    model.calibrate(x)
    wanted = children([(1,)])
    wanted.calibrate(x)
    optimizer = torch.optim.Adam(wanted.parameters(), lr=1e-3, fused=True)
    torch.nn.functional.cross_entropy(wanted(x)[0], y).backward()
    optimizer.step()
    train(model, x, y, Training(1), 0, lambda _: None)
    assert nearly(n_parameters(model, 1), n_parameters(wanted, 0), 1e-6)


class Spy(torch.nn.Module):
    """Children that note which samples they are shown: sample `i` holds the number `i`."""

    def __init__(self) -> None:
        super().__init__()
        self.children_count = 1
        self.value = torch.nn.Parameter(torch.zeros(2))
        self.seen: list[list[int]] = []

    def calibrate(self, x: torch.Tensor, scale: float) -> None:
        self.calibrated_on = len(x)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.seen.append(x[:, 0].int().tolist())
        return self.value.expand(1, len(x), 2)


def shown(n: int, training: Training, seed: int = 0) -> list[list[int]]:
    spy = Spy()
    x = torch.arange(n, dtype=torch.float32)[:, None]
    train(spy, x, torch.zeros(n, dtype=torch.int64), training, seed, lambda _: None)  # type: ignore[arg-type]
    assert spy.calibrated_on == min(n, 512)
    return spy.seen


def test_batches_are_reshuffled_in_every_epoch() -> None:
    seen = shown(150, Training(3, batch_size=64))
    assert [len(batch) for batch in seen] == [64, 64, 22] * 3
    epochs = [sum(seen[first : first + 3], []) for first in (0, 3, 6)]
    assert all(sorted(epoch) == list(range(150)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3
    assert list(range(150)) not in epochs
    assert seen == shown(150, Training(3, batch_size=64))
    assert seen != shown(150, Training(3, batch_size=64), seed=1)


@pytest.mark.parametrize(
    ("n", "sizes"), [(1, [1]), (10, [10]), (64, [64]), (65, [64, 1]), (129, [64, 64, 1])]
)
def test_few_samples_and_an_odd_one(n: int, sizes: list[int]) -> None:
    assert [len(batch) for batch in shown(n, Training(1))] == sizes
    model = trained([(), (0, 1)], n=n, epochs=2)
    assert all(bool(value.isfinite().all()) for value in model.parameters())
    assert nearly(n_parameters(trained([(0, 1)], n=n, epochs=2), 0), n_parameters(model, 1))


def test_on_step_stops_the_training() -> None:
    class EnoughError(Exception):
        pass

    steps = 0

    def on_step(_: int) -> None:
        nonlocal steps
        steps += 1
        if steps == 4:
            raise EnoughError

    model = children([()])
    with pytest.raises(EnoughError):
        train(model, *digits(), Training(10), 0, on_step)
    assert steps == 4
    steps = -100
    train(model, *digits(), Training(10), 0, on_step)  # the twin: 70 steps
    assert steps == -30


@pytest.mark.parametrize("state", [(), (0,), (1,), (0, 1)])
def test_signed_children_train(state: tuple[int, ...]) -> None:
    domain = Features(4)
    actions = layer_actions(parse_symmetries("reverse,negate"), domain, (domain, domain))
    made = MLPArchitecture(actions, 1, (4, 4), 2, "invariant")
    x = torch.randn(256, 4, generator=torch.Generator().manual_seed(1))
    y = (x.square().sum(1) > 3.4).long()  # has both symmetries
    model = BatchedMLP(made, [made.sharings(state)], [(0,)])
    train(model, x, y, Training(40, learning_rate=1e-2), 0, lambda _: None)
    assert float(scores(model, x, y).float().mean()) > 0.9


def test_correct_counts_every_sample_once() -> None:
    x, y = digits(1797)
    model = children([(), (0,)])
    found = scores(model, x, y)
    assert found.shape == (2, 1797)
    assert torch.equal(found, model(x).argmax(2) == y)
