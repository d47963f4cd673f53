"""Effects are paired differences of what was recorded, and where nothing was, they say so."""

import math
from pathlib import Path

import numpy as np
from scipy.stats import norm

from autoequivariant.report.findings.symmetries.effects import effects_of
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run


def test_against_the_slow_way(run_folder: Path) -> None:
    with replay_run(open_run(run_folder)) as record:
        problem, study = record.outcome.problem, record.study
        found = effects_of(problem, study)
        assert [e.name for e in found] == ["rot90", "hflip", "vflip", "translate_x:2"]
        for number, effect in enumerate(found):
            assert effect.main is not None
            single = problem.space.child([number])
            rounds = range(1, effect.main.folds + 1) if effect.main.folds else (0,)
            one, plain = (
                np.concatenate([study.evaluation(child, r).scores for r in rounds])  # type: ignore[union-attr]
                for child in (single, problem.space.baseline)
            )
            difference = one.astype(float) - plain.astype(float)
            half = norm.ppf(0.975) * difference.std(ddof=1) / math.sqrt(len(difference))
            assert math.isclose(effect.main.mean, difference.mean(), abs_tol=1e-12)
            assert math.isclose(effect.main.interval[1] - effect.main.mean, half, abs_tol=1e-12)
            assert effect.main.samples == len(difference)
            assert effect.averaged is not None
            assert effect.averaged.pairs >= 1
            assert effect.averaged.folds == 0


def test_what_was_not_trained_is_said(cnn_folder: Path) -> None:
    with replay_run(open_run(cnn_folder)) as record:
        found = effects_of(record.outcome.problem, record.study)
    names = ["hflip", "vflip", "augmentation hflip", "augmentation shear"]
    assert [e.name for e in found] == names
    for effect in found:
        assert (effect.main is None) == bool(effect.reason)
