"""Scores of networks: the same whatever they are trained with, however little memory there is."""

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from autoequivariant.data.split import Split
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.scale_classes import ScaleClasses
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.batched import bytes_per_child
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.executors.streams import StreamsExecutor
from autoequivariant.training.families.cnn.family import CNNFamily
from autoequivariant.training.families.mlp.family import MOST_TOGETHER, MLPFamily
from autoequivariant.training.families.normalisation import Moments
from autoequivariant.training.loop import Training

CPU = torch.device("cpu")


def nothing(count: int) -> None:
    pass


def architecture() -> MLPArchitecture:
    grids = (Grid(4, 4), Grid(4, 4))
    actions = layer_actions(parse_symmetries("hflip,rot90,translate_x:2"), Grid(8, 8), grids)
    return MLPArchitecture(actions, 1, (4, 4), 10, "invariant")


def family() -> MLPFamily:
    return MLPFamily(architecture())


def splits() -> tuple[Split, Split]:
    bunch = load_digits()
    x = bunch.images[:, None].astype(np.float32)
    return Split(x[:300], bunch.target[:300]), Split(x[300:500], bunch.target[300:500])


def evaluator(
    memory_limit: int | None = None, seed: int = 0, executor: Executor | None = None
) -> Evaluator:
    return Evaluator(family(), *splits(), Training(2), seed, CPU, memory_limit, executor)


def children(*widths: int) -> list[Child]:
    return list(Space(family(), 100, widths).children)


def evaluated(given: Evaluator, some: list[Child], replicate: int = 0) -> list[Evaluation]:
    found: dict[Child, Evaluation] = {}
    for part, evaluations in given.evaluate(some, replicate, nothing):
        found |= dict(zip(part, evaluations, strict=True))
    return [found[child] for child in some]


def rows(evaluations: list[Evaluation]) -> np.ndarray:
    return np.array([one.scores for one in evaluations])


def test_results_do_not_depend_on_the_memory_limit_the_company_or_the_cores() -> None:
    some = children()
    wanted = evaluated(evaluator(), some)
    assert len(wanted) == len(some) > 5
    assert [one.n_parameters for one in wanted] == [
        architecture().count_parameters(child.generators) for child in some
    ]
    others = {
        "little memory": evaluated(evaluator(1), some),
        "two at once": evaluated(evaluator(2 * bytes_per_child(architecture(), 64)), some),
        "backwards": evaluated(evaluator(), some[::-1])[::-1],
    }
    with LocalExecutor(3, seconds_alone=0) as workers:
        others["three cores"] = evaluated(evaluator(executor=workers), some)
    for found in others.values():
        assert np.array_equal(rows(found), rows(wanted))
    assert (rows(evaluated(evaluator(seed=1), some)) == rows(wanted)).mean() < 0.98
    assert (rows(evaluated(evaluator(), some, 1)) == rows(wanted)).mean() < 0.98


def test_parts_come_as_they_are_ready() -> None:
    some, two = children()[:5], evaluator(2 * bytes_per_child(architecture(), 64))
    assert sorted(len(part) for part, _ in two.evaluate(some, 0, nothing)) == [1, 2, 2]
    assert list(two.evaluate([], 0, nothing)) == []
    shared = evaluator(executor=LocalExecutor(2))
    assert [len(part) for part in shared._parts(some)] == [2, 3]  # one for each process
    assert [len(part) for part in shared._parts(some[:1])] == [1]


def test_children_of_one_width_are_trained_together() -> None:
    some = children(2, 8)
    assert {child.width for child in some} == {2, 4, 8}
    for part, evaluations in evaluator().evaluate(some, 0, nothing):
        (width,) = {child.width for child in part}
        wide = architecture().with_channels(width)
        wanted = [wide.count_parameters(child.generators) for child in part]
        assert [one.n_parameters for one in evaluations] == wanted


def test_on_step_counts_the_steps_of_children_and_stops_them() -> None:
    given, some = evaluator(), children()
    counts: list[int] = []
    list(given.evaluate(some, 0, counts.append))
    assert given.steps == 2 * 5
    assert sum(counts) == given.steps * len(some)

    def stop(count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(given.evaluate(some, 0, stop))


def test_finished_networks_are_those_that_evaluate_scored() -> None:
    given, some = evaluator(), children()[:3]
    for child, evaluation in zip(some, evaluated(given, some), strict=True):
        (finished,) = given.trainer.train(0, [child], nothing)
        assert np.array_equal(finished.scores, evaluation.scores)
        assert finished.n_parameters == evaluation.n_parameters
        _, score = splits()
        answers = finished.model(torch.from_numpy(score.x)).argmax(1).numpy()
        assert ((answers == score.y) == finished.scores).mean() > 0.99  # of samples as they are


def test_the_number_at_once_grows_with_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    made = family()
    one = made.bytes_per_child(4, 64)
    assert one == bytes_per_child(architecture(), 64)
    counts = [made.max_together(4, 64, CPU, limit) for limit in (0, 1, one, 3 * one, 10 * one)]
    assert counts == [1, 1, 1, 3, 10]
    assert made.max_together(4, 64, CPU, 10**15) <= MOST_TOGETHER
    cuda = torch.device("cuda")  # is only a name here
    assert made.max_together(4, 64, cuda, 10**15) == MOST_TOGETHER
    assert 1 <= made.max_together(4, 64, cuda, 3 * one) < 3  # it has tables, too


def test_an_evaluation_comes_back_from_json() -> None:
    for n in (1, 7, 8, 9, 200):
        one = Evaluation(np.arange(n) % 3 == 0, 17, 0.5)
        again = Evaluation.from_json(one.to_json())
        assert np.array_equal(again.scores, one.scores)
        assert (again.n_parameters, again.seconds, again.score) == (17, 0.5, one.score)


def test_a_curve_comes_back_from_json() -> None:
    one = Evaluation(np.arange(9) % 3 == 0, 17, 0.5, (0.25, 0.5), pruned=True)
    again = Evaluation.from_json(one.to_json())
    assert (again.curve, again.pruned) == ((0.25, 0.5), True)


def test_normalisation() -> None:
    x = torch.from_numpy(splits()[0].x)

    def scaled(values: torch.Tensor, centred: bool) -> torch.Tensor:
        alike = ScaleClasses(np.zeros(1, np.int32), np.array([centred]))
        return Moments.measure(values.numpy(), 1).normalisation(alike).apply(values)

    found = scaled(x, False)
    assert (found.shape, found.dtype) == ((300, 64), torch.float32)
    assert float(found.mean()) == pytest.approx(0, abs=1e-5)
    assert float(found.std()) == pytest.approx(1, abs=1e-3)
    kept = scaled(x, True)
    assert float(kept.min()) == 0  # nothing was subtracted
    assert float(kept.square().mean()) == pytest.approx(1, abs=1e-5)
    assert float(scaled(torch.full((5, 1, 4), 3.0), False).abs().max()) == 0  # nothing varies


@pytest.mark.parametrize(("workers", "rounds"), [(1, 6), (2, 3), (4, 2), (6, 1)])
def test_trainings_that_follow_each_other(workers: int, rounds: int) -> None:
    with LocalExecutor(workers) as executor:
        assert evaluator(executor=executor).rounds(children()[:6]) == rounds


def cnns() -> CNNFamily:
    symmetries = parse_symmetries("hflip,rot90")
    return CNNFamily(CNNArchitecture(1, Grid(8, 8), 10), symmetries, ("rotation",))


def test_networks_in_threads_are_those_of_one_thread() -> None:
    made = cnns()
    some = list(Space(made, 100, (16,)).children)
    found = []
    for executor in (LocalExecutor(1), StreamsExecutor(3, CPU)):
        with executor:
            given = Evaluator(made, *splits(), Training(2), 0, CPU, None, executor)
            found.append(rows(evaluated(given, some)))
    assert np.array_equal(*found)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="not here: no CUDA device")
@pytest.mark.parametrize("kind", ["mlp", "cnn"])
def test_on_cuda_scores_are_the_same_in_each_run_and_near_those_of_a_cpu(kind: str) -> None:
    made = cnns() if kind == "cnn" else family()
    some = list(Space(made, 100, (made.default_width,)).children)
    devices = [torch.device(name) for name in ("cuda", "cuda", "cpu")]
    evaluators = [Evaluator(made, *splits(), Training(4), 0, device) for device in devices]
    first, second, on_cpu = (rows(evaluated(one, some)) for one in evaluators)
    assert np.array_equal(first, second)
    assert abs(first.mean() - on_cpu.mean()) < 0.03
    alone = rows(evaluated(evaluators[0], some[:1]))
    assert kind == "mlp" or np.array_equal(alone[0], first[0])
