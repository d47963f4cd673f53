"""A plain network computes what the saved one does, in torch, from its own source, and in ONNX."""

import copy

import pytest
import torch

from autoequivariant.nn.equivariance import Yardstick
from autoequivariant.nn.export.dense import to_dense
from autoequivariant.nn.export.onnx_graph import ONNXModule, to_onnx
from autoequivariant.nn.export.torch_source import network_from, source_of, weights_of

from .networks import CASES, MEANING, mlp, samples_of


@pytest.mark.parametrize("name", CASES)
@torch.no_grad()
def test_plain_networks_compute_the_same(name: str) -> None:
    model = CASES[name]()
    dense = to_dense(model)
    outside = [m for m in dense.modules() if not type(m).__module__.startswith("torch.nn")]
    assert all(type(m).__module__ == "autoequivariant.nn.export.torch_modules" for m in outside)
    source = source_of(dense, "network", "float32", MEANING, "")
    again = network_from(source, weights_of(dense))
    for dtype in (torch.float32, torch.uint8):
        onnx = ONNXModule(to_onnx(dense, samples_of(model, 1, dtype), MEANING, ("hflip",)))
        for n in (1, 2, 7):
            x = samples_of(model, n, dtype)
            expected = model(x)
            for other in (dense, again, onnx):
                assert other(x).shape == expected.shape
                assert Yardstick(expected).deviation(other(x), expected) < 1e-5
    assert Yardstick(expected).deviation(1.001 * expected, expected) > 1e-4  # it would be seen


def test_nothing_is_shared_with_the_model() -> None:
    model = mlp("grid")
    before = copy.deepcopy(model.state_dict())
    with torch.no_grad():
        for parameter in to_dense(model).parameters():
            parameter.zero_()
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
