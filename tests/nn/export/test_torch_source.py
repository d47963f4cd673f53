"""The source of an exported network runs without this package."""

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from autoequivariant.nn.equivariance import Yardstick
from autoequivariant.nn.export.dense import to_dense
from autoequivariant.nn.export.signature import Signature
from autoequivariant.nn.export.torch_source import network_from, source_of, weights_of

from .networks import CLASSES, MEANING, cnn, samples_of

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


@pytest.mark.slow
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


HOSTILE = ('"""', "'''", "\\", '\\"""', "a\nimport os", "{count}", "\u2028", "\ud800", "')]", "")


@pytest.mark.parametrize("name", HOSTILE)
def test_names_cannot_become_code(name: str) -> None:
    names = (name, f"{name} again", "plain")
    dense = to_dense(cnn("rot90", "paper"))
    said = f'It is invariant to {name}; and to "{name}\\'
    source = source_of(dense, "net", "uint8", Signature(names, (), names), said)
    tree = ast.parse(source)
    assigned = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    assert assigned == {"CLASSES": names, "COLUMNS": names}
    imported = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert len(imported) == 4  # pathlib, torch, safetensors and torch's modules
    assert isinstance(network_from(source, weights_of(dense)), torch.nn.Sequential)
