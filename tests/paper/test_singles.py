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
