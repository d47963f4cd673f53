"""Symmetrised modules: laws, slow twins, training, and what is refused."""

import copy
import pickle
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from autoequivariant.errors import AutoequivariantError
from autoequivariant.nn.symmetrize.symmetrized import Symmetrized
from autoequivariant.nn.symmetrize.wrap import METHODS, symmetrize

from .cases import CASES, ODD, Case, acted

EXACT = 1e-12


def made(case: Case, method: str, **arguments: Any) -> Symmetrized:
    return symmetrize(
        case.module(),
        case.symmetries,
        method,
        outputs_per=case.outputs_per,
        samples=case.samples(),
        **{**case.arguments, **({"members": 5000} if method == "sample" else {}), **arguments},
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", CASES)
def test_the_law(name: str, method: str) -> None:
    """f(g.x) = g.f(x), also for samples that elements fix, and for weights that are not equal."""
    case = CASES[name]
    module, x = made(case, method), case.samples()
    for parameter in module.method.parameters():
        nn.init.normal_(parameter)
    y = module(x)
    assert y.shape == (len(x), *case.outputs)
    assert y.std(dim=0).max() > 1e-3
    for element in case.elements():
        found = module(acted(element, x, False))
        assert torch.allclose(found, acted(element, y, True), atol=EXACT)
    plain = case.module()
    assert not all(
        torch.allclose(plain(acted(one, x, False)), acted(one, plain(x), True), atol=1e-3)
        for one in case.elements()
    )


@pytest.mark.parametrize("name", CASES)
def test_the_average_is_that_of_all_elements(name: str) -> None:
    case = CASES[name]
    module, plain, x = made(case, "average"), case.module(), case.samples()
    moved = [acted(one.inverse(), plain(acted(one, x, False)), True) for one in case.elements()]
    expected = torch.stack(moved).mean(0)
    assert torch.allclose(module(x), expected, atol=EXACT)
    assert torch.allclose(made(case, "lambda")(x), expected, atol=EXACT)  # it starts there


@pytest.mark.parametrize("name", CASES)
def test_the_canonical_output_is_that_of_the_largest_copy(name: str) -> None:
    case = CASES[name]
    module, plain, x = made(case, "canonical"), case.module(), case.samples()
    for one, found in zip(x, module(x), strict=True):
        copies = [(acted(g, one[None], False), g) for g in case.elements()]
        largest = max(tuple(copy.flatten().tolist()) for copy, _ in copies)
        back = [
            acted(g.inverse(), plain(copy + 0.0), True)
            for copy, g in copies
            if tuple(copy.flatten().tolist()) == largest
        ]
        assert torch.allclose(found, torch.cat(back).mean(0), atol=EXACT)


@pytest.mark.parametrize("method", METHODS)
def test_fine_tuning_keeps_the_symmetries(method: str) -> None:
    case = CASES["classes exchanged"]
    module, x = made(case, method), case.samples(8)
    before = copy.deepcopy(module.state_dict())
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        nn.functional.cross_entropy(module(x), torch.arange(8) % 3).backward()
        optimiser.step()
    assert all(
        not torch.equal(before[key], now)
        for key, now in module.state_dict().items()
        if key.startswith("module.")
    )
    if method == "lambda":
        assert module.method.weights[-1].weight.abs().max() > 0
    for element in case.elements():
        found = module(acted(element, x, False))
        assert torch.allclose(found, acted(element, module(x), True), atol=EXACT)


def test_the_module_is_not_copied_and_the_state_is_its_own() -> None:
    case = CASES["square, odd"]
    plain = case.module()
    module = symmetrize(plain, case.symmetries, samples=case.samples())
    assert module.module is plain
    assert list(module.state_dict()) == [f"module.{key}" for key in plain.state_dict()]
    weighted = made(case, "lambda")
    extra = set(weighted.state_dict()) - set(module.state_dict())
    assert extra and all(key.startswith("method.") for key in extra)
    again = symmetrize(case.module(), case.symmetries)  # without samples: no shape yet
    again.load_state_dict(module.state_dict())
    for twin in (again, copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert torch.equal(twin(case.samples()), module(case.samples()))


def test_batch_normalisation_sees_whole_orbits_in_training() -> None:
    """So that outputs of training are equivariant, too."""
    case = CASES["square, odd"]
    net = nn.Sequential(
        nn.Flatten(), nn.Linear(25, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2)
    ).double()
    module, x = symmetrize(net, case.symmetries).train(), case.samples(5)
    mixed = torch.stack([acted(case.elements()[k], x[k : k + 1], False)[0] for k in range(5)])
    assert torch.allclose(module(mixed), module(x), atol=EXACT)
    assert module.training and net[2].training


def test_evaluation_in_parts_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES["square, even, channels"]
    for method in METHODS:
        module, x = made(case, method).eval(), case.samples()
        at_once = module(x)
        monkeypatch.setattr("autoequivariant.nn.symmetrize.orbit._MOST_COPIES", 18)
        assert torch.allclose(module(x), at_once, atol=EXACT)
        assert torch.allclose(module(x[:0]), at_once[:0])
        monkeypatch.undo()


@pytest.mark.parametrize("method", ["average", "canonical"])
def test_each_shape_has_its_group(method: str) -> None:
    conv = nn.Conv2d(1, 2, 3, padding=1)
    net = nn.Sequential(conv, nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    module = symmetrize(net, "rot90", method)
    for side in (4, 5, 4, 7):
        x = torch.randn(3, 1, side, side)
        assert torch.allclose(module(x), module(x.rot90(1, (2, 3))), atol=1e-5)
    with pytest.raises(AutoequivariantError, match="rot90 is not defined on 4x5"):
        module(torch.randn(3, 1, 4, 5))


def test_outputs_without_an_axis() -> None:
    net = nn.Sequential(nn.Linear(4, 1), nn.Tanh(), nn.Flatten(0))
    x = torch.randn(5, 4)
    for method in METHODS:
        module = symmetrize(net, ODD, method, samples=x)
        assert module(x).shape == (5,)
        assert torch.allclose(module(-x), -module(x), atol=1e-6)


class Embedded(nn.Module):
    """A module that takes whole numbers alone."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Embedding(9, 4)
        self.last = nn.Linear(20, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.table(x).flatten(1))


@pytest.mark.parametrize("method", METHODS)
def test_whole_numbers_stay_whole_numbers(method: str) -> None:
    x = torch.randint(0, 9, (6, 5))
    module = symmetrize(Embedded(), "reverse", method, kind="sequence", samples=x)
    assert torch.allclose(module(x), module(x.flip(1)), atol=1e-6)


def test_bytes_become_numbers_where_signs_change() -> None:
    class Scaled(nn.Linear):
        def forward(self, x: Tensor) -> Tensor:
            return super().forward(x.flatten(1).float() / 255)

    x = torch.randint(0, 256, (6, 1, 3, 3), dtype=torch.uint8)
    assert symmetrize(Scaled(9, 2), "rot90", samples=x)(x).dtype == torch.float32
    odd = symmetrize(Scaled(9, 2), {**ODD, "outputs": "negate"}, samples=x)
    assert torch.allclose(odd(x), -odd(-x.float()), atol=1e-6)


def test_weights_of_the_users_own() -> None:
    class Brightness(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x[:, 0, 0, :1]

    case = CASES["square, odd"]
    module = symmetrize(case.module(), case.symmetries, "lambda", weights=Brightness())
    plain, x = case.module(), case.samples()
    copies = [acted(one, x, False) for one in case.elements()]
    weights = torch.stack([copy[:, 0, 0, 0] for copy in copies]).softmax(0)
    expected = sum(w[:, None] * plain(one) for w, one in zip(weights, copies, strict=True))
    assert torch.allclose(module(x), expected, atol=EXACT)


def test_names_of_columns_and_outputs() -> None:
    x = torch.randn(6, 3)
    swap = {"swap": "left <-> right", "outputs": {"swap": "cat <-> dog"}}
    names = {"columns": ("left", "age", "right"), "outputs": ("cat", "cow", "dog")}
    module = symmetrize(nn.Linear(3, 3), swap, samples=x, **names)
    assert torch.allclose(module(x[:, [2, 1, 0]]), module(x)[:, [2, 1, 0]], atol=1e-6)


RECORDS = [{"swap": f"{3 * k} <-> {3 * k + 3}, {3 * k + 1} <-> {3 * k + 4}"} for k in range(9)]


@pytest.mark.parametrize("symmetries", [RECORDS, [*RECORDS, {"negate": "0"}, {"negate": "2"}]])
def test_large_groups_are_sorted(symmetries: Any) -> None:
    net = nn.Sequential(nn.Linear(30, 8), nn.Tanh(), nn.Linear(8, 2)).double()
    x = torch.randint(-2, 3, (40, 30)).double()
    module = symmetrize(net, symmetries, "canonical", samples=x)
    y = module(x)
    assert y.std(0).min() > 1e-3
    rng = np.random.default_rng(0)
    for element in module.group(x).members(60, 0):
        assert torch.equal(module(acted(element, x, False)), y)
    changed = x.clone()
    changed[:, 2 + 3 * int(rng.integers(1, 9))] += 1  # a third column, which stays in place
    assert not torch.equal(module(changed), y)
    x.requires_grad_(True)
    module(x).sum().backward()
    assert x.grad is not None and x.grad.abs().sum() > 0


def test_a_part_of_a_large_group_has_an_error_that_is_reported() -> None:
    net, x = nn.Linear(20, 2), torch.randn(8, 20)
    swaps = [f"swap:{k}-{k + 1}" for k in range(19)]
    with pytest.warns(UserWarning, match="mean over 8 elements is not exact") as caught:
        module = symmetrize(net, swaps, "sample", members=8, samples=x)
    assert caught[0].filename == __file__
    assert module.error is not None and module.error.error > 0.01
    assert module.error.worst in repr(module)
    again = symmetrize(copy.deepcopy(net), ["swap:0-1"], "sample", samples=x)
    assert again.error is not None and again.error.error < 1e-5
    assert torch.allclose(module.module.weight, net.weight)


def test_samples_may_be_arrays() -> None:
    x = np.random.default_rng(0).normal(size=(4, 3))
    module = symmetrize(nn.Linear(3, 2), ["swap:0-1"], "lambda", samples=x)
    assert module(torch.from_numpy(x).float()).dtype == torch.float32


def test_no_warning_without_a_reason() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in CASES:
            for method in METHODS:
                made(CASES[name], method)


def test_it_compiles() -> None:
    case = CASES["classes exchanged"]
    for method in ("average", "lambda", "canonical"):
        module, x = made(case, method).eval(), case.samples()
        compiled = torch.compile(module, backend="eager")
        assert torch.allclose(compiled(x), module(x), atol=EXACT)


LARGE = ["translate_x:1", "translate_y:1", "rot90"]
MIRROR_OF_CATS = {"like": "hflip", "outputs": {"swap": "cat <-> 0"}}
MANY = [f"swap:{k}-{k + 1}" for k in range(9)]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (
            {"method": "mean"},
            "method must be one of average, lambda, canonical, sample; got 'mean'",
        ),
        ({"module": len}, "module must be a torch.nn.Module"),
        ({"symmetries": ""}, "at least one symmetry"),
        ({"symmetries": "rot91"}, "rot91"),
        ({"symmetries": LARGE, "shape": (1, 40, 40)}, "more than 4,096 elements, too many for"),
        ({"symmetries": LARGE, "shape": (1, 40, 40), "method": "canonical"}, "use method='sample'"),
        ({"symmetries": MANY, "shape": (10,)}, "3,628,800 elements.*use method='canonical' or"),
        ({"members": 3}, "members belongs to method='sample'"),
        ({"members": 0, "method": "sample"}, "members must be an integer of 1 or more"),
        ({"members": 2.5, "method": "sample"}, "members must be an integer of 1 or more"),
        ({"weights": nn.Linear(1, 1)}, "weights belongs to method='lambda'"),
        ({"weights": 3, "method": "lambda"}, "weights must be a torch.nn.Module"),
        (
            {"weights": nn.Flatten(), "method": "lambda"},
            r"weights must map samples, .* to \(n, 1\)",
        ),
        ({"method": "lambda", "samples": None}, "needs a few samples to shape the network"),
        ({"method": "sample", "samples": None}, "needs a few samples to measure its error"),
        ({"outputs_per": "pixel"}, "outputs_per must be one of sample, position, value"),
        ({"outputs_per": "position"}, "outputs must have shape"),
        ({"outputs_per": "value"}, "must have the shape of a sample"),
        ({"module": nn.Conv2d(1, 2, 3, padding=1)}, "set outputs_per='position'"),
        ({"module": nn.LSTM(4, 3), "shape": (3, 4)}, "must return a tensor; LSTM returns a tuple"),
        ({"module": nn.Linear(7, 2)}, "cannot take samples of shape"),
        ({"samples": torch.zeros(3)}, "samples must have shape"),
        ({"samples": "many"}, "samples must be"),
        ({"outputs": ("cat", "dog", "fox")}, "3 names, but the module returns 2 outputs"),
        ({"symmetries": MIRROR_OF_CATS}, "cat"),
        (
            {
                "symmetries": {"like": "hflip", "outputs": {"swap": "0 <-> 1"}},
                "module": nn.Identity(),
                "outputs_per": "value",
                "shape": (2, 4, 4),
            },
            "leave outputs: out",
        ),
    ],
)
def test_what_is_refused(arguments: dict[str, Any], reason: str) -> None:
    arguments = dict(arguments)
    shape = arguments.pop("shape", (1, 4, 4))
    values = int(np.prod(shape))
    net = nn.Sequential(nn.Flatten(), nn.Linear(values, 2))
    given = {"module": net, "symmetries": "rot90", "samples": torch.randn(3, *shape), **arguments}
    with pytest.raises(AutoequivariantError, match=reason):
        symmetrize(
            given.pop("module"), given.pop("symmetries"), given.pop("method", "average"), **given
        )
