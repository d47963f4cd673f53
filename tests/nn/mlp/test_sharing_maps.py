"""Pictures of shared weights: moved outputs read moved inputs with the same weight."""

import numpy as np

from autoequivariant.nn.mlp.sharing_maps import sharing_maps
from autoequivariant.nn.sharing_map import ZERO

from ..cases import architecture_of


def test_the_first_layer_of_an_mlp() -> None:
    architecture = architecture_of("oblong")
    maps = sharing_maps(architecture, (0,), "classes")
    assert len(maps) == 5  # two layers, each with its units, and the final one
    into, out = architecture.actions.permutations[0][:2]
    index = maps[0].index
    assert np.array_equal(index[np.ix_(out.image, into.image)], index)
    assert len(np.unique(index)) == index.size // 2
    assert maps[0].caption.endswith(f"{index.size:,} entries share {index.size // 2:,} weights.")


def test_weights_that_signs_force_to_zero_are_marked() -> None:
    signed, plain = architecture_of("signed"), architecture_of("features")
    assert ZERO in sharing_maps(signed, (1,), "classes")[0].index
    assert ZERO not in sharing_maps(plain, (1,), "classes")[0].index
