"""A plain network computes what the saved one does, in torch, from its own source, and in ONNX."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from autoequivariant.errors import ModelError, SettingsError
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group import PointGroup
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.equivariance import Yardstick
from autoequivariant.nn.export.dense import to_dense
from autoequivariant.nn.export.onnx_graph import ONNXModule, to_onnx
from autoequivariant.nn.export.signature import Signature
from autoequivariant.nn.export.torch_source import (
    network_from,
    source_of,
    weights_of,
)
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.nn.network import Network

from ..cases import DOMAINS, architecture_of, scaling_of
from ..custom_cases import CASES as OWN
from ..custom_cases import network_of

CLASSES = ("a", "b", 'it\'s """', "d\\", "e\nf")
MEANING = Signature(CLASSES)


def mlp(name: str, final: str = "invariant", generators: tuple[int, ...] = (0, 1)) -> Network:
    source = torch.Generator().manual_seed(1)
    architecture = architecture_of(name, final)
    network = EquivariantMLP(architecture, generators, *scaling_of(architecture), source)
    with torch.no_grad():
        for layer in network.layers:
            layer.bias.normal_(generator=source)
    return network.eval()


def own(name: str) -> Network:
    """Of regression, with a scale of its targets that commutes with every candidate."""
    network = network_of(name, (0, 1))
    network.rescale([0.0] * network.architecture.classes, [30.0] * network.architecture.classes)
    return network.eval()


def cnn(group: str, backbone: str = "paper", sides: tuple[int, int] = (9, 9)) -> Network:
    source = torch.Generator().manual_seed(1)
    architecture = CNNArchitecture(2, Grid(*sides), 5, backbone, 6, dropout=0.2)
    network = EquivariantCNN(architecture, PointGroup.parse(group), [1.0, 2.0], [2.0, 3.0], source)
    for _ in range(3):  # statistics that are not those of a start
        network(torch.randn(8, 2, *sides, generator=source) * 3 + 1)
    return network.eval()


CASES: dict[str, Callable[[], Network]] = {
    **{f"mlp {name}": lambda name=name: mlp(name) for name in DOMAINS},  # type: ignore[misc]
    "mlp dense": lambda: mlp("grid", "dense"),
    "mlp dense signed": lambda: mlp("signed", "dense"),
    "mlp plain": lambda: mlp("grid", "invariant", ()),
    **{f"own {name}": lambda name=name: own(name) for name in OWN},  # type: ignore[misc]
    "cnn none": lambda: cnn("none"),
    "cnn C4": lambda: cnn("rot90"),
    "cnn D4": lambda: cnn("rot90,hflip"),
    "cnn D4, even": lambda: cnn("rot90,hflip", sides=(8, 8)),
    "cnn oblong": lambda: cnn("hflip,vflip", sides=(7, 10)),
    "cnn residual": lambda: cnn("rot90", "residual"),
    "cnn residual, none": lambda: cnn("none", "residual", (8, 11)),
}


def samples_of(model: Network, n: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    is_cnn = isinstance(model, EquivariantCNN)
    domain = model.architecture.grid if is_cnn else model.architecture.actions.domains[0]
    source = torch.Generator().manual_seed(n)
    shape = (n, model.architecture.in_channels, *domain.shape)
    if dtype == torch.uint8:
        return torch.randint(0, 256, shape, generator=source, dtype=dtype)
    return torch.randn(shape, generator=source)


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


@pytest.mark.parametrize("name", CASES)
def test_plain_networks_have_the_same_symmetries(name: str) -> None:
    model = CASES[name]()
    claims = model.claims()
    dense = to_dense(model)
    x = samples_of(model, 8)
    content = to_onnx(dense, x[:1], MEANING, claims.names)
    parts = (
        dense[:-1] if claims.hidden else dense,
        ONNXModule(content, hidden=claims.hidden),
    )
    for part in parts:
        errors = claims.errors(part, x, torch.float32)
        assert all(errors[symmetry] < TOLERANCES[torch.float32] for symmetry in claims.names)
        assert all(e > 1e-2 for symmetry, e in errors.items() if symmetry not in claims.names)


def test_what_is_claimed() -> None:
    assert cnn("rot90").claims().names == ("rot90", "rot180")
    assert cnn("none").claims().names == ()
    measured = cnn("rot90").claims(parse_symmetries("hflip,rot90"))
    assert list(measured.inputs) == ["rot90", "rot180", "hflip"] and not measured.hidden
    dense = mlp("grid", "dense").claims()
    assert dense.names == ("rot90", "hflip") and dense.hidden and dense.outputs is not None
    candidates = parse_symmetries("rot90,hflip,vflip")
    architecture = MLPArchitecture(layer_actions(candidates, Grid(4, 4), [Grid(2, 2)]), 1, (1,), 2)
    assert EquivariantMLP(architecture, (0, 1)).claims().names == (
        "rot90",
        "hflip",
        "vflip",
    )


def test_what_is_claimed_of_outputs_that_move() -> None:
    claims = own("players").claims()
    assert claims.outputs is not None
    assert claims.outputs["players"].image.tolist() == [0, 2, 1]


def test_what_goes_in_and_comes_out_has_names() -> None:
    dense = to_dense(own("an array"))
    signature = Signature(targets=("force", 'a "b"'), columns=("x", "y", "z", "u"))
    source = source_of(dense, "net", "float32", signature, "It is \0 invariant.")
    names: dict[str, object] = {"__name__": "net", "__file__": "net.py"}
    exec(compile(source, "net.py", "exec"), names)
    assert (names["TARGETS"], names["COLUMNS"]) == (signature.targets, signature.columns)
    assert "CLASSES" not in source and "returns targets,\n(n, 2)" in source
    onnx = pytest.importorskip("onnx")
    model = onnx.load_model_from_string(to_onnx(dense, torch.zeros(1, 1, 4), signature, ()))
    assert [value.name for value in model.graph.output] == ["targets"]
    facts = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    assert facts["targets"] == list(signature.targets) and "classes" not in facts


def test_nothing_is_shared_with_the_model() -> None:
    model = mlp("grid")
    before = copy.deepcopy(model.state_dict())
    with torch.no_grad():
        for parameter in to_dense(model).parameters():
            parameter.zero_()
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())


def test_what_has_no_plain_form_is_refused() -> None:
    model = cnn("rot90")
    assert isinstance(model, EquivariantCNN)
    model.backbone.append(nn.Dropout())
    with pytest.raises(ModelError, match="Dropout has no plain form"):
        to_dense(model)
    with pytest.raises(ModelError, match="Sigmoid has no form in ONNX"):
        to_onnx(nn.Sequential(nn.Sigmoid()), torch.zeros(1, 2), MEANING, ())


def test_without_onnx(monkeypatch: pytest.MonkeyPatch) -> None:
    dense = to_dense(mlp("grid"))
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SettingsError, match=r"\[export\]"):
        to_onnx(dense, torch.zeros(1, 2, 8, 8), MEANING, ())


ELSEWHERE = """
import sys

class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "autoequivariant":
            raise ImportError(name)

sys.meta_path.insert(0, Blocked())
import numpy as np
import torch
from net import CLASSES, load

x = torch.from_numpy(np.load("x.npy"))
with torch.no_grad():
    np.save("y.npy", load()(x).numpy())
print(ascii(CLASSES))
"""


@torch.no_grad()
def test_the_source_needs_nothing_of_ours(tmp_path: Path) -> None:
    model = cnn("rot90,hflip", "residual")
    dense = to_dense(model)
    source = source_of(dense, "net", "uint8", MEANING, 'It is """invariant\\".')
    assert "autoequivariant" not in source
    (tmp_path / "net.py").write_text(source)
    (tmp_path / "net.safetensors").write_bytes(weights_of(dense))
    x = samples_of(model, 3, torch.uint8)
    np.save(tmp_path / "x.npy", x.numpy())
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], cwd=tmp_path, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() == ascii(CLASSES)
    y = torch.from_numpy(np.load(tmp_path / "y.npy"))
    assert Yardstick(model(x)).deviation(y, model(x)) < 1e-5
