"""Which trials count as scored, taken or failed."""

import math

from optuna.samplers import RandomSampler
from optuna.trial import TrialState

from autoequivariant.searching.samplers.dqn.sampler import DQNSampler

from .studies import (
    SMALL,
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
