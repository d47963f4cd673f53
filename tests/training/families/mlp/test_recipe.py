"""The network that is handed over is regularised, and trained as long as in the search."""

import numpy as np
import pytest
from sklearn.datasets import make_friedman1

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.mlp.recipe import recipe
from autoequivariant.training.loop import Training
from autoequivariant.training.tasks import CLASSIFICATION, Regression


def test_numbers_and_classes_have_their_own_decay() -> None:
    training = Training(7, batch_size=32, seconds=3.0)
    numbers, classes = (recipe(training, task, 64) for task in (Regression(), CLASSIFICATION))
    assert numbers.weight_decay > classes.weight_decay > 0
    for one in (numbers, classes):
        assert (one.epochs, one.batch_size, one.seconds) == (7, 32, 3.0)
        assert one.output_scale < 1


def test_weights_decay_by_as_much_in_a_longer_training() -> None:
    short, many = (recipe(Training(7), CLASSIFICATION, n) for n in (640, 6400))
    assert many.weight_decay == pytest.approx(short.weight_decay / 10)
    longer = short.of_length(28)
    assert longer.epochs == 28
    assert longer.weight_decay == pytest.approx(short.weight_decay / 4)
    assert longer == recipe(Training(28), CLASSIFICATION, 640)


def friedman() -> Samples:
    x, y = make_friedman1(320, noise=1.0, random_state=0)
    x = x.astype(np.float32)
    return make_samples("friedman", Arrays(x[:160], y[:160], x[160:], y[160:]), "features")


@pytest.mark.parametrize("fit", ["none", "quick"])
def test_the_search_and_the_old_way_are_as_they_were(fit: str) -> None:
    settings = SearchSettings("friedman", symmetries=None, tests=False, fit=fit)
    problem = make_experiment(settings, friedman()).problem
    assert problem.training.weight_decay == 0
    assert (problem.full_training(160).weight_decay == 0) == (fit == "none")


def test_few_samples_with_noise_are_fitted_better_than_in_a_search() -> None:
    experiment = make_experiment(SearchSettings("friedman", tests=False), friedman())
    problem, data = experiment.problem, experiment.data
    scores = []
    for training in (problem.training, problem.full_training(len(data.train))):
        evaluator = problem.evaluator(data.train, data.test, LocalExecutor(1), training)
        ((_, (found,)),) = evaluator.evaluate([problem.space.baseline], 1, lambda _: None)
        scores.append(found.score)
    assert scores[1] > scores[0] + 0.05
