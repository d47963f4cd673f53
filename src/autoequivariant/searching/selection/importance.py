"""The importance of the group, each augmentation and the size for the score, by Optuna's fANOVA.

Many settings of a search's on/off parameters are the same group. So importance is measured in a
separate study, in which the group is one parameter.
"""

from __future__ import annotations

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.trial import create_trial

from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.pruning import quiet_optuna

FEWEST = 16
"""With fewer networks, shares are due to chance and not returned."""
GROUP = "group"
NO_SYMMETRY = "none"


def importance(problem: Problem, study: SearchStudy) -> dict[str, float] | None:
    """Return the share of each factor in the variance of the validation score, largest first.

    Shares sum to 1 (Hutter, Hoos and Leyton-Brown, 2014, "An Efficient Approach for Assessing
    Hyperparameter Importance"). Pruned networks are left out: they were trained for fewer epochs.

    Returns:
        None if too few networks were trained, or nothing varies.
    """
    rows = [
        (problem.space.child(*key), evaluation.score)
        # In a fixed order, whichever process was faster: the forest draws its samples by number.
        for key, evaluation in sorted(study.trained().items(), key=lambda pair: pair[0])
        if not evaluation.pruned
    ]
    if len(rows) < FEWEST or len({score for _, score in rows}) == 1:
        return None
    from optuna.importance import FanovaImportanceEvaluator  # here: scikit-learn takes a second

    points = [_point(problem, child) for child, _ in rows]
    distributions: dict[str, BaseDistribution] = {
        name: CategoricalDistribution(tuple({point[name]: None for point in points}))
        for name in points[0]
    }
    varying = {name: found for name, found in distributions.items() if not found.single()}
    if not varying:
        return None
    with quiet_optuna():
        separate = optuna.create_study(direction="maximize")
    for point, (_, score) in zip(points, rows, strict=True):
        params = {name: point[name] for name in varying}
        separate.add_trial(create_trial(value=score, params=params, distributions=varying))
    seed = problem.settings.seed % 2**32  # scikit-learn refuses larger ones
    evaluator = FanovaImportanceEvaluator(seed=seed)
    shares = optuna.importance.get_param_importances(separate, evaluator=evaluator)
    return {name: float(share) for name, share in shares.items()}


def _point(problem: Problem, child: Child) -> dict[str, str | int | bool]:
    """Return the group, each augmentation and the width of a child."""
    symmetries = problem.symmetries(problem.space.smallest_generators(child))
    used = problem.augmentations(child.members)
    point: dict[str, str | int | bool] = {GROUP: ", ".join(symmetries) or NO_SYMMETRY}
    point |= {name: name in used for name in problem.family.augmentations}
    if problem.space.has_widths:
        point[problem.family.width_name] = child.width
    return point
