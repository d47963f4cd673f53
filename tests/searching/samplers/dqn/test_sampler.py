"""Deep Q-learning as a sampler of Optuna: plants, seeds, restarts, and Optuna's own suite."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
import torch
from optuna.distributions import FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import TrialState

from autoequivariant.searching.samplers.dqn.learner import Learning
from autoequivariant.searching.samplers.dqn.sampler import DQNSampler

from .studies import (
    SMALL,
    Objective,
    Point,
    bits,
    count_on,
    distinct,
    go_on,
    make_study,
    one_good,
    points,
    some_score,
)


@pytest.mark.slow
def test_rewards_are_chosen_by_name() -> None:
    def proposed(**reward: str) -> list[Point]:
        learning = replace(SMALL, learning_rate=1e-2)  # enough to come near to large rewards
        sampler = DQNSampler(bits(6), learning=learning, seed=0, **reward)
        return go_on(make_study(sampler), one_good, 40, bits(6))

    assert proposed(reward="stable") == proposed() != proposed(reward="paper")
    with pytest.raises(ValueError, match="reward must be one of stable, paper; got 'papr'"):
        DQNSampler(reward="papr")


def planted(plant: set[str]) -> Objective:
    """Each parameter of the plant gives 3 points, each other costs 4; two of it together 5 more."""

    def score(point: Point) -> float:
        on = {name for name, value in point.items() if value}
        pair = 0.05 if sorted(plant)[0] in on and sorted(plant)[1] in on else 0.0
        return 0.5 + 0.03 * len(on & plant) - 0.04 * len(on - plant) + pair

    return score


def found_at(sampler: BaseSampler, objective: Objective, plant: set[str], most: int) -> int:
    """After how many different states the plant is found."""
    space = bits(10)
    study = make_study(sampler)
    seen: list[Point] = []
    while len(seen) < most:
        (point,) = go_on(study, objective, 1, space)
        if point not in seen:
            seen.append(point)
        if {name for name, value in point.items() if value} == plant:
            break
    return len(seen)


@pytest.mark.slow
@pytest.mark.parametrize("plant", [{"b1", "b4", "b8"}, {"b0", "b2", "b5", "b6", "b9"}])
def test_it_finds_a_plant_among_1024_sooner_than_random(plant: set[str]) -> None:
    """Random proposals, none of them twice, need 512 on the average."""
    objective = planted(plant)
    ours = [found_at(DQNSampler(bits(10), seed=s), objective, plant, 100) for s in range(3)]
    random = [found_at(RandomSampler(seed=s), objective, plant, 100) for s in range(3)]
    assert np.median(ours) <= 60
    assert np.median(random) == 100


@pytest.mark.slow
def test_minimising_proposes_what_maximising_the_negative_does() -> None:
    def proposed(direction: str, objective: Objective) -> list[Point]:
        sampler = DQNSampler(bits(5), learning=SMALL, seed=0)
        return go_on(make_study(sampler, direction), objective, 25, bits(5))

    down = proposed("minimize", lambda p: -one_good(p))
    assert down == proposed("maximize", one_good)
    assert down != proposed("maximize", lambda p: -one_good(p))


def test_threads_are_given_different_states() -> None:
    space = bits(5)

    def objective(trial: optuna.Trial) -> float:
        return count_on({name: trial.suggest_categorical(name, (False, True)) for name in space})

    study = make_study(DQNSampler(space, learning=SMALL, seed=0))
    study.optimize(objective, n_trials=32, n_jobs=4)
    assert distinct(points(study)) == 32


def test_parameters_that_are_made_up_on_the_way() -> None:
    """Those that all trials have are searched, the others are random."""

    def objective(trial: optuna.Trial) -> float:
        kind = trial.suggest_categorical("kind", ("a", "b", "c"))
        flag = trial.suggest_categorical("flag", (False, True))
        if kind == "a":
            return float(trial.suggest_categorical("only a", (1, 2))) + flag
        return trial.suggest_float(f"only {kind}", 0, 1) + flag

    study = make_study(DQNSampler(learning=SMALL, seed=1))
    study.optimize(objective, n_trials=10)
    assert distinct([{name: p[name] for name in ("kind", "flag")} for p in points(study)]) == 6


def test_numbers_in_the_search_space_are_random() -> None:
    space = {**bits(2), "x": FloatDistribution(0, 1), "k": IntDistribution(1, 100)}
    study = make_study(DQNSampler(space, learning=SMALL, seed=0))
    for _ in range(4):
        study.tell(study.ask(space), 0.5)
    assert distinct([{n: p[n] for n in bits(2)} for p in points(study)]) == 4
    assert len({p["x"] for p in points(study)}) == 4
    assert len({p["k"] for p in points(study)}) > 1


def test_the_seed_decides() -> None:
    def proposed(seed: int | None) -> list[Point]:
        sampler = DQNSampler(bits(6), learning=SMALL, seed=seed)
        return go_on(make_study(sampler), one_good, 12, bits(6))

    assert proposed(5) == proposed(5)
    assert proposed(2**100) == proposed(2**100)
    assert len({repr(proposed(seed)) for seed in (0, 1, 2, None, None)}) == 5


@pytest.fixture(params=["memory", "sqlite", "journal"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield optuna.storages.InMemoryStorage()
    elif request.param == "sqlite":
        found = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/study.db")
        yield found
        found.remove_session()
        found.engine.dispose()
    else:
        backend = optuna.storages.journal.JournalFileBackend(str(tmp_path / "journal"))
        yield optuna.storages.JournalStorage(backend)


@pytest.mark.slow
@pytest.mark.parametrize("given", [True, False])
def test_after_a_restart_it_proposes_what_it_would_have(storage: Any, given: bool) -> None:
    """A new sampler each time, against one that runs all along; batches told out of order."""
    space = bits(6)
    learning = Learning(hidden=(32, 32), reset_every=7)

    def make() -> DQNSampler:
        return DQNSampler(space if given else None, learning=learning, seed=9)

    def batch(study: optuna.Study) -> None:
        trials = [study.ask(dict(space)) for _ in range(5)]
        for trial in [trials[k] for k in (3, 1, 4, 0, 2)]:
            study.tell(trial, some_score(trial.params))

    whole = make_study(make())
    optuna.create_study(study_name="s", storage=storage, direction="maximize")
    for _ in range(5):
        batch(whole)
        batch(optuna.load_study(study_name="s", storage=storage, sampler=make()))
    again = optuna.load_study(study_name="s", storage=storage)
    assert points(again) == points(whole)
    assert distinct(points(whole)) >= 20  # without a search space the first five are random


def test_a_given_up_round_is_asked_for_anew() -> None:
    space = bits(5)
    sampler = DQNSampler(space, learning=SMALL, seed=0)
    study = make_study(sampler)
    go_on(study, some_score, 10, space)
    first = [study.ask(dict(space)) for _ in range(4)]
    for trial in first:
        study.tell(trial, state=TrialState.FAIL)
    again = [study.ask(dict(space)).params for _ in range(4)]
    assert again == [trial.params for trial in first]


def test_one_sampler_serves_many_studies() -> None:
    sampler = DQNSampler(bits(4), learning=SMALL, seed=0)
    one, other = make_study(sampler), make_study(sampler, "minimize")
    for _ in range(10):
        go_on(one, one_good, 1, bits(4))
        go_on(other, one_good, 1, bits(4))
    alone = make_study(DQNSampler(bits(4), learning=SMALL, seed=0), "minimize")
    assert points(other) == go_on(alone, one_good, 10, bits(4))


def test_it_can_be_pickled() -> None:
    study = make_study(DQNSampler(bits(4), learning=SMALL, seed=0))
    go_on(study, one_good, 6, bits(4))
    copy = pickle.loads(pickle.dumps(study.sampler))
    expected = study.ask(bits(4)).params
    study.tell(6, state=TrialState.FAIL)
    study.sampler = copy
    assert study.ask(bits(4)).params == expected


def test_the_global_generators_are_left_alone() -> None:
    before = torch.random.get_rng_state(), repr(np.random.get_state()), torch.get_num_threads()
    go_on(make_study(DQNSampler(bits(4), learning=SMALL, seed=0)), one_good, 20, bits(4))
    after = torch.random.get_rng_state(), repr(np.random.get_state()), torch.get_num_threads()
    assert torch.equal(before[0], after[0])
    assert before[1:] == after[1:]


def test_two_objectives_are_refused() -> None:
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=DQNSampler(bits(2)))
    with pytest.raises(ValueError, match="one objective, and this study has 2: use TPE"):
        study.ask(dict(bits(2)))


def test_bad_arguments_are_named_together() -> None:
    with pytest.raises(ValueError, match="points must .* ascending .* probabilities; episode"):
        DQNSampler(points=0, epsilon=((3, 1.0), (1, 2.0)), episode=0)
    with pytest.raises(
        ValueError, match="batch must .* steps must .* widths .* discount .* learning_rate"
    ):
        Learning(batch=0, steps=0, hidden=(3, 0), discount=1.0, learning_rate=0.0)
    assert DQNSampler(points=1, epsilon=((0, 0.5), (3, 0.0)), episode=1)
    assert Learning(batch=1, steps=1, hidden=(), discount=0.0, learning_rate=1e-9)


shipped = pytest.importorskip(
    "optuna.testing.pytest_samplers", reason="not here: Optuna's test suite for samplers"
)


class _Ours:
    @pytest.fixture
    def sampler(self) -> Callable[[], BaseSampler]:
        return lambda: DQNSampler(learning=SMALL, seed=0)


class TestBasics(_Ours, shipped.BasicSamplerTestCase):
    """With parameters of all kinds."""


class TestRelative(_Ours, shipped.RelativeSamplerTestCase):
    """With parameters that are sampled together."""


class TestOneObjective(_Ours, shipped.SingleOnlySamplerTestCase):
    """A second objective is refused."""


@pytest.mark.skip(reason="not here: a second objective, which deep Q-learning does not know")
class TestTwoObjectives(_Ours, shipped.MultiObjectiveSamplerTestCase):
    """What samplers that know several objectives are asked."""
