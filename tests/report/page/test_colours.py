"""Few weights have colours of their own; gaps and zeros have theirs."""

import numpy as np

from autoequivariant.nn.sharing_map import GAP, ZERO
from autoequivariant.report.page.colours import coloured


def test_colours() -> None:
    few = coloured(np.array([[0, 1, GAP], [1, 0, ZERO]]))
    assert len(np.unique(few.reshape(-1, 4), axis=0)) == 4
    many = coloured(np.arange(10_000).reshape(100, 100))
    assert len(np.unique(many.reshape(-1, 4), axis=0)) > 300
