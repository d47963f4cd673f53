"""A fitted network is saved to two files that run no code."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.exceptions import NotFittedError

from autoequivariant.errors import RunError
from autoequivariant.estimator.estimators import AutoEquivariantClassifier, AutoEquivariantRegressor
from autoequivariant.inference.predict import ClassPredictions, predict
from autoequivariant.inference.saved_model import open_saved
from autoequivariant.training.families.model_files import load_model

QUICK: dict[str, Any] = {"symmetries": "swap:0-1", "epochs": 2, "fit_time": None}
RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(RNG.normal(size=(120, 3)), columns=["left", "right", "age"])
CLASSES = np.where(FRAME["left"] + FRAME["right"] > 0, "near", "far")
NUMBERS = FRAME[["left", "age"]].rename(columns={"left": "u", "age": "v"})


def test_classes(tmp_path: Path) -> None:
    model = AutoEquivariantClassifier(**QUICK).fit(FRAME, CLASSES)
    model.save(str(tmp_path / "not" / "there yet"))
    folder = tmp_path / "not" / "there yet"
    assert sorted(p.name for p in folder.iterdir()) == ["model.json", "model.safetensors"]
    x = torch.from_numpy(FRAME.to_numpy(np.float32))[:, None]
    assert torch.equal(load_model(folder)(x), model.module_(x))
    saved = open_saved(folder)
    assert saved.description.classes == ("far", "near")
    FRAME[["age", "right", "left"]].to_csv(tmp_path / "x.csv", index=False)
    found = predict(saved, saved.samples(str(tmp_path / "x.csv"), None, None))
    assert isinstance(found, ClassPredictions)
    assert found.predicted == list(model.predict(FRAME))


@pytest.mark.parametrize(
    ("y", "names"),
    [(NUMBERS, ("u", "v")), (NUMBERS["u"].to_numpy(), ("target",))],
    ids=["named", "an array"],
)
def test_targets(tmp_path: Path, y: Any, names: tuple[str, ...]) -> None:
    model = AutoEquivariantRegressor(**QUICK).fit(FRAME, y)
    model.save(tmp_path)
    assert open_saved(tmp_path).description.targets == names
    x = torch.from_numpy(FRAME.to_numpy(np.float32))[:, None]
    assert torch.equal(load_model(tmp_path)(x), model.module_(x))


def test_text(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    frame = FRAME.assign(
        **{name: rng.choice(["fir", "oak"], len(FRAME)) for name in ("here", "there")}
    )
    y = np.where((frame["here"] == "oak") ^ (frame["there"] == "oak"), "mixed", "alike")
    quick = QUICK | {"symmetries": [{"swap": "here <-> there"}], "epochs": 40}
    model = AutoEquivariantClassifier(**quick).fit(frame, y)
    assert (model.predict(frame) == y).mean() > 0.9
    oaks = frame.assign(here="oak", there=pd.Categorical(["oak"] * len(frame)))
    assert np.mean(model.predict(oaks) == "alike") > 0.9
    with pytest.raises(ValueError, match="'here' of the data frame holds 'elm' in row 1, which"):
        model.predict(frame.assign(here="elm"))
    model.save(tmp_path)
    frame.iloc[:, ::-1].to_csv(tmp_path / "x.csv", index=False)
    saved = open_saved(tmp_path)
    found = predict(saved, saved.samples(str(tmp_path / "x.csv")))
    assert isinstance(found, ClassPredictions)
    assert found.predicted == list(model.predict(frame))


def test_errors_of_save(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError):
        AutoEquivariantClassifier().save(tmp_path / "new")
    assert not (tmp_path / "new").exists()
    model = AutoEquivariantClassifier(**QUICK).fit(FRAME, CLASSES)
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="file cannot be created .*: choose another"):
        model.save(tmp_path / "file")
