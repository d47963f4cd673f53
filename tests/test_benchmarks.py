"""The table of all networks can be made again: its script goes with the package."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from autoequivariant.data.formats.idx import idx_bytes

FOLDER = Path(__file__).resolve().parents[1] / "benchmarks" / "aen_table"


@pytest.fixture
def make(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`make.py`, for few images."""
    spec = importlib.util.spec_from_file_location("aen_table_make", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "aen_table_make", module)
    spec.loader.exec_module(module)
    for name, value in (("EPOCHS", 1), ("TRAIN", 60), ("VALIDATION", 40)):
        monkeypatch.setattr(module, name, value)
    return module


@pytest.mark.parametrize("shapes", ["ours", "paper"])
def test_rows_of_the_table(make: ModuleType, tmp_path: Path, shapes: str) -> None:
    part = make.Part("mnist", "none", shapes, 0)
    folder = part.folder(tmp_path)
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name, count in (("train", 120), ("t10k", 30)):
        images = rng.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = np.arange(count, dtype=np.uint8) % 10
        (folder / f"{name}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (folder / f"{name}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    trainer = make.Trainer(part, tmp_path)
    assert len(trainer.problem.space.children) == {"ours": 215, "paper": 216}[shapes]
    rows = trainer.rows(list(trainer.problem.space.children[:2]))
    known = {tuple(row[:6]) for row in make.read_rows(make.TABLE)}
    for row in rows:
        assert tuple(row[:6]) in known  # the same network, with as many weights
        assert 0 <= int(row[6]) <= 40
        assert 0 <= int(row[7]) <= 30
