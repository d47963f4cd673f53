"""Deep Q-learning on problems whose answer is known, and as a sampler among Optuna's."""

import math
import pickle
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
import torch
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler, RandomSampler
from optuna.trial import TrialState

from autoequivariant.searching.samplers.dqn.agent import Agent
from autoequivariant.searching.samplers.dqn.learner import Learning, ReplayMemory, Transition
from autoequivariant.searching.samplers.dqn.moves import Moves
from autoequivariant.searching.samplers.dqn.records import Score
from autoequivariant.searching.samplers.dqn.reward import (
    EPSILON,
    PAPER_EPSILON,
    epsilon_after,
    paper_reward,
    stable_reward,
)
from autoequivariant.searching.samplers.dqn.sampler import DQNSampler

Point = dict[str, Any]
Objective = Callable[[Point], float]

SMALL = Learning(hidden=(32, 32))
"""For tests that are not about what is learned."""


def bits(count: int) -> dict[str, CategoricalDistribution]:
    return {f"b{k}": CategoricalDistribution((False, True)) for k in range(count)}


def count_on(point: Point) -> float:
    return float(sum(point.values()))


def one_good(point: Point) -> float:
    return 0.5 + 0.2 * point["b2"] - 0.05 * sum(point.values())


def make_study(sampler: BaseSampler | None = None, direction: str = "maximize") -> optuna.Study:
    return optuna.create_study(sampler=sampler, direction=direction)


def go_on(
    study: optuna.Study, objective: Objective, n: int, space: dict[str, CategoricalDistribution]
) -> list[Point]:
    """Ask for and tell `n` trials, one by one; return what was proposed."""
    for _ in range(n):
        trial = study.ask(dict(space))
        study.tell(trial, objective(trial.params))
    return points(study)[-n:]


def points(study: optuna.Study) -> list[Point]:
    return [trial.params for trial in study.trials]


def distinct(found: Sequence[Point]) -> int:
    return len({tuple(sorted(point.items())) for point in found})


# --- the reward -----------------------------------------------------------------------------------

GRID = [
    *np.linspace(-120, 120, 481),
    -1e-300,
    1e-300,
    -1e9,
    1e9,
    -1e308,
    1e308,
    -math.inf,
    math.inf,
]


@pytest.mark.parametrize("reward", [paper_reward, stable_reward])
def test_a_reward_has_the_sign_of_the_difference_and_fits_float32(
    reward: Callable[[float], float],
) -> None:
    found = [reward(d) for d in GRID]
    assert [np.sign(r) for r in found] == [np.sign(d) for d in GRID]
    assert np.isfinite(np.array(found, dtype=np.float32)).all()
    assert reward(0.0) == 0
    assert [reward(-d) for d in GRID] == [-r for r in found]


def test_the_papers_reward_is_its_formula_as_far_as_float32_goes() -> None:
    for d in (-80.0, -3.0, -0.01, 0.5, 2.0, 83.0):
        assert paper_reward(d) == pytest.approx(d * math.exp(abs(d)), rel=1e-12)
    assert paper_reward(85) == paper_reward(1000) == np.finfo(np.float32).max


def test_the_stable_reward_has_the_papers_order_and_goes_on_where_that_ends() -> None:
    ordered = sorted(GRID)[1:-1]
    found = [stable_reward(d) for d in ordered]
    assert all(a < b for a, b in zip(found[2:-2], found[3:-2], strict=False))
    for d in (-30.0, -1.0, -1e-3, 1e-3, 0.5, 30.0):
        literal = math.copysign(math.log1p(abs(paper_reward(d))), d)
        assert stable_reward(d) == pytest.approx(literal, rel=1e-12)
    assert stable_reward(1000) == pytest.approx(1000 + math.log(1000))


def test_rewards_are_chosen_by_name() -> None:
    def proposed(**reward: str) -> list[Point]:
        learning = replace(SMALL, learning_rate=1e-2)  # enough to come near to large rewards
        sampler = DQNSampler(bits(6), learning=learning, seed=0, **reward)
        return go_on(make_study(sampler), one_good, 40, bits(6))

    assert proposed(reward="stable") == proposed() != proposed(reward="paper")
    with pytest.raises(ValueError, match="reward must be one of stable, paper; got 'papr'"):
        DQNSampler(reward="papr")


def test_the_papers_reward_does_not_spoil_the_network() -> None:
    moves = Moves(bits(3))
    agent = Agent(moves, 0.0, lambda d: paper_reward(100 * d), SMALL, seed=0)
    agent.learn([Score(s, s, sum(s) / 3) for s in product((0, 1), repeat=3)])
    assert np.isfinite(agent.values((0, 1, 0))).all()


# --- epsilon --------------------------------------------------------------------------------------


def test_epsilon_falls_as_models_are_trained() -> None:
    paper = [epsilon_after(models, PAPER_EPSILON) for models in (0, 199, 200, 899, 999, 1000, 5000)]
    assert paper == [1.0, 1.0, 0.9, 0.3, 0.1, 0.05, 0.01]
    ours = [epsilon_after(models) for models in range(40)]
    assert ours == sorted(ours, reverse=True)
    assert ours[:6] == [1.0] * 5 + [0.9]
    assert [epsilon for _, epsilon in EPSILON] == [epsilon for _, epsilon in PAPER_EPSILON]


def test_epsilon_is_how_often_a_step_is_random(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a greedy action that switches on what comes next, walks without chance are known."""
    calls: list[tuple[int, ...]] = []

    def next_on(agent: Agent, state: tuple[int, ...]) -> int:
        calls.append(state)
        return state.index(0)

    monkeypatch.setattr(Agent, "greedy", next_on)

    def proposed(epsilon: float) -> list[Point]:
        calls.clear()
        space = bits(8)
        sampler = DQNSampler(space, epsilon=((0, 1.0), (1, epsilon)), learning=SMALL, seed=0)
        return go_on(make_study(sampler), one_good, 9, space)

    assert [list(point.values()) for point in proposed(0.0)] == [
        [k < on for k in range(8)] for on in range(9)
    ]
    assert len(calls) == sum(range(9))  # each walk begins anew, through all that is scored
    proposed(1.0)
    assert not calls
    assert [k < 4 for k in range(8)] not in [list(point.values()) for point in proposed(0.5)]
    assert calls


# --- what is learned ------------------------------------------------------------------------------


def value_iteration(moves: Moves, reward: dict[tuple[int, ...], float], discount: float) -> Any:
    """The slow twin: the optimal values of all actions in all states, by sweeping over them."""
    states = list(reward)
    actions = range(len(moves.actions))
    values = dict.fromkeys(states, 0.0)
    for _ in range(60):
        found = {
            s: [reward[t] + discount * values[t] for t in (moves.step(s, a) for a in actions)]
            for s in states
        }
        values = {s: max(found[s]) for s in states}
    return found


@pytest.mark.parametrize("discount", [0.0, 0.5])
def test_the_network_learns_what_value_iteration_finds(discount: float) -> None:
    moves = Moves(bits(4))
    states = list(product((0, 1), repeat=4))
    table = dict(zip(states, np.random.default_rng(0).uniform(0.8, 0.9, 16), strict=True))
    reward = {s: stable_reward(100 * (table[s] - table[moves.base])) for s in states}
    learning = Learning(discount=discount, hidden=(64, 64), batch=64, steps=100, learning_rate=3e-3)
    agent = Agent(moves, table[moves.base], lambda d: stable_reward(100 * d), learning, seed=0)
    order = [*states[5:], *states[:5]]
    agent.learn([Score(s, s, table[s]) for s in order])
    expected = value_iteration(moves, reward, discount)
    found = {s: agent.values(s) for s in states}
    spread = np.std(list(expected.values()))
    assert np.abs(np.array([found[s] for s in states]) - list(expected.values())).max() < spread / 8
    for state in states:
        best = sorted(expected[state])
        if best[-1] - best[-2] > spread / 4:
            assert agent.greedy(state) == int(np.argmax(expected[state]))


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


@pytest.mark.parametrize("plant", [{"b1", "b4", "b8"}, {"b0", "b2", "b5", "b6", "b9"}])
def test_it_finds_a_plant_among_1024_sooner_than_random(plant: set[str]) -> None:
    """Random proposals, none of them twice, need 512 on the average."""
    objective = planted(plant)
    ours = [found_at(DQNSampler(bits(10), seed=s), objective, plant, 100) for s in range(3)]
    random = [found_at(RandomSampler(seed=s), objective, plant, 100) for s in range(3)]
    assert np.median(ours) <= 60
    assert np.median(random) == 100


def test_minimising_proposes_what_maximising_the_negative_does() -> None:
    def proposed(direction: str, objective: Objective) -> list[Point]:
        sampler = DQNSampler(bits(5), learning=SMALL, seed=0)
        return go_on(make_study(sampler, direction), objective, 25, bits(5))

    down = proposed("minimize", lambda p: -one_good(p))
    assert down == proposed("maximize", one_good)
    assert down != proposed("maximize", lambda p: -one_good(p))


def test_a_memory_keeps_the_latest() -> None:
    memory = ReplayMemory(3)
    rng = np.random.default_rng(0)
    for reward in range(5):
        memory.push(Transition((0.0,), 0, float(reward), (1.0,)))
        assert len(memory) == min(reward + 1, 3)
    assert sorted(t.reward for t in memory.sample(128, rng)) == [2, 3, 4]
    assert len(memory.sample(2, rng)) == 2


# --- states and actions ---------------------------------------------------------------------------


def test_an_action_changes_one_parameter_to_each_other_choice() -> None:
    space = {"x": CategoricalDistribution(("a", "b", "c")), "y": CategoricalDistribution((1, 2))}
    moves = Moves(space)
    assert len(moves.actions) == 3
    for state in product(range(3), range(2)):
        reached = [moves.step(state, action) for action in range(3)]
        assert len(set(reached)) == 3
        for action, other in enumerate(reached):
            assert sum(a != b for a, b in zip(state, other, strict=True)) == 1
            assert moves.step(other, moves.back(action)) == state
            assert moves.state(moves.point(other)) == other
    inputs = {moves.inputs(state) for state in product(range(3), range(2))}
    assert len(inputs) == 6
    assert {len(row) for row in inputs} == {3 + 1}


@pytest.mark.parametrize(
    ("choices", "off"),
    [
        ((False, True), False),
        ((True, False), False),
        ((1, 0), 0),
        (("x", "y"), "x"),
        ((None, "y", "z"), None),
        ((4, 2, 8), 4),
    ],
)
def test_what_is_off(choices: tuple[Any, ...], off: Any) -> None:
    space = {"a": CategoricalDistribution(choices), "b": CategoricalDistribution((False, True))}
    study = make_study(DQNSampler(space, learning=SMALL, seed=3))
    assert study.ask(dict(space)).params == {"a": off, "b": False}


# --- proposals ------------------------------------------------------------------------------------

SPACES = [
    bits(5),
    {"x": CategoricalDistribution(("a", "b", "c")), "y": CategoricalDistribution((1, 2, 3, 4))},
    {"x": CategoricalDistribution((False, True, None)), **bits(2)},
]


def some_score(point: Point) -> float:
    return float(np.random.default_rng(list(repr(point).encode())).random())


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("together", [1, 5, 40])
def test_every_state_once_in_batches_of_any_size(
    space: dict[str, CategoricalDistribution], together: int
) -> None:
    size = math.prod(len(d.choices) for d in space.values())
    study = make_study(DQNSampler(space, learning=SMALL, seed=1))
    while len(study.trials) < size:
        trials = [study.ask(dict(space)) for _ in range(min(together, size - len(study.trials)))]
        for trial in trials[::-1]:
            study.tell(trial, some_score(trial.params))
    assert distinct(points(study)) == size
    go_on(study, some_score, 2, space)  # nothing new is left: some state again
    assert distinct(points(study)) == size


def test_states_that_are_one_are_proposed_once() -> None:
    """States are one if as many are on, or 4 or more: five of them among 64 points."""
    asked: list[Point] = []

    def canonical(point: Point) -> Hashable:
        asked.append(point)
        return min(sum(point.values()), 4)

    space = bits(6)
    study = make_study(DQNSampler(space, canonical=canonical, learning=SMALL, seed=0))
    counts = [canonical(point) for point in go_on(study, count_on, 5, space)]
    assert set(counts) == {0, 1, 2, 3, 4}
    assert all(set(point) == set(space) for point in asked)
    assert len(go_on(study, count_on, 2, space)) == 2  # again one that there was


def test_a_walk_goes_through_states_that_are_scored() -> None:
    """All states around the base state are scored: what is new is two steps away or more."""
    space = bits(6)
    study = make_study(RandomSampler(0))
    for on in [None, *space]:
        study.enqueue_trial({name: name == on for name in space})
    go_on(study, one_good, 7, space)
    study.sampler = DQNSampler(space, epsilon=((0, 1.0),), learning=SMALL, seed=0)
    found = go_on(study, one_good, 10, space)
    assert min(count_on(point) for point in found) == 2
    assert distinct(points(study)) == 17


def test_what_others_proposed_is_left_out() -> None:
    space = bits(4)
    study = make_study(RandomSampler(0))
    go_on(study, some_score, 6, space)
    waiting = [study.ask(dict(space)) for _ in range(4)]
    known = points(study)
    study.sampler = DQNSampler(space, learning=SMALL, seed=0)
    new = go_on(study, some_score, 16 - distinct(known), space)
    assert distinct([*known, *new]) == 16
    assert len(waiting) == 4


def test_a_failed_state_is_proposed_again_but_not_for_ever() -> None:
    space = bits(2)
    study = make_study(DQNSampler(space, learning=SMALL, seed=0))
    base = dict.fromkeys(space, False)
    for _ in range(3):
        trial = study.ask(dict(space))
        assert trial.params == base
        study.tell(trial, state=TrialState.FAIL)
    others = go_on(study, count_on, 3, space)
    assert base not in others
    assert distinct(others) == 3


def test_a_pruned_trial_counts_with_its_last_value() -> None:
    space = bits(4)

    def proposed(prune: bool) -> list[Point]:
        study = make_study(DQNSampler(space, learning=SMALL, seed=0))
        for number in range(16):
            trial = study.ask(dict(space))
            if prune and number % 2:
                trial.report(7.0, 0)
                trial.report(one_good(trial.params), 1)
                study.tell(trial, state=TrialState.PRUNED)
            else:
                study.tell(trial, one_good(trial.params))
        return points(study)

    assert proposed(True) == proposed(False)
    study = make_study(DQNSampler(space, learning=SMALL, seed=0))
    for _ in range(16):  # without any value it is not scored, nor proposed again
        study.tell(study.ask(dict(space)), state=TrialState.PRUNED)
    assert distinct(points(study)) == 16


def test_infinite_scores_do_no_harm() -> None:
    space = bits(3)
    study = make_study(DQNSampler(space, learning=SMALL, seed=0))
    found = go_on(study, lambda p: -math.inf if p["b1"] else 1e300 * p["b0"], 8, space)
    assert distinct(found) == 8
    study = make_study(DQNSampler(space, learning=SMALL, seed=0))
    assert distinct(go_on(study, lambda p: -math.inf, 8, space)) == 8


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


# --- seeds and restarts ---------------------------------------------------------------------------


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


# --- what cannot be used --------------------------------------------------------------------------


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


# --- Optuna's own suite ---------------------------------------------------------------------------

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
