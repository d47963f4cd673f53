"""Networks of a search as rows, made by hand."""

from typing import Any

from autoequivariant.report.findings.networks import NetworkRow


def row(number: int, score: float, n_parameters: int = 100, **others: Any) -> NetworkRow:
    """A trained network that is nothing special, unless `others` say so."""
    fields: dict[str, Any] = {
        "name": f"network {number}",
        "key": ((number,), 1),
        "generators": 1,
        "interval": (score - 0.05, score + 0.05),
        "best": score,
        "epochs": 0,
        "is_baseline": False,
        "is_chosen": False,
        "on_front": False,
    }
    return NetworkRow(number, score=score, n_parameters=n_parameters, **{**fields, **others})


ROWS = (
    row(1, 0.7, 400, name="none", generators=0, is_baseline=True, best=0.7, on_front=True),
    row(2, 0.8, 200, best=0.8, is_chosen=True, on_front=True),
    row(3, 0.6, 300, best=0.8, generators=2),
    row(4, 0.5, 250, best=0.8, epochs=3),
)
