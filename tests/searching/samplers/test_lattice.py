"""Single symmetries, then large expected improvements: it finds the plant in few networks."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.samplers import RandomSampler
from optuna.trial import TrialState

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.searching.samplers.lattice import LatticeSampler
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child
from autoequivariant.training.families.cnn.family import CNNFamily
from autoequivariant.training.families.mlp.family import MLPFamily

from .lattice_search import Search, by_hash, few, gains


@cache
def many(limit: int = 500) -> Space:
    """All candidates of the paper: 148 networks."""
    actions = layer_actions(paper_candidates(step=2), Grid(8, 8), (Grid(4, 4),))
    return Space(MLPFamily(MLPArchitecture(actions, 1, (2,), 10)), limit)


def test_first_the_baseline_then_each_single_symmetry_once() -> None:
    space = many()
    screening = LatticeSampler(space).screening()
    assert screening[0] == space.baseline
    assert set(screening[1:]) == {space.child({k}) for k in range(12)}
    assert len(screening) == len(set(screening)) == 13
    run = Search(space, by_hash)
    run.go_on(5)
    run.tell(run.ask(8)[::-1])  # whatever order they are scored in
    assert run.asked == screening


def test_two_names_for_one_network_are_screened_once() -> None:
    names = parse_symmetries("translate_x:2,translate_x:6,hflip")
    actions = layer_actions(names, Grid(8, 8), (Grid(8, 8),))
    space = Space(MLPFamily(MLPArchitecture(actions, 1, (1,), 10)), 500)
    assert [child.members for child in LatticeSampler(space).screening()] == [(), (0, 1), (2,)]


def test_one_at_a_time() -> None:
    """After the screening every proposal is a neighbour of a network that led before it."""
    space = Space(many().family, 500, one_at_a_time=True)
    score = gains(space, (1, 2, 6))
    run = Search(space, score)
    screened = LatticeSampler(space).screening()
    run.go_on(len(screened))
    leaders = [max(run.asked, key=score)]
    while run.sampler.largest_improvement(run.study) > 0:  # until no neighbour is left
        run.go_on(1)
        assert run.asked[-1] in space.neighbours_of(leaders[-1])
        leaders.append(max(run.asked, key=score))
    assert score(leaders[-1]) > score(leaders[0])
    assert set(space.neighbours_of(leaders[-1])) < set(run.asked)
    assert len(run.asked) < len(space.children) / 2
    assert LatticeSampler(space).least() == len(screened)


def test_one_at_a_time_with_sizes() -> None:
    """Each size is screened, and the leading network is tried at all of them."""
    architecture = CNNArchitecture(1, Grid(16, 16), 2)
    family = CNNFamily(architecture, parse_symmetries("rot90,hflip"), ("rotation", "scale"))
    space = Space(family, 500, (16, 24, 32), one_at_a_time=True)
    score = gains(space, (0, 2), noise=0.0)
    run = Search(space, lambda child: score(child) + child.width / 1000)
    run.go_on(len(LatticeSampler(space).screening()))
    assert {child.width for child in run.asked if not child.members} == {16, 24, 32}
    while run.sampler.largest_improvement(run.study) > 0:
        run.go_on(1)
    assert max(run.asked, key=run.score) == space.child((0, 2), 32)
    assert {space.child((0, 2), width) for width in space.widths} <= set(run.asked)


@pytest.mark.slow
@pytest.mark.parametrize("together", [1, 4, 30])
@pytest.mark.parametrize("widths", [(), (1, 2, 4)])
def test_all_are_proposed_once_and_then_the_baseline(
    together: int, widths: tuple[int, ...]
) -> None:
    space = few(widths=widths)
    size = len(space.children)
    run = Search(space, by_hash)
    run.go_on(size, together)
    assert set(run.asked) == set(space.children)
    assert len(run.asked) == size
    assert run.sampler.largest_improvement(run.study) == 0
    run.go_on(2)
    assert run.asked[size:] == [space.baseline] * 2


def test_proposals_that_wait_are_not_made_again() -> None:
    space = many()
    run = Search(space, gains(space, (1, 6)))
    run.go_on(13)
    waiting = run.ask(12)
    assert len(set(run.asked)) == 25
    run.tell(waiting[6:])
    run.ask(3)
    assert len(set(run.asked)) == 28


def test_a_failed_trial_is_proposed_again() -> None:
    run = Search(few(), by_hash)
    first, second = run.ask(2)
    run.study.tell(first, state=TrialState.FAIL)
    run.tell([second])
    (again,) = run.ask(1)
    assert again.params == first.params


def test_trials_of_others_are_learned_from_and_incomplete_ones_passed_over() -> None:
    space = few()
    run = Search(space, by_hash)
    run.study.sampler = RandomSampler(seed=0)
    run.tell([run.study.ask(dict(space.distributions)) for _ in range(20)])
    known = set(run.asked)
    run.study.tell(run.study.ask(), 0.5)  # not even its parameters
    run.study.add_trial(optuna.create_trial(value=1.0))
    left = len(space.children) - len(known)
    trials = run.ask(left)
    assert {space.child_at(t.params) for t in trials} == set(space.children) - known


CURVES = ((0.2, 0.3, 0.5), (0.4, 0.5, 0.7), (0.3, 0.6, 0.9))
"""Of networks that were trained whole; others were pruned after two epochs."""
PRUNED = [
    (0.65, 0.9),  # as good as the best of them at the time
    (0.55, 0.7),
    (0.5, 0.7),
    (0.35, 0.5),
    (0.1, 0.5),  # behind all: the worst of what they came to
]


def with_pruned(reached: float, instead: float | None, sign: int = 1) -> Search:
    """Screened, the last single symmetry pruned after two epochs; or whole, with this value."""
    space = few()
    run = Search(space, by_hash, ("maximize" if sign == 1 else "minimize",))
    *whole, last = run.ask(len(run.sampler.screening()))
    for number, trial in enumerate(whole):
        curve = CURVES[number % len(CURVES)]
        for step, score in enumerate(curve, 1):
            trial.report(sign * score, step)
        run.study.tell(trial, sign * curve[-1])
    last.report(0.3 * sign, 1)
    last.report(reached * sign, 2)
    state = TrialState.PRUNED if instead is None else TrialState.COMPLETE
    run.study.tell(last, None if instead is None else sign * instead, state=state)
    return run


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(("reached", "expected"), PRUNED)
def test_what_was_pruned_counts_as_what_it_would_have_come_to(
    reached: float, expected: float, sign: int
) -> None:
    run = with_pruned(reached, None, sign)
    assert run.sampler.unscreened(run.study) == []
    wanted = with_pruned(reached, expected, sign)
    improvement = run.sampler.largest_improvement(run.study)
    assert improvement == wanted.sampler.largest_improvement(wanted.study)
    # Its twin: taken for an score of all epochs, it expects something else.
    raw = with_pruned(reached, reached, sign)
    assert improvement != raw.sampler.largest_improvement(raw.study)
    run.ask(4)
    wanted.ask(4)
    assert run.asked == wanted.asked
    assert len(set(run.asked)) == len(run.asked)  # nor is it proposed again


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("planted", [(), (3,), (1, 6), (0, 5), (1, 2, 7), (1, 2, 3, 4)])
def test_it_finds_the_plant_among_148_within_25(planted: tuple[int, ...], seed: int) -> None:
    space = many()
    score = gains(space, planted, seed=seed)
    run = Search(space, score)
    run.go_on(25)
    assert max(run.asked, key=score) == max(space.children, key=score) == space.child(planted)


def test_its_slow_twin_does_not() -> None:
    """Random proposals, none of them twice, need three times as many to find it half the time."""
    space = many()
    planted = space.child((1, 6))
    places = []
    for seed in range(50):
        order = np.random.default_rng(seed).permutation(len(space.children))
        places.append([space.children[k] for k in order].index(planted) + 1)
    assert np.median(places) > 50


def test_the_direction_counts() -> None:
    space = many()
    score = gains(space, (1, 6))
    run = Search(space, lambda child: -score(child), ("minimize",))
    run.go_on(25)
    assert max(run.asked, key=score) == space.child((1, 6))
    up = Search(space, score)
    up.go_on(25)
    assert up.asked == run.asked


def test_the_largest_improvement_is_infinite_until_symmetries_are_screened() -> None:
    run = Search(many(), gains(many(), (1, 6)))
    assert run.sampler.largest_improvement(run.study) == float("inf")
    run.go_on(12)
    assert run.sampler.largest_improvement(run.study) == float("inf")
    waiting = run.ask(1)
    assert run.sampler.largest_improvement(run.study) == float("inf")
    run.tell(waiting)
    assert 0 < run.sampler.largest_improvement(run.study) < 0.1


def test_the_largest_improvement_falls() -> None:
    run = Search(many(), gains(many(), (1, 6)))
    run.go_on(13)
    before = run.sampler.largest_improvement(run.study)
    run.go_on(12)
    assert run.sampler.largest_improvement(run.study) < before / 10


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[optuna.storages.RDBStorage]:
    found = optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/study.db")
    yield found
    found.remove_session()
    found.engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("limit", [500, 5])
def test_after_a_restart_it_goes_on_as_it_would_have(
    storage: optuna.storages.RDBStorage, limit: int
) -> None:
    space = few(limit)
    whole = Search(space, by_hash)
    whole.go_on(12)
    for _ in range(3):
        Search(space, by_hash, storage=storage).go_on(4)
    assert Search(space, by_hash, storage=storage).asked == whole.asked


def test_the_seed_decides_only_where_not_all_networks_are_listed() -> None:
    def proposed(space: Space, seed: int) -> list[dict[str, object]]:
        run = Search(space, by_hash)
        run.go_on(16)
        run.study.sampler = LatticeSampler(space, 1000, seed)
        return [run.study.ask(dict(space.distributions)).params for _ in range(6)]

    assert proposed(many(), 0) == proposed(many(), 1)
    assert proposed(many(10), 0) == proposed(many(10), 0)


def test_where_not_all_networks_are_listed_it_finds_the_plant_too() -> None:
    space = many(10)
    assert space.size is None
    score = gains(many(), (1, 2, 7))
    run = Search(space, score)
    run.go_on(30)
    assert len(set(run.asked)) == 30
    best = max(run.asked, key=score)
    assert best.members == many().child((1, 2, 7)).members


def test_a_parameter_that_the_space_does_not_have() -> None:
    study = optuna.create_study(sampler=LatticeSampler(few()))
    with pytest.raises(ValueError, match="space of this LatticeSampler has no parameter 'c'"):
        study.ask({"c": FloatDistribution(0, 1)})


def test_with_suggest_and_optimize() -> None:
    space = few()
    seen: list[Child] = []

    def objective(trial: optuna.Trial) -> float:
        point = {name: trial.suggest_categorical(name, (False, True)) for name in space.names}
        seen.append(space.child_at(point))
        return by_hash(seen[-1])

    study = optuna.create_study(direction="maximize", sampler=LatticeSampler(space))
    study.optimize(objective, n_trials=8)
    assert seen[:5] == LatticeSampler(space).screening()
    assert len(set(seen)) == 8
    assert isinstance(space.distributions["hflip"], CategoricalDistribution)
