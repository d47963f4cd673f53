"""Pictures of shared weights: moved outputs read moved inputs with the same weight."""

from pathlib import Path

import numpy as np

from autoequivariant.nn.sharing_map import GAP, ZERO
from autoequivariant.report.page.colours import coloured
from autoequivariant.runs.run import open_run
from autoequivariant.training.families.mlp.family import MLPFamily


def test_the_first_layer_of_an_mlp(run_folder: Path) -> None:
    problem = open_run(run_folder).experiment().problem
    child = problem.space.child([1])
    maps = problem.family.sharing_maps(child)
    assert len(maps) == 5  # two layers, each with its units, and the final one
    assert isinstance(problem.family, MLPFamily)
    into, out = problem.family.architecture.actions.permutations[1][:2]
    index = maps[0].index
    assert np.array_equal(index[np.ix_(out.image, into.image)], index)
    assert len(np.unique(index)) == index.size // 2


def test_colours() -> None:
    few = coloured(np.array([[0, 1, GAP], [1, 0, ZERO]]))
    assert len(np.unique(few.reshape(-1, 4), axis=0)) == 4
    many = coloured(np.arange(10_000).reshape(100, 100))
    assert len(np.unique(many.reshape(-1, 4), axis=0)) > 300
