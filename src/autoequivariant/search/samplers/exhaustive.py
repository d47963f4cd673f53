"""Every point of a list, once, in its order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

Point = Mapping[str, Any]


class ExhaustiveSampler(BaseSampler):
    """Proposes the points of a list in their order, each once; after a restart it goes on from the
    study.

    Args:
        points: values of the parameters, all points with the same names. For a search over
            symmetries: one state for each distinct network.
        choices: the values that each parameter may take. Default: those that occur in `points`.

    Once every point was proposed it starts again at the first; `remaining` tells.

    Raises:
        ValueError: there is no point, or their names differ.
    """

    def __init__(
        self, points: Sequence[Point], choices: Mapping[str, Sequence[Any]] | None = None
    ) -> None:
        if not points or any(set(point) != set(points[0]) for point in points):
            raise ValueError("ExhaustiveSampler needs points, all with the same names.")
        self._points = [dict(point) for point in points]
        self._choices = {
            name: tuple(choices[name] if choices else dict.fromkeys(p[name] for p in points))
            for name in points[0]
        }

    def remaining(self, study: Study) -> int:
        """Return how many points were not proposed yet."""
        return len(self._points) - len(self._proposed(study))

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """All parameters are chosen together."""
        return {name: CategoricalDistribution(values) for name, values in self._choices.items()}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Return the first point that no trial of the study has."""
        proposed = self._proposed(study)
        for number, point in enumerate(self._points):
            if number not in proposed:
                return dict(point)
        return dict(self._points[trial.number % len(self._points)])

    def sample_independent(
        self,
        study: Study,
        trial: FrozenTrial,
        param_name: str,
        param_distribution: BaseDistribution,
    ) -> Any:
        """Refuse a parameter that the points do not have."""
        raise ValueError(f"No point of this ExhaustiveSampler has the parameter {param_name!r}.")

    def _proposed(self, study: Study) -> set[int]:
        taken = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING, TrialState.WAITING)
        seen = {
            tuple(trial.params.get(name) for name in self._choices)
            for trial in study.get_trials(deepcopy=False, states=taken)
        }
        keys = (tuple(point[name] for name in self._choices) for point in self._points)
        return {number for number, key in enumerate(keys) if key in seen}
