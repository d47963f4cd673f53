"""The samplers by the names that `--sampler` takes; one line adds another.

Completion and help import this module, so it names classes instead of importing them: that takes
seconds.
"""

from __future__ import annotations

AUTO = "auto"
FEWEST_TO_MODEL = 32
"""With at most this many distinct networks, `auto` trains all: a model of them saves nothing."""

_HERE = "autoequivariant.searching.samplers"
SAMPLERS: dict[str, str | type] = {
    "lattice": f"{_HERE}.lattice:Lattice",
    "exhaustive": f"{_HERE}.optuna_samplers:Exhaustive",
    "random": f"{_HERE}.optuna_samplers:Random",
    "tpe": f"{_HERE}.optuna_samplers:TPE",
    "nsga2": f"{_HERE}.optuna_samplers:NSGA2",
    "dqn": f"{_HERE}.dqn.sampler:DQN",
}
"""Subclasses of `SearchSampler`, or the paths of such classes as `module:name`."""


def sampler_names() -> tuple[str, ...]:
    """Return every value of `--sampler`."""
    return (AUTO, *SAMPLERS)


def resolve_auto(name: str, n_networks: int | None, budget: int) -> str:
    """Return the name of the sampler to use; `auto` depends on the size of the search.

    Args:
        name: one of `sampler_names()`.
        n_networks: number of distinct networks; None if there are too many to list.
        budget: the most networks that the search may train.
    """
    if name != AUTO:
        return name
    can_train_all = n_networks is not None and n_networks <= min(FEWEST_TO_MODEL, budget)
    return "exhaustive" if can_train_all else "lattice"
