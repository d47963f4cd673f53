"""The paper's tables for MLPs, as plain records (arXiv 2104.04848, experiments with G-MNIST).

Single symmetries: each network that has at most one of the twelve, on each data set that was
transformed by at most one of them. Nothing is selected there. Mixed settings: a search that sees
train and validation only, then the plain network, the best single symmetry and what the search
found, trained alike and scored on test.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import Split, split
from autoequivariant.errors import DataError
from autoequivariant.evidence.intervals import mean_interval
from autoequivariant.paper.derived_data import make_data
from autoequivariant.paper.evaluation_file import recorded_or_trained
from autoequivariant.paper.g_mnist import MIXES, SETTINGS, transformed
from autoequivariant.paper.reproduction_settings import RECIPES, ReproductionSettings
from autoequivariant.searching.problem import Problem, make_problem
from autoequivariant.searching.run import Outcome, search
from autoequivariant.searching.selection.final import FINAL_REPLICATE
from autoequivariant.searching.storage.results import version
from autoequivariant.searching.storage.run_folder import STUDY, RunFolder, write_json
from autoequivariant.searching.storage.study import Key, SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.progress import NoProgress, PrefixedProgress, Progress

SINGLES = tuple(setting for setting in SETTINGS if setting not in MIXES)
"""The untransformed data set, and one for each of the paper's twelve transformations."""


@dataclass(frozen=True)
class Reproduction:
    """What came out.

    Attributes:
        results: what `results.json` holds.
        folder: where everything was written.
    """

    results: dict[str, Any]
    folder: Path


def reproduce(
    settings: ReproductionSettings,
    out: Path | None = None,
    progress: Progress | None = None,
    announce: Callable[[Problem], None] | None = None,
) -> Reproduction:
    """Train every network of the paper's MLP tables and score it on test.

    Run again with the same settings and folder, it goes on where it was: nothing recorded is
    trained again.

    Args:
        settings: what is asked.
        out: the folder. Default: `runs/reproduce-mlp-NAME`.
        progress: who watches. Default: nobody.
        announce: called with the problem of the tables before the first network is trained.

    Raises:
        AutoequivariantError: what is wrong and what to do.
        KeyboardInterrupt: a person asked to stop.
    """
    samples = read(settings.source)
    if samples.x_test is None:
        raise DataError(
            f"{settings.source} holds no test set, on which the tables are scored: add "
            "t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte."
        )
    problem = make_problem(settings.tables)
    identity = {
        "data set": settings.dataset,
        "data fingerprint": samples.fingerprint(),
        "sampler": settings.sampler,
        "train size": settings.train_size,
        "epochs": settings.epochs,
        "seed": settings.seed,
        "device": problem.device.type,
    }
    command = {"mixes": list(settings.mixes), "budget": settings.budget, "version": version()}
    path = Path("runs") / f"reproduce-mlp-{settings.dataset}" if out is None else out
    folder = RunFolder(path, identity, command, "reproduction")
    if announce is not None:
        announce(problem)
    work = _Work(settings, samples, problem, folder.path, progress or NoProgress())
    results = work.results()
    write_json(folder.results, results)
    return Reproduction(results, folder.path)


class _Work:
    def __init__(
        self,
        settings: ReproductionSettings,
        samples: Samples,
        problem: Problem,
        folder: Path,
        progress: Progress,
    ) -> None:
        self.settings = settings
        self.samples = samples
        self.problem = problem
        self.folder = folder
        self.progress = progress
        count = len(problem.candidates)
        self.plain = problem.space.baseline
        self.singles = [problem.space.child({k}) for k in range(count)]

    def results(self) -> dict[str, Any]:
        children = [self.plain, *self.singles]
        self.progress.stage("singles", len(SINGLES) * len(children))
        singles = [row for setting in SINGLES for row in self._single_rows(setting, children)]
        searched = [self._search(mix) for mix in self.settings.mixes]
        self.progress.stage("final", sum(len(set(one.children.values())) for one in searched))
        mixes = [self._mix_record(one) for one in searched]
        return {
            "dataset": self.settings.dataset,
            "train_size": self.settings.train_size,
            "epochs": self.settings.epochs,
            "test_size": len(self.problem.data.test),
            "singles": singles,
            "mixes": mixes,
            "seed": self.settings.seed,
            "version": version(),
        }

    def _single_rows(self, setting: str, children: list[Child]) -> list[dict[str, Any]]:
        names = ["plain", *map(str, self.problem.candidates)]
        found = self._tested(setting, children)
        return [
            {"data": setting, "network": name, **scored(evaluation)}
            for name, evaluation in zip(names, found, strict=True)
        ]

    def _tested(self, setting: str, children: list[Child]) -> list[Evaluation]:
        """Return how children do on test, fitted on as many samples as the tables say."""

        def splits() -> tuple[Split, Split]:
            made = transformed(self.samples, setting, self.settings.seed)
            data = split(made, self.settings.train_size, None, self.settings.seed)
            return data.train, data.test

        return self._evaluations(setting, children, self.problem, splits, FINAL_REPLICATE)

    def _evaluations(
        self,
        name: str,
        children: list[Child],
        problem: Problem,
        splits: Callable[[], tuple[Split, Split]],
        replicate: int,
    ) -> list[Evaluation]:
        """Return recorded evaluations; what is missing is trained and recorded."""
        path = self.folder / "records" / f"{name}.json"
        return recorded_or_trained(
            path, children, lambda: problem.evaluator(*splits()), replicate, self.progress
        )

    def _search(self, mix: str) -> _Searched:
        """Search a mixed data set in a folder of its own, as `aen search` does."""
        progress = PrefixedProgress(self.progress, mix)
        outcome = search(self.settings.search(self._made(mix)), self.folder / mix, progress)
        if outcome.choice is None:
            raise KeyboardInterrupt
        validated = self._validated(mix, outcome, progress)
        # Of equal ones the smaller, then the first.
        best = min(
            self.singles,
            key=lambda child: (
                -validated[child.key].score,
                validated[child.key].n_parameters,
                child.members,
            ),
        )
        children = {"base": self.plain, "best single": best, "found": outcome.choice.chosen.child}
        return _Searched(mix, outcome, children, validated)

    def _made(self, mix: str) -> Path:
        """Make a mixed data set, unless it is there whole."""
        path = self.folder / "data" / mix
        if not path.exists():
            part = path.with_name(f".{mix}.part")
            shutil.rmtree(part, ignore_errors=True)
            recipe = RECIPES[self.settings.dataset]
            make_data(recipe, self.settings.source, mix, self.settings.seed, part)
            part.rename(path)
        return path

    def _validated(self, mix: str, outcome: Outcome, progress: Progress) -> dict[Key, Evaluation]:
        """Return the search's scores on validation; single symmetries that it did not train are
        trained as it would have.
        """
        problem = outcome.problem
        study = SearchStudy(outcome.folder / STUDY, problem.space.distributions, problem.directions)
        try:
            trained = study.trained()
        finally:
            study.close()
        missing = [child for child in self.singles if child.key not in trained]
        if missing:
            progress.stage("singles", len(missing))
            data = problem.data
            found = self._evaluations(
                f"{mix}-validation", missing, problem, lambda: (data.train, data.validation), 0
            )
            trained |= {child.key: e for child, e in zip(missing, found, strict=True)}
        return trained

    def _mix_record(self, searched: _Searched) -> dict[str, Any]:
        problem, found = searched.outcome.problem, searched.outcome.results
        tested = self._tested(searched.mix, list(searched.children.values()))
        return {
            "data": searched.mix,
            "transformations": MIXES[searched.mix],
            "search": {
                name: found[name]
                for name in ("status", "sampler", "networks_trained", "distinct_networks")
            },
            "networks": [
                {
                    "network": name,
                    "symmetries": problem.names(child.members),
                    "generators": problem.names(problem.space.smallest_generators(child)),
                    "validation_score": searched.validated[child.key].score,
                    **scored(evaluation),
                }
                for (name, child), evaluation in zip(searched.children.items(), tested, strict=True)
            ],
        }


@dataclass(frozen=True)
class _Searched:
    """A search that ended: its networks by what they are in the table, and validation scores."""

    mix: str
    outcome: Outcome
    children: dict[str, Child]
    validated: dict[Key, Evaluation]


def scored(evaluation: Evaluation) -> dict[str, Any]:
    """Return what a row of a table says of a trained network."""
    return {
        "n_parameters": evaluation.n_parameters,
        "test_score": evaluation.score,
        "test_interval": list(mean_interval(evaluation.scores)),
    }
