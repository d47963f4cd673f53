"""Regression: losses, scores, recorded evaluations, and complete searches."""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import r2_score

from autoequivariant.evidence.intervals import mean_interval, wilson_interval
from autoequivariant.groups.custom.definition import candidate_of
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.families.model_files import load_model, read_description
from autoequivariant.training.tasks import TASKS, Classification, Regression


def test_a_score_is_r_squared() -> None:
    rng = np.random.default_rng(0)
    y = rng.normal(size=(50, 3)) * [1, 10, 0.1]
    outputs = y + rng.normal(size=y.shape) * [0.3, 1, 0.2]
    score = Regression().scorer(torch.from_numpy(y))
    both = torch.from_numpy(np.stack([outputs, y]))
    found = score(both, torch.from_numpy(y))
    assert found.shape == (2, 50)
    assert float(found[0].mean()) == pytest.approx(r2_score(y, outputs))
    assert torch.all(found[1] == 1)


def test_the_loss_of_classes_is_the_clipped_log_loss() -> None:
    rng = np.random.default_rng(0)
    outputs = torch.from_numpy(rng.normal(scale=3, size=(2, 50, 4)))
    y = torch.from_numpy(rng.integers(0, 4, 50))
    found = Classification().sample_losses(outputs, y)
    assert (found.shape, found.dtype) == ((2, 50), torch.float16)
    for child, losses in zip(outputs.softmax(2).numpy(), found.numpy(), strict=True):
        chosen = child[np.arange(50), y.numpy()]
        assert np.allclose(losses, -np.log(np.maximum(chosen, 1 / 40)), atol=2e-3)
        assert losses.max() <= np.log(40) + 2e-3
        assert (chosen < 1 / 40).any()  # so that the clip matters
    assert Regression().sample_losses(outputs, outputs[0]) is None


def test_constant_targets_have_a_score() -> None:
    y = torch.ones(4, 1)
    assert torch.isfinite(Regression().scorer(y)(torch.zeros(1, 4, 1), y)).all()


def test_the_constant_score_is_that_of_a_dummy() -> None:
    known, test = np.array([0, 2, 2, 1]), np.array([2, 1, 2, 0, 0])
    dummy = DummyClassifier().fit(known[:, None], known)
    found = Classification().constant_score(torch.from_numpy(known), torch.from_numpy(test))
    assert found == dummy.score(test[:, None], test) == 0.4
    rng = np.random.default_rng(0)
    y, z = rng.normal(3, 2, (30, 2)), rng.normal(4, 1, (9, 2))
    mean = DummyRegressor().fit(y, y)
    r2 = Regression().constant_score(torch.from_numpy(y), torch.from_numpy(z))
    assert r2 == pytest.approx(mean.score(z, z))
    assert r2 < 0


@pytest.mark.parametrize("task", TASKS.values())
def test_a_childs_gradient_does_not_depend_on_other_children(
    task: Classification | Regression,
) -> None:
    rng = torch.Generator().manual_seed(0)
    outputs = torch.randn(3, 8, 2, generator=rng, requires_grad=True)
    is_classes = task.name == "classification"
    y = torch.arange(8) % 2 if is_classes else torch.randn(8, 2, generator=rng)
    (together,) = torch.autograd.grad(task.loss(outputs, y), outputs)
    for child in range(3):
        alone = outputs[child : child + 1].detach().requires_grad_()
        (own,) = torch.autograd.grad(task.loss(alone, y), alone)
        assert torch.allclose(together[child], own[0])


@pytest.mark.parametrize(
    "scores",
    [
        np.array([True, False, True, True, False, True, False, False, True]),
        np.array([0.5, -3.25, 1.0], np.float32),
    ],
)
def test_evaluations_round_trip(scores: np.ndarray) -> None:
    record = json.loads(json.dumps(Evaluation(scores, 5, 0.5).to_json()))
    again = Evaluation.from_json(record)
    assert np.array_equal(again.scores, scores)
    assert again.scores.dtype == scores.dtype
    assert again.score == pytest.approx(scores.mean())


def with_losses(n: int = 3) -> dict[str, Any]:
    losses = np.array([0.25, 0, 4.6], np.float16)[:n]
    return Evaluation(np.array([True, True, False]), 5, 0.5, losses=losses).to_json()


def test_losses_round_trip() -> None:
    again = Evaluation.from_json(json.loads(json.dumps(with_losses())))
    assert again.losses is not None
    assert again.losses.dtype == np.float16
    assert again.sample_losses.tolist() == np.array([0.25, 0, 4.6], np.float16).tolist()
    assert "losses" not in Evaluation(np.array([True]), 5, 0.5).to_json()


def packed(*losses: float) -> str:
    return base64.b64encode(np.array(losses, "<f2").tobytes()).decode()


@pytest.mark.parametrize(
    ("losses", "phrase"),
    [
        (packed(0.1, 0.2), "2 losses are recorded for 3 samples"),
        (packed(0.1, 0.2, -0.1), "losses are not finite numbers of 0 or more"),
        (packed(0.1, 0.2, np.inf), "losses are not finite numbers of 0 or more"),
        (packed(0.1, 0.2, np.nan), "losses are not finite numbers of 0 or more"),
        (3, "losses: expected"),
    ],
)
def test_other_losses_are_refused(losses: object, phrase: str) -> None:
    with pytest.raises(ValueError, match=phrase):
        Evaluation.from_json({**with_losses(), "losses": losses})


def test_losses_beside_scores_of_numbers_are_refused() -> None:
    record = Evaluation(np.array([0.5, 1.0, 0.2], np.float32), 5, 0.5).to_json()
    with pytest.raises(ValueError, match="scores of numbers have no losses"):
        Evaluation.from_json({**record, "losses": packed(0.1, 0.2, 0.3)})


def test_a_truncated_record_is_refused() -> None:
    record = Evaluation(np.array([0.5, 1.0], np.float32), 5, 0.5).to_json()
    with pytest.raises(ValueError, match="2 scores are recorded for 3 samples"):
        Evaluation.from_json({**record, "n": 3})


@pytest.mark.parametrize("n", [10**18, 17, 8, 0, -1, 9.5, "9", None])
def test_a_record_of_more_samples_than_it_holds_is_refused(n: object) -> None:
    record = Evaluation(np.arange(9) % 2 == 0, 5, 0.5).to_json()
    assert Evaluation.from_json({**record, "n": 9}).scores.size == 9
    with pytest.raises(ValueError, match="16 bits are recorded for|evaluation: n: expected"):
        Evaluation.from_json({**record, "n": n})


def test_intervals() -> None:
    right = np.array([True] * 90 + [False] * 10)
    assert mean_interval(right) == wilson_interval(90, 100)
    scores = np.random.default_rng(0).normal(0.8, 0.5, 400).astype(np.float32)
    low, high = mean_interval(scores)
    assert (low + high) / 2 == pytest.approx(scores.mean(), abs=1e-6)
    assert high - low == pytest.approx(2 * 1.96 * scores.std(ddof=1) / 20, rel=1e-3)
    assert mean_interval(np.array([0.5], np.float32)) == (0.5, 0.5)


@pytest.mark.slow
def test_a_mirror_negates_a_target(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.random((500, 4, 4)).astype(np.float32)
    lean = (x * np.linspace(-1, 1, 4)).sum((1, 2))
    bright = x.sum((1, 2))
    np.savez(tmp_path / "lean.npz", x_train=x, y_train=np.stack([lean, bright], 1))
    odd = {"name": "odd", "like": "hflip", "outputs": {"negate": "target_0"}}
    even = {"name": "even", "like": "hflip"}
    settings = SearchSettings(
        str(tmp_path / "lean.npz"),
        symmetries=tuple(map(candidate_of, [odd, even])),
        channels=16,
        epochs=40,
        sampler="exhaustive",
    )
    outcome = search(settings, tmp_path / "run")
    results = outcome.results
    assert (results.task, results.metric) == ("regression", "R²")
    assert results.best.symmetries == ("odd",)
    assert results.best.test_score > 0.9
    low, high = results.best.test_interval
    assert low < results.best.test_score < high
    assert results.best.equivariance_error.float32 < 1e-5
    model = load_model(tmp_path / "run")
    test = make_experiment(settings).data.test
    predicted = model(torch.from_numpy(test.x)).detach().numpy()
    assert r2_score(test.y, predicted) == pytest.approx(results.best.test_score, abs=1e-4)
    mirrored = model(torch.from_numpy(test.x[..., ::-1].copy())).detach().numpy()
    assert np.allclose(mirrored, predicted * [-1, 1], atol=1e-4)
    description = read_description(tmp_path / "run")
    assert (description.targets, description.classes) == (("target_0", "target_1"), ())


def test_group_cnns_do_regression(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.random((120, 1, 16, 16)).astype(np.float32)
    np.savez(tmp_path / "bright.npz", x_train=x, y_train=100 + 7 * x.sum((1, 2, 3)) ** 0.5)
    options: dict[str, Any] = {"network": "cnn", "augmentations": (), "epochs": 2, "budget": 1}
    settings = SearchSettings(
        str(tmp_path / "bright.npz"), symmetries=(candidate_of("hflip"),), **options
    )
    outcome = search(settings, tmp_path / "run")
    test = make_experiment(settings).data.test
    model = load_model(tmp_path / "run")
    with torch.no_grad():
        predicted = model(torch.from_numpy(test.x)).numpy()
    expected = outcome.results.best.test_score
    assert r2_score(test.y, predicted) == pytest.approx(expected, abs=1e-3)
    assert predicted.mean() > 90  # in the scale of the target, not around 0
