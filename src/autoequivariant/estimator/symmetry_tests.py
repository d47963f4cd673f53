"""Direct tests of candidate symmetries on arrays: no network is trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_array, check_consistent_length, check_X_y

from autoequivariant.candidates.given import candidates_from
from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import make_samples
from autoequivariant.data.tables.data_frame import coded_frame, target_names
from autoequivariant.errors import SettingsError, shown
from autoequivariant.estimator.arguments import (
    DATA_NAME,
    errors_name_arguments,
    seed_from,
)
from autoequivariant.estimator.base import channels_last, issue_warnings
from autoequivariant.evidence.direct import direct_tests
from autoequivariant.evidence.verdict import Verdict
from autoequivariant.report.render.verdict_table import verdicts_as_text
from autoequivariant.searching.asking.answers import Answers, candidates_to_ask
from autoequivariant.searching.asking.direct import to_test, with_untested
from autoequivariant.searching.asking.table_proposal import WHAT_HOLDS, propose_for_table
from autoequivariant.searching.experiment import reading_notes
from autoequivariant.searching.proposals import blind, named_proposals, to_be_told
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.executors.options import LOCAL, ExecutorOptions
from autoequivariant.training.executors.registry import make_executor

_NAME = "test_symmetries"
COLUMNS = (
    *("verdict", "use", "reason", "p_joint", "p_x", "resolution", "unseen"),
    *("effect", "effect_low", "effect_high", "p_task", "overlap", "proposed_from"),
)


@dataclass(frozen=True, eq=False, repr=False)
class SymmetryTests:
    """What `test_symmetries` found; printing it shows a table.

    Attributes:
        verdicts: data frame with a row for each candidate, by its name. `verdict`: `holds`, `does
            not hold` or `undecided`. `use`: `not tried`, as no network is trained. `reason`: a
            sentence. `p_joint`, `p_x`: p-values of the law, with labels and of samples alone.
            `resolution`: smallest share of samples in which a change would be seen. `unseen`: tuple
            of the classes of which a change would not be seen. `effect`, `effect_low`,
            `effect_high`: how far labels depend on more than the orbit, as a share of the mean
            squared residual, with a 95% interval. `p_task`: its p-value, corrected for the number
            of candidates. `overlap`: how often moved samples occur, 0 to 1. `proposed_from`:
            `names` or `data`, where nobody listed the candidate. NaN where a test was not possible
            or has no such number.
        closure: names of all candidates in the closed state that those that hold generate. For
            regression on a table of at most 200 rows, 30 columns and 100 closed states, a Gaussian
            process proposes the state instead: one with all that holds and nothing that does not.
        seconds: that it took.
        proposal: where the closure comes from: `closure of what holds`, with the reason if the
            Gaussian process proposes nothing, or `closed state proposed by a Gaussian process, not
            a verdict`, with a reservation for fewer than 50 rows.
    """

    verdicts: pd.DataFrame
    closure: list[str]
    seconds: float
    proposal: str = WHAT_HOLDS
    _records: tuple[Verdict, ...] = field(default=())

    def __repr__(self) -> str:
        return verdicts_as_text(self._records, self.closure, self.proposal)


def test_symmetries(
    X: ArrayLike,
    y: ArrayLike,
    symmetries: str | Sequence[Any] | Mapping[str, Any] | NDArray[Any] | None = None,
    *,
    kind: str | None = None,
    task: str | None = None,
    inputs_symmetric: bool = False,
    propose: str | None = None,
    groups: ArrayLike | None = None,
    random_state: int | np.random.RandomState | None = None,
    executor: str = LOCAL,
    ray_address: str | None = None,
    cpus_per_child: float = 1.0,
) -> SymmetryTests:
    """Test in seconds which candidate symmetries samples with their labels have.

    All samples are used: leave out those on which you want to test a network later.

    Args:
        X: samples, as for `AutoEquivariantClassifier`: channels first.
        y: classes, shape `(n,)`; or targets, shape `(n,)` or `(n, m)`.
        symmetries: candidates, as for `AutoEquivariantClassifier`. Default: those that a search
            takes for the shape.
        kind: `grid`, `sequence`, `features`, `volume` or `pairs`. Default: by the number of axes;
            pairs if all samples are symmetric matrices.
        task: `classification` or `regression`. Default: text, booleans and whole numbers are
            classes, other numbers are targets.
        inputs_symmetric: declare that moved samples occur as often as samples; an exact test with
            labels then decides the task. Default: not declared.
        propose: where further candidates come from, as for `AutoEquivariantClassifier`. Those to
            which labels led are tested on the other half of the samples.
        groups: labels of clusters, such as patients, shape `(n,)`; samples of a cluster are not
            independent, and are split together; a Gaussian process then proposes nothing. Default:
            copies of a sample, moved or not, are a cluster, and other samples are independent.
        random_state: of all random draws; give an integer for the same answer each time. Default:
            another answer each time, within the error rates.
        executor: where candidates are tested: `local` and `serial`, threads of this process; `ray`,
            the workers of a Ray cluster, one candidate each. The answer is the same. Default:
            `local`.
        ray_address, cpus_per_child: address of the cluster and cores for each worker, with `ray`;
            as for `AutoEquivariantClassifier`. There is no `gpus_per_child`, as tests run on CPUs.

    Raises:
        ValueError: samples, labels or an argument are invalid; one sentence gives the reason.

    Example:
        >>> import numpy as np
        >>> from autoequivariant import test_symmetries
        >>> X = np.random.default_rng(0).normal(size=(1000, 3))
        >>> y = X[:, 0] + X[:, 1] > 0
        >>> found = test_symmetries(X, y, ["swap:0-1", "swap:1-2"], random_state=0)
        >>> found.verdicts.loc["swap:1-2", "verdict"]
        'does not hold'
    """
    with errors_name_arguments(has_task=True):
        X, alphabets = coded_frame(X)
        if not isinstance(inputs_symmetric, bool | np.bool_):
            raise SettingsError(
                f"inputs_symmetric must be True or False; got {shown(inputs_symmetric)}."
            )
        settings = SearchSettings(
            DATA_NAME,
            kind=kind,
            symmetries=candidates_from(symmetries),
            propose=propose,
            seed=seed_from(random_state),
            task=task,
            executor=ExecutorOptions(executor, ray_address, cpus_per_child),
        )
    values, labels = check_X_y(
        X, y, allow_nd=True, ensure_min_samples=2, multi_output=True, estimator=_NAME
    )
    clusters = None if groups is None else _clusters(groups, labels)
    # Names as scikit-learn takes them: only if all are text.
    columns = tuple(getattr(X, "columns", ()))
    columns = columns if all(isinstance(name, str) for name in columns) else ()
    with errors_name_arguments(has_task=True):
        arrays = Arrays(
            values,
            labels,
            columns=columns,
            targets=target_names(y),
            categories=tuple(alphabets.values()),
        )
        samples = make_samples(DATA_NAME, arrays, kind, task=task, channels_first=True)
        found = candidates_to_ask(samples, settings, all_known=True, clusters=clusters)
        family, proposals, copies = found.family, found.proposals, found.copies
        told = to_be_told(family.warnings, proposals, settings)
        notes = (*channels_last(np.shape(values), kind), *reading_notes(samples, kind))
        issue_warnings([*notes, *told, *copies.warnings], 3)
        clusters = copies.clusters
        with make_executor(settings.executor) as workers:
            tests = direct_tests(
                samples.x,
                samples.y,
                len(samples.classes),
                samples.domain,
                to_test(family.candidates),
                settings.seed,
                classes=samples.classes,
                clusters=clusters,
                inputs_symmetric=bool(inputs_symmetric),
                categories=samples.categories,
                looked_at=copies.looked_at,
                saw_labels=blind(to_test(family.candidates), proposals),
                executor=workers,
            )
        verdicts = with_untested(tests.verdicts, family.candidates)
        tests = replace(tests, verdicts=named_proposals(verdicts, proposals))
        proposal = None
        # To the Gaussian process, rows are independent and columns numbers.
        if clusters is None and not samples.categories:
            proposal = propose_for_table(
                samples.x,
                samples.y,
                len(samples.classes),
                samples.domain,
                family,
                tests.verdicts,
            )
    answers = Answers.of(tests, family, proposal)
    return SymmetryTests(
        _frame(answers.verdicts),
        list(answers.closure),
        answers.seconds,
        answers.proposal,
        answers.verdicts,
    )


test_symmetries.__test__ = False  # type: ignore[attr-defined]  # pytest would take it for a test


def _clusters(groups: ArrayLike, labels: NDArray[Any]) -> NDArray[np.int64]:
    """Return the number of each sample's cluster."""
    checked = check_array(groups, ensure_2d=False, dtype=None, input_name="groups")
    if checked.ndim != 1:
        raise ValueError(f"groups must have shape (n,); got shape {checked.shape}.")
    check_consistent_length(labels, checked)
    distinct, numbers = np.unique(checked, return_inverse=True)
    if len(distinct) < 2:
        raise ValueError(f"groups must hold two clusters or more; got only {shown(checked[0])}.")
    return np.asarray(numbers, np.int64)


def _frame(verdicts: Sequence[Verdict]) -> pd.DataFrame:
    rows = []
    for one in verdicts:
        inputs, task = one.inputs, one.task
        resolution = None if inputs is None else inputs.resolution
        low, high = (np.nan, np.nan) if task is None else task.interval
        rows.append(
            {
                "symmetry": one.name,
                "verdict": one.verdict,
                "use": one.use,
                "reason": one.reason,
                "p_joint": np.nan if inputs is None else inputs.p_joint,
                "p_x": np.nan if inputs is None else inputs.p_x,
                "resolution": np.nan if resolution is None else resolution,
                "unseen": () if inputs is None else inputs.unseen,
                "effect": np.nan if task is None else task.effect,
                "effect_low": low,
                "effect_high": high,
                "p_task": np.nan if task is None else task.p,
                "overlap": np.nan if task is None else task.overlap,
                "proposed_from": np.nan if one.proposed is None else one.proposed.proposed_from,
            }
        )
    return pd.DataFrame(rows, columns=["symmetry", *COLUMNS]).set_index("symmetry")
