"""Scores of networks: the same whatever they are trained with, however little memory there is."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from autoequivariant.data import Split
from autoequivariant.groups import Grid, Lattice, Network, layer_actions, parse_symmetries
from autoequivariant.nn import Architecture, bytes_per_child
from autoequivariant.search import evaluate
from autoequivariant.search.evaluate import Evaluation, Evaluator, Normalisation, children_at_once
from autoequivariant.search.train import Training

CPU = torch.device("cpu")


def nothing() -> None:
    pass


def architecture() -> Architecture:
    grids = (Grid(4, 4), Grid(4, 4))
    actions = layer_actions(parse_symmetries("hflip,rot90,translate_x:2"), Grid(8, 8), grids)
    return Architecture(actions, 1, (4, 4), 10, "invariant")


def splits() -> tuple[Split, Split]:
    bunch = load_digits()
    x = bunch.images[:, None].astype(np.float32)
    return Split(x[:300], bunch.target[:300]), Split(x[300:500], bunch.target[300:500])


def evaluator(memory_limit: int | None = None, seed: int = 0) -> Evaluator:
    return Evaluator(architecture(), *splits(), Training(2), seed, CPU, memory_limit)


def networks() -> list[Network]:
    return list(Lattice(architecture().actions).networks().networks)


def evaluated(given: Evaluator, some: list[Network], replicate: int = 0) -> list[Evaluation]:
    return [one for part in given.evaluate(some, replicate, nothing) for one in part]


def rows(evaluations: list[Evaluation]) -> np.ndarray:
    return np.array([one.correct for one in evaluations])


def test_results_do_not_depend_on_the_memory_limit_the_company_or_the_cores(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    some = networks()
    wanted = evaluated(evaluator(), some)
    assert len(wanted) == len(some) > 5
    assert [one.weights for one in wanted] == [
        architecture().count_weights(network.generators) for network in some
    ]
    others = {
        "little memory": evaluated(evaluator(1), some),
        "two at once": evaluated(evaluator(2 * bytes_per_child(architecture(), 64)), some),
        "backwards": evaluated(evaluator(), some[::-1])[::-1],
    }
    with monkeypatch.context() as patch:
        patch.setattr(torch, "get_num_threads", lambda: 3)
        others["three cores"] = evaluated(evaluator(), some)
    for found in others.values():
        assert (rows(found) == rows(wanted)).mean() > 0.998  # float noise may turn a near tie
    assert (rows(evaluated(evaluator(seed=1), some)) == rows(wanted)).mean() < 0.98
    assert (rows(evaluated(evaluator(), some, 1)) == rows(wanted)).mean() < 0.98


def test_parts_come_as_they_are_ready() -> None:
    some, two = networks()[:5], evaluator(2 * bytes_per_child(architecture(), 64))
    assert two.at_once == 2
    assert [len(part) for part in two.evaluate(some, 0, nothing)] == [2, 2, 1]
    assert list(two.evaluate([], 0, nothing)) == []


def test_on_step_is_called_once_a_step_of_each_part_and_stops_it() -> None:
    given, some = evaluator(), networks()
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 1

    list(given.evaluate(some, 0, count))
    assert steps == given.steps == 2 * 5

    def stop() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(given.evaluate(some, 0, stop))


def test_fit_gives_the_networks_that_evaluate_scored() -> None:
    given, some = evaluator(), networks()[:3]
    model = given.fit(some, 0, nothing)
    assert (given.score(model) == rows(evaluated(given, some))).mean() > 0.998


def test_the_number_at_once_grows_with_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    made = architecture()
    one = bytes_per_child(made, 64)
    counts = [children_at_once(made, 64, CPU, limit) for limit in (0, 1, one, 3 * one, 10 * one)]
    assert counts == [1, 1, 1, 3, 10]
    assert children_at_once(made, 64, CPU, 10**15) <= evaluate.MOST_TOGETHER
    cuda = torch.device("cuda")  # is only a name here
    assert children_at_once(made, 64, cuda, 10**15) == evaluate.MOST_TOGETHER
    assert children_at_once(made, 64, cuda, 3 * one) == 3


def test_an_evaluation_comes_back_from_json() -> None:
    for n in (1, 7, 8, 9, 200):
        one = Evaluation(np.arange(n) % 3 == 0, 17, 0.5)
        again = Evaluation.from_json(one.to_json())
        assert np.array_equal(again.correct, one.correct)
        assert (again.weights, again.seconds, again.accuracy) == (17, 0.5, one.accuracy)


def test_normalisation() -> None:
    fit, _ = splits()
    found = Normalisation.of(fit.x, keep_zero=False)
    x, y = found.apply(fit, CPU)
    assert (x.shape, x.dtype) == ((300, 64), torch.float32)
    assert float(x.mean()) == pytest.approx(0, abs=1e-5)
    assert float(x.std()) == pytest.approx(1, abs=1e-3)
    assert torch.equal(y, torch.from_numpy(fit.y))
    kept = Normalisation.of(fit.x, keep_zero=True)
    assert kept.mean == (0.0,)
    assert float(kept.apply(fit, CPU)[0].square().mean()) == pytest.approx(1, abs=1e-5)
    flat = Split(np.full((5, 2, 4), 3.0, np.float32), np.zeros(5, np.int64))  # nothing varies
    assert float(Normalisation.of(flat.x, False).apply(flat, CPU)[0].abs().max()) == 0
