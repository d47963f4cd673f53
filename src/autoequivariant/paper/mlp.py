"""The paper's MLP experiments with G-MNIST (arXiv 2104.04848), as plain records.

Single symmetries: each network with at most one of the twelve symmetries, on each data set with at
most one of the twelve transformations. Nothing is selected. Mixed settings: a search that sees the
training and validation sets only. Then the baseline, the best single symmetry and the network found
are trained alike and scored on the test set. With several seeds, all of that is done once a seed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import split
from autoequivariant.errors import DataError
from autoequivariant.paper.g_mnist import MIXES, SINGLES, transformed
from autoequivariant.paper.mlp_settings import RECIPES, MLPSettings
from autoequivariant.paper.mlp_tables import (
    RUN_KEYS,
    mlp_files,
    mlp_summary,
    section_name,
)
from autoequivariant.paper.reproduction import (
    Records,
    Reproduction,
    Workspace,
    network_record,
    score_record,
    search_record,
)
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.fit.final import FINAL_REPLICATE
from autoequivariant.searching.named import child_of
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.run_folder import STUDY
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child, Key
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.progress import PrefixedProgress


def mlp_reproduction(settings: MLPSettings) -> Reproduction:
    """Return the reproduction of the paper's MLP tables.

    Raises:
        AutoequivariantError: the data cannot be read or do not fit the settings.
    """
    samples = read(settings.source)
    if samples.x_test is None:
        raise DataError(
            f"{settings.source} has no test set, which the tables need: add "
            "t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte."
        )
    problem = make_experiment(settings.tables, samples).problem
    identity = {
        "data set": settings.dataset,
        "domains": settings.domains,
        "data fingerprint": samples.fingerprint(),
        "sampler": settings.sampler,
        "train size": settings.train_size,
        "epochs": settings.epochs,
        "seed": settings.seed,
        "device": problem.device.type,
    }
    return Reproduction(
        f"mlp-{section_name(settings.dataset, settings.domains)}",
        identity,
        lambda workspace: _records(settings, samples, problem, workspace),
        mlp_files,
        mlp_summary,
        {"mixes": list(settings.mixes), "budget": settings.budget, "seeds": settings.seeds},
        settings.executor,
    )


def _records(
    settings: MLPSettings, samples: Samples, problem: Problem, workspace: Workspace
) -> Records:
    """Return the records of one seed; with several, those of each beside what they share.

    The first seed has the folder itself, so that others can follow later.
    """
    workspace.announce(problem, None)
    runs = [_Experiment(settings, samples, problem, workspace).records()]
    for seed in range(settings.seed + 1, settings.seed + settings.seeds):
        own, name = replace(settings, seed=seed), f"seed-{seed}"
        experiment = make_experiment(own.tables, samples)
        progress = PrefixedProgress(workspace.progress, name)
        place = replace(workspace, folder=workspace.folder / name, progress=progress)
        runs.append(_Experiment(own, samples, experiment.problem, place).records())
    if settings.seeds == 1:
        return runs[0]
    shared = {name: value for name, value in runs[0].items() if name not in RUN_KEYS}
    return {**shared, "runs": [{name: run[name] for name in RUN_KEYS} for run in runs]}


@dataclass(frozen=True)
class _Mix:
    """A searched mixed setting: the networks to compare, and evaluations on validation."""

    name: str
    outcome: Outcome
    children: dict[str, Child]
    validated: dict[Key, Evaluation]


class _Experiment:
    def __init__(
        self, settings: MLPSettings, samples: Samples, problem: Problem, workspace: Workspace
    ) -> None:
        self.settings, self.samples = settings, samples
        self.problem, self.workspace = problem, workspace
        self.singles = [problem.space.child({k}) for k in range(len(problem.candidates))]

    def records(self) -> Records:
        names = ["baseline", *map(str, self.problem.candidates)]
        children = dict(zip(names, [self.problem.space.baseline, *self.singles], strict=True))
        stage = self.workspace.progress.stage
        stage("singles", len(SINGLES) * len(children))
        singles = [
            {"data": setting, "network": name, **score_record(evaluation)}
            for setting in SINGLES
            for name, evaluation in self._tested(setting, children).items()
        ]
        mixes = [self._searched(mix) for mix in self.settings.mixes]
        stage("final", sum(len(set(mix.children.values())) for mix in mixes))
        return {
            "dataset": self.settings.dataset,
            "domains": self.settings.domains,
            "train_size": self.settings.train_size,
            "epochs": self.settings.epochs,
            "test_size": self.problem.card.test_size,
            "singles": singles,
            "mixes": [self._mix_record(mix) for mix in mixes],
            "seed": self.settings.seed,
        }

    def _tested(self, setting: str, children: dict[str, Child]) -> dict[str, Evaluation]:
        """Return test evaluations of networks trained on the data of a setting."""

        def evaluator(executor: Executor) -> Evaluator:
            made = transformed(self.samples, setting, self.settings.seed)
            data = split(made, self.settings.train_size, None, self.settings.seed)
            return self.problem.evaluator(data.train, data.test, executor)

        wanted = list(children.values())
        found = self.workspace.evaluations(setting, wanted, evaluator, FINAL_REPLICATE)
        return dict(zip(children, found, strict=True))

    def _searched(self, mix: str) -> _Mix:
        recipe, seed = RECIPES[self.settings.dataset], self.settings.seed
        data = self.workspace.data(recipe, mix, self.settings.source, mix, seed)
        outcome = self.workspace.search(mix, self.settings.search(data))
        validated = self._validated(mix, outcome)

        def rank(child: Child) -> tuple[float, int, tuple[int, ...]]:
            evaluation = validated[child.key]  # of equal scores the smaller, then the first
            return -evaluation.score, evaluation.n_parameters, child.members

        children = {
            "baseline": self.problem.space.baseline,
            "best single": min(self.singles, key=rank),
            "found": child_of(outcome.problem, outcome.results.best),
        }
        return _Mix(mix, outcome, children, validated)

    def _validated(self, mix: str, outcome: Outcome) -> dict[Key, Evaluation]:
        """Return the search's evaluations; single symmetries that it did not train are trained as
        it would have.
        """
        problem = outcome.problem
        study = SearchStudy(outcome.folder / STUDY, problem.space.distributions, problem.directions)
        try:
            trained = study.trained()
        finally:
            study.close()
        missing = [child for child in self.singles if child.key not in trained]
        if not missing:
            return trained
        self.workspace.progress.stage(f"{mix} singles", len(missing))

        def evaluator(executor: Executor) -> Evaluator:
            data = make_experiment(problem.settings).data
            return problem.evaluator(data.train, data.validation, executor)

        found = self.workspace.evaluations(f"{mix}-validation", missing, evaluator, 0)
        return trained | {child.key: e for child, e in zip(missing, found, strict=True)}

    def _mix_record(self, mix: _Mix) -> dict[str, Any]:
        problem, tested = mix.outcome.problem, self._tested(mix.name, mix.children)
        keys = ("status", "sampler", "networks_trained", "distinct_networks")
        return {
            "data": mix.name,
            "transformations": MIXES[mix.name],
            "search": search_record(mix.outcome, *keys),
            "networks": [
                {
                    **network_record(name, problem, child, tested[name]),
                    "validation_score": mix.validated[child.key].score,
                }
                for name, child in mix.children.items()
            ],
        }
