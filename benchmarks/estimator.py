"""Time of a default fit of the classifier: 2,000 rows of 64 features, and digits as images.

    python benchmarks/estimator.py

prints the seconds, the symmetries of the chosen network, and its accuracy on the held-out fifth
beside the baseline's. Target: under a minute for the rows, on two cores.
"""

from __future__ import annotations

import time

import numpy as np
from sklearn.datasets import load_digits, make_classification

from autoequivariant.estimator.estimators import AutoEquivariantClassifier

ROWS, FEATURES = 2000, 64


def main() -> None:
    """Time a fit on each data set."""
    made, classes = make_classification(
        ROWS, FEATURES, n_informative=20, n_classes=4, random_state=0
    )
    digits = load_digits()
    chosen = np.resize(np.arange(len(digits.data)), ROWS)
    cases = {
        "generated rows": (made, classes),
        "digits as rows": (digits.data[chosen], digits.target[chosen]),
        "digits as images": (digits.images, digits.target),
    }
    for name, (x, y) in cases.items():
        start = time.perf_counter()
        model = AutoEquivariantClassifier().fit(x, y)
        seconds = time.perf_counter() - start
        found = ", ".join(model.symmetries_) or "none"
        print(
            f"{name}, {x.shape}: {seconds:.1f} s; symmetries: {found}; held out: "
            f"{model.test_score_:.3f}, baseline {model.baseline_score_:.3f}"
        )


if __name__ == "__main__":
    main()
