"""Labels as functions and as numbers."""

import numpy as np
import pytest

from autoequivariant.evidence.testing.labels import LabelFunctions
from autoequivariant.evidence.testing.moves import Labelled
from autoequivariant.groups.permutation import Permutation

X = np.zeros((6, 2), np.float32)


def test_classes_are_which_they_are() -> None:
    samples = Labelled(X, np.array([0, 2, 1, 1, 0, 2]), 3)
    functions = LabelFunctions(samples, [])
    assert np.array_equal(functions(samples), np.eye(3)[samples.y])
    assert np.array_equal(functions.targets(samples), np.eye(3)[samples.y])


def test_targets_that_are_exchanged_have_one_unit() -> None:
    y = np.stack([np.arange(6), 10 * np.arange(6), 3 * np.arange(6)], axis=1).astype(np.float32)
    samples = Labelled(X, y, 0)
    apart = LabelFunctions(samples, []).targets(samples)
    assert apart.std(axis=0) == pytest.approx([1, 1, 1])
    together = LabelFunctions(samples, [Permutation([1, 0, 2])]).targets(samples)
    assert together.std(axis=0) == pytest.approx([0.1, 1, 1])


def test_functions_of_a_target_depend_on_its_rank() -> None:
    y = np.array([[1], [2], [5], [6], [8], [9]], np.float32)
    functions = LabelFunctions(Labelled(X, y, 0), [])
    found = functions(Labelled(X, y, 0))
    assert found.shape == (6, 3)
    assert np.array_equal(found, LabelFunctions(Labelled(X, y**3, 0), [])(Labelled(X, y**3, 0)))
