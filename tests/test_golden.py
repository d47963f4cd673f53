"""Runs give the answers that were recorded before the code was last reorganised, to the bit.

`tests/golden/*.json` hold the answers and a digest of the recording machine's arithmetic. Where
that differs, another processor rounds otherwise: then scores are compared within a tolerance.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file
from sklearn.datasets import load_digits

from autoequivariant import AutoEquivariantClassifier, SearchSettings, search
from autoequivariant.candidates.symmetry_file import read_candidates
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.storage.study import SearchStudy

from .golden.arithmetic import arithmetic

FOLDER = Path(__file__).parent / "golden"
TOLERANCE = 0.03
YAML = """\
- swap: left_knee <-> right_knee
- ring: s1 s2 s3
- negate: vx
- name: mirror
  swap: left_knee <-> right_knee, s1 <-> s3
  negate: vx
"""


def write_table(folder: Path) -> None:
    rng = np.random.default_rng(0)
    a = rng.normal(size=(400, 6))
    y = a[:, 0] + a[:, 1] + np.abs(a[:, 5]) + 0.5 * (a[:, 2] * a[:, 3] * a[:, 4])
    rows = np.column_stack([a, y + 0.05 * rng.normal(size=400)])
    lines = [",".join(f"{value:.5f}" for value in row) for row in rows]
    header = "left_knee,right_knee,s1,s2,s3,vx,y"
    (folder / "mine.csv").write_text("\n".join([header, *lines]) + "\n")
    (folder / "mine.yaml").write_text(YAML)


CLASSIC: dict[str, Any] = {"tests": False, "smallest": True, "fit": "none"}
"""As all searches were when the answers were recorded."""


def table(folder: Path) -> dict[str, Any]:
    write_table(folder)
    symmetries = read_candidates(str(folder / "mine.yaml"))
    data = str(folder / "mine.csv")
    settings = SearchSettings(data, target=("y",), symmetries=symmetries, **CLASSIC)
    return answer(search(settings, folder / "run"))


def tic_tac_toe(folder: Path) -> dict[str, Any]:
    return answer(search(SearchSettings("tic_tac_toe", **CLASSIC), folder / "run"))


def answer(outcome: Outcome) -> dict[str, Any]:
    """What a run found, without times and versions."""
    problem, results = outcome.problem, outcome.results.to_json()
    study = SearchStudy(
        outcome.folder / "study.db", problem.space.distributions, problem.directions
    )
    evaluations = study.trained()
    study.close()
    tensors = load_file(outcome.folder / "model.safetensors")
    scores = b"".join(evaluations[key].scores.tobytes() for key in sorted(evaluations))
    weights = b"".join(tensors[name].tobytes() for name in sorted(tensors))
    names = ("states", "distinct_networks", "networks_trained", "best", "baseline", "finalists")
    return {name: results[name] for name in names} | {
        "scores digest": hashlib.sha256(scores).hexdigest(),
        "weights digest": hashlib.sha256(weights).hexdigest(),
    }


def estimator(_: Path) -> dict[str, Any]:
    digits = load_digits()
    model = AutoEquivariantClassifier(
        "hflip,vflip", epochs=5, tests=False, smallest=True, fit_time=None
    )
    model.fit(digits.images[:500], digits.target[:500])
    weights = b"".join(v.numpy().tobytes() for _, v in sorted(model.module_.state_dict().items()))
    return {
        "best": {"symmetries": model.symmetries_, "test_score": model.test_score_},
        "baseline": {"test_score": model.baseline_score_},
        "predictions": model.predict(digits.images[:50]).tolist(),
        "weights digest": hashlib.sha256(weights).hexdigest(),
    }


RUNS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "table": table,
    "tic_tac_toe": tic_tac_toe,
    "estimator": estimator,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_the_answer_is_the_recorded_one(name: str, tmp_path: Path) -> None:
    recorded = json.loads((FOLDER / f"{name}.json").read_text())
    found = json.loads(json.dumps(RUNS[name](tmp_path)))
    if arithmetic() == recorded.pop("arithmetic"):
        assert found == recorded
        return
    assert found["best"]["symmetries"] == recorded["best"]["symmetries"]
    for network in ("best", "baseline"):
        known = recorded[network]["test_score"]
        assert found[network]["test_score"] == pytest.approx(known, abs=TOLERANCE)
