"""The paper's comparison for CNNs, as plain records (arXiv 2104.04848, section 5.2).

Three networks of the same number of weights: the plain CNN, the plain CNN with the best
augmentation, and what a search over groups and augmentations found. Both searches see train and
validation only; then the three are trained alike on all training images and scored on test.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from autoequivariant.data.registry import read
from autoequivariant.data.split import Split
from autoequivariant.errors import SettingsError
from autoequivariant.paper.derived_data import make_data
from autoequivariant.paper.evaluation_file import recorded_or_trained
from autoequivariant.paper.mlp_reproduction import Reproduction, scored
from autoequivariant.paper.rot_mnist import check_rotatable
from autoequivariant.searching.problem import Problem, make_problem
from autoequivariant.searching.run import Outcome, search
from autoequivariant.searching.selection.final import FINAL_REPLICATE
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.results import version
from autoequivariant.searching.storage.run_folder import RunFolder, write_json
from autoequivariant.training.child import Child
from autoequivariant.training.progress import NoProgress, PrefixedProgress, Progress

CNN_DATASETS = ("rotmnist", "cifar10")
SEARCH, AUGMENTATIONS_ALONE = "search", "augmentations"


@dataclass(frozen=True)
class Scale:
    """How much is trained.

    Attributes:
        body, size: of all networks.
        budget, augmentation_budget: networks of the two searches.
        train_size, epochs: of the searches.
        final_epochs: of the three networks, on all training images.
        cut: what is less than in the paper, in words.
    """

    backbone: str
    size: str
    budget: int
    augmentation_budget: int
    train_size: int
    epochs: int
    final_epochs: int
    cut: str


SCALES = {
    "cpu": Scale(
        backbone="paper",
        size="small",
        budget=32,
        augmentation_budget=16,
        train_size=4000,
        epochs=4,
        final_epochs=10,
        cut="one size instead of two, 4,000 images and 4 epochs in the search, at most 32 networks "
        "of it and 16 of the augmentations alone, and 10 epochs for the networks of the table",
    ),
    "gpu": Scale(
        backbone="residual",
        size="large",
        budget=250,
        augmentation_budget=64,
        train_size=9000,
        epochs=10,
        final_epochs=100,
        cut="nothing on purpose: 9,000 images and 10 epochs in the search, 100 epochs for the "
        "networks of the table",
    ),
}


@dataclass(frozen=True)
class CNNReproductionSettings:
    """Options of a reproduction.

    Attributes:
        dataset: `rotmnist`, made from MNIST, or `cifar10`.
        source: MNIST's IDX files, or CIFAR-10 in one of the forms that `aen search cifar10
            --source` reads.
        scale: `cpu`, for half an hour on two cores, or `gpu`.
        seed: of everything random.
        device: `cpu` or `cuda`.

    Raises:
        SettingsError: names every value that cannot be used.
    """

    dataset: str
    source: Path
    scale: str = "cpu"
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        troubles = []
        if self.dataset not in CNN_DATASETS:
            troubles.append(f"--dataset knows {', '.join(CNN_DATASETS)}, not {self.dataset!r}.")
        if self.scale not in SCALES:
            troubles.append(f"--scale knows {', '.join(SCALES)}, not {self.scale!r}.")
        if self.seed < 0:
            troubles.append(f"--seed must be 0 or more, not {self.seed}.")
        if troubles:
            raise SettingsError(" ".join(troubles))

    def search(self, data: Path, with_symmetries: bool) -> SearchSettings:
        """What is asked of a search."""
        scale = SCALES[self.scale]
        return SearchSettings(
            data=str(data) if self.dataset == "rotmnist" else self.dataset,
            source=None if self.dataset == "rotmnist" else self.source,
            network="cnn",
            symmetries=None if with_symmetries else (),
            backbone=scale.backbone,
            sizes=(scale.size,),
            budget=scale.budget if with_symmetries else scale.augmentation_budget,
            train_size=scale.train_size,
            epochs=scale.epochs,
            seed=self.seed,
            device=self.device,
        )


def reproduce_cnn(
    settings: CNNReproductionSettings,
    out: Path | None = None,
    progress: Progress | None = None,
    announce: Callable[[Problem], None] | None = None,
) -> Reproduction:
    """Search twice, train the three networks of the table and score them on test.

    Run again with the same settings and folder, it goes on where it was: nothing recorded is
    trained again.

    Args:
        settings: what is asked.
        out: the folder. Default: `runs/reproduce-cnn-NAME`.
        progress: who watches. Default: nobody.
        announce: called with the problem of each search before its first network is trained.

    Raises:
        AutoequivariantError: what is wrong and what to do.
        KeyboardInterrupt: a person asked to stop.
    """
    identity = {
        "data set": settings.dataset,
        "scale": settings.scale,
        "seed": settings.seed,
        "device": settings.device,
    }
    if not settings.source.exists():
        raise SettingsError(f"There is no --source {str(settings.source)!r}: check the path.")
    if settings.dataset == "rotmnist":
        check_rotatable(read("mnist", source=settings.source))  # before anything is written
    path = Path("runs") / f"reproduce-cnn-{settings.dataset}" if out is None else out
    folder = RunFolder(path, identity, {"version": version()}, "reproduction")
    work = _Work(settings, folder.path, progress or NoProgress(), announce)
    results = work.results()
    write_json(folder.results, results)
    return Reproduction(results, folder.path)


class _Work:
    def __init__(
        self,
        settings: CNNReproductionSettings,
        folder: Path,
        progress: Progress,
        announce: Callable[[Problem], None] | None,
    ) -> None:
        self.settings = settings
        self.scale = SCALES[settings.scale]
        self.folder = folder
        self.progress = progress
        self.announce = announce

    def results(self) -> dict[str, Any]:
        data = self._data()
        found = self._search(data, SEARCH, with_symmetries=True)
        alone = self._search(data, AUGMENTATIONS_ALONE, with_symmetries=False)
        settings = self.settings.search(data, with_symmetries=True)
        problem = make_problem(replace(settings, epochs=self.scale.final_epochs))
        samples = read(settings.data, source=settings.source)
        everything = Split(samples.x, samples.y)
        children = {
            "base": problem.space.baseline,
            "best augmentation": self._same_state(problem, alone, _most_accurate(alone)),
            "found": self._same_state(problem, found, _chosen(found)),
        }
        self.progress.stage("final", len(set(children.values())))
        with problem.workers:
            evaluations = recorded_or_trained(
                self.folder / "records" / "final.json",
                list(children.values()),
                lambda: problem.evaluator(everything, problem.data.test),
                FINAL_REPLICATE,
                self.progress,
            )
        return {
            "dataset": self.settings.dataset,
            "scale": self.settings.scale,
            "cut": self.scale.cut,
            "train_size": len(everything),
            "epochs": self.scale.final_epochs,
            "test_size": len(problem.data.test),
            "backbone": self.scale.backbone,
            "searches": {
                name: {
                    key: one.results[key]
                    for key in ("status", "networks_trained", "distinct_networks", "seconds")
                }
                for name, one in ((SEARCH, found), (AUGMENTATIONS_ALONE, alone))
            },
            "importance": found.results["importance"],
            "networks": [
                {
                    "network": name,
                    "symmetries": problem.symmetries(child.members),
                    "generators": problem.symmetries(problem.space.smallest_generators(child)),
                    "augmentations": problem.augmentations(child.members),
                    **scored(evaluation),
                }
                for (name, child), evaluation in zip(children.items(), evaluations, strict=True)
            ],
            "seed": self.settings.seed,
            "version": version(),
        }

    def _data(self) -> Path:
        """Make RotMNIST, unless it is there whole."""
        path = self.folder / "data" / self.settings.dataset
        if self.settings.dataset == "rotmnist" and not path.exists():
            part = path.with_name(f".{path.name}.part")
            shutil.rmtree(part, ignore_errors=True)
            make_data("rotmnist", self.settings.source, None, self.settings.seed, part)
            part.rename(path)
        return path

    def _search(self, data: Path, name: str, with_symmetries: bool) -> Outcome:
        progress = PrefixedProgress(self.progress, name)
        settings = self.settings.search(data, with_symmetries)
        outcome = search(settings, self.folder / name, progress, self.announce)
        if outcome.choice is None:
            raise KeyboardInterrupt
        return outcome

    def _same_state(self, problem: Problem, outcome: Outcome, child: Child) -> Child:
        """The child of the same state in a problem whose candidates may be others."""
        names = {outcome.problem.space.names[number] for number in child.members}
        state = (number for number, name in enumerate(problem.space.names) if name in names)
        return problem.space.child(state, child.width)


def _chosen(outcome: Outcome) -> Child:
    if outcome.choice is None:
        raise KeyboardInterrupt
    return outcome.choice.chosen.child


def _most_accurate(outcome: Outcome) -> Child:
    """The most accurate finalist that is augmented; the plain network where there is none."""
    if outcome.choice is None:
        raise KeyboardInterrupt
    augmented = [finalist for finalist in outcome.choice.finalists if finalist.child.members]
    return augmented[0].child if augmented else outcome.problem.space.baseline
