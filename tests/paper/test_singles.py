from typing import Any

import pytest

from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.paper.g_mnist import SINGLES
from autoequivariant.paper.singles import Singles


def test_gains_and_ranks(mlp_results: dict[str, Any]) -> None:
    singles = Singles.of(mlp_results)
    assert singles.networks == ("baseline", *map(str, paper_candidates()))
    assert singles.data == SINGLES
    assert singles.pairs[3] == ("translate_x:4", "translate_x")
    assert singles.gain("hflip", "hflip") == pytest.approx(0.02)
    assert singles.gain("hflip", "none") == pytest.approx(-0.002)
    assert singles.gain("baseline", "none") == 0
    assert [singles.rank(n, "vflip") for n in ("vflip", "baseline", "rot90")] == [1, 2, 3]
    assert 0.02 < singles.margin < 0.03
    assert (singles.seeds, singles.named_seeds) == ((0,), "seed 0")
    assert singles.bounds("hflip", "hflip") == tuple(
        singles.rows["hflip", "hflip"][0]["test_interval"]
    )


def test_of_several_seeds_scores_are_means_and_bounds_are_ranges(
    results_of_seeds: dict[str, Any],
) -> None:
    singles = Singles.of(results_of_seeds)
    assert (singles.seeds, singles.named_seeds) == ((0, 1), "seeds 0, 1")
    assert singles.score("hflip", "hflip") == pytest.approx(0.805)  # 82% and 79%
    assert singles.bounds("hflip", "hflip") == pytest.approx((0.79, 0.82))
    assert singles.bounds("baseline", "hflip") == (0.8, 0.8)
    assert singles.gains("hflip", "hflip") == pytest.approx([0.02, -0.01])
    assert singles.gain("hflip", "hflip") == pytest.approx(0.005)
    assert singles.rank("hflip", "hflip") == 1
    assert singles.rank("hflip", "none") == 3  # after the baseline and rot90
