"""Exported modules compute the same without this package, or are not written."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from autoequivariant.errors import ModelError, SettingsError
from autoequivariant.nn.symmetrize import export
from autoequivariant.nn.symmetrize.symmetrized import Symmetrized
from autoequivariant.nn.symmetrize.wrap import METHODS, symmetrize

from .cases import CASES, Case

onnxruntime = pytest.importorskip("onnxruntime", reason="not here: onnxruntime")
pytest.importorskip("onnxscript", reason="not here: onnxscript")
pytestmark = pytest.mark.slow

NAMES = ("classes exchanged", "denoising", "strands", "targets negated")
RECORDS = [{"swap": f"{2 * k} <-> {2 * k + 2}, {2 * k + 1} <-> {2 * k + 3}"} for k in range(8)]


def made(case: Case, method: str, x: Tensor) -> Symmetrized:
    members = 5000 if method == "sample" else None
    return symmetrize(
        case.module(),
        case.symmetries,
        method,
        outputs_per=case.outputs_per,
        samples=x,
        members=members,
        **case.arguments,
    )


def run(path: Path, x: Tensor) -> Tensor:
    if path.suffix == ".pt2":
        return torch.export.load(path).module()(x)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    (found,) = session.run(["outputs"], {"samples": x.numpy()})
    return torch.from_numpy(found)


@pytest.mark.parametrize("ending", ["pt2", "onnx"])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("name", NAMES)
def test_an_export_computes_the_same(name: str, method: str, ending: str, tmp_path: Path) -> None:
    case = CASES[name]
    x = case.samples()
    module = made(case, method, x)
    found = module.export(tmp_path / f"new/model.{ending}", x)
    assert found.path == tmp_path / f"new/model.{ending}"
    assert found.samples == len(x)
    assert found.difference < 1e-10
    assert set(found.errors) == set(module.group(x).names)
    assert max(found.errors.values()) < 1e-10
    for n in (1, 9):  # any number of samples
        more = case.samples(9)[-n:]
        assert torch.allclose(run(found.path, more), module(more), atol=1e-12)


@pytest.mark.parametrize("ending", ["pt2", "onnx"])
def test_large_groups_are_exported(ending: str, tmp_path: Path) -> None:
    net = nn.Sequential(nn.Linear(18, 8), nn.Tanh(), nn.Linear(8, 2))
    x = torch.randint(-2, 3, (40, 18)).float()
    module = symmetrize(net, [*RECORDS, {"negate": "0"}], "canonical", samples=x)
    found = module.export(tmp_path / f"model.{ending}", x)
    assert torch.allclose(run(found.path, x), module(x), atol=1e-5)


@pytest.mark.parametrize("ending", ["pt2", "onnx"])
def test_bytes_and_batch_normalisation(ending: str, tmp_path: Path) -> None:
    class Scaled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.float() / 255

    net = nn.Sequential(
        Scaled(),
        nn.Conv2d(3, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(),
        nn.Linear(64, 2),
    )
    x = torch.randint(0, 256, (7, 3, 6, 6), dtype=torch.uint8)
    module = symmetrize(net, "rot90")
    module(x)  # in training
    found = module.export(tmp_path / f"model.{ending}", x)
    assert module.training
    assert torch.allclose(run(found.path, x), module.eval()(x), atol=1e-5)


def test_what_is_not_exact_keeps_its_error(tmp_path: Path) -> None:
    net, x = nn.Linear(12, 2), torch.randn(9, 12)
    swaps = [f"swap:{k}-{k + 1}" for k in range(11)]
    with pytest.warns(UserWarning, match="is not exact"):
        module = symmetrize(net, swaps, "sample", members=5, samples=x)
    found = module.export(tmp_path / "model.pt2", x)
    assert module.error is not None
    assert max(found.errors.values()) == pytest.approx(module.error.error, rel=1e-3)


ALONE = """
import sys
sys.modules["autoequivariant"] = None
import torch
x = torch.load(sys.argv[2])
print(torch.export.load(sys.argv[1]).module()(x).sum().item())
"""


def test_a_program_runs_without_this_package(tmp_path: Path) -> None:
    case = CASES["classes exchanged"]
    x = case.samples()
    module = made(case, "canonical", x)
    path = module.export(tmp_path / "model.pt2", x).path
    torch.save(x, tmp_path / "x.pt")
    command = [sys.executable, "-c", ALONE, str(path), str(tmp_path / "x.pt")]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert abs(float(done.stdout) - module(x).sum().item()) < 1e-9


def test_an_onnx_file_names_the_symmetries(tmp_path: Path) -> None:
    case = CASES["classes exchanged"]
    path = made(case, "average", case.samples()).export(tmp_path / "m.onnx", case.samples()).path
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    facts = session.get_modelmeta().custom_metadata_map
    assert json.loads(facts["symmetries"]) == ["vflip", "mirror"]
    assert session.get_inputs()[0].shape == ["n", 1, 4, 5]


class Branching(nn.Linear):
    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * (2.0 if x.sum().item() > 0 else 1.0)


@pytest.mark.parametrize(
    ("net", "name", "error", "reason"),
    [
        (nn.Linear(3, 2), "model.pth", SettingsError, "exported as .pt2 or .onnx; got 'model.pth'"),
        (Branching(3, 2), "model.pt2", ModelError, "cannot be exported as .pt2"),
        (Branching(3, 2), "model.onnx", ModelError, "cannot be exported as .onnx"),
    ],
)
def test_what_cannot_be_exported(
    net: nn.Module, name: str, error: Any, reason: str, tmp_path: Path
) -> None:
    module = symmetrize(net, "swap:0-1")
    with pytest.raises(error, match=reason):
        module.export(tmp_path / name, torch.randn(4, 3))
    assert not list(tmp_path.iterdir())


def test_nothing_is_written_if_the_export_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = torch.randn(4, 3)
    module = symmetrize(nn.Linear(3, 2), "swap:0-1")
    good = export._as_torch

    def off(*words: Any) -> Any:
        content, run = good(*words)
        return content, lambda x: run(x) + 0.1 * x[:, :1]

    monkeypatch.setattr(export, "_WRITERS", {".pt2": off})
    with pytest.raises(ModelError, match="differs from the module"):
        module.export(tmp_path / "model.pt2", x)
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    module.export(tmp_path / "model.pt2", x)
    assert [path.name for path in tmp_path.iterdir()] == ["model.pt2"]
