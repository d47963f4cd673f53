"""The paper's CNN experiment (arXiv 2104.04848, section 5.2), as plain records.

Three networks with the same number of parameters: the baseline, the baseline with the best
augmentation, and the network found by a search over groups and augmentations. Both searches see the
training and validation sets only. Then the three networks are trained alike on all training images
and scored on the test set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import Split
from autoequivariant.errors import SettingsError
from autoequivariant.paper.cnn_tables import cnn_files, cnn_summary
from autoequivariant.paper.reproduction import (
    Records,
    Reproduction,
    Workspace,
    network_record,
    refuse,
    refuse_unknown,
    search_record,
)
from autoequivariant.paper.rot_mnist import check_rot_mnist
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.outcome import Outcome, child_of
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.final import FINAL_REPLICATE
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.results import State
from autoequivariant.training.child import Child

ORIGINALS = {"rotmnist": "mnist", "cifar10": "cifar10"}
"""The data sets, and the names under which their files are read."""


@dataclass(frozen=True)
class Scale:
    """How much a reproduction trains.

    Attributes:
        backbone, size: of all networks.
        budget: most networks in the search over groups and augmentations.
        augmentation_budget: most networks in the search over augmentations alone.
        train_size, epochs: of both searches.
        final_epochs: of the networks in the table, on all training images.
        reduced: what is smaller than in the paper, in words.
    """

    backbone: str
    size: str
    budget: int
    augmentation_budget: int
    train_size: int
    epochs: int
    final_epochs: int
    reduced: str


SCALES = {
    "cpu": Scale(
        backbone="paper",
        size="small",
        budget=32,
        augmentation_budget=16,
        train_size=4000,
        epochs=4,
        final_epochs=10,
        reduced="one size instead of two, 4,000 images and 4 epochs in the searches, at most 32 "
        "networks, 16 with augmentations alone, and 10 epochs for the networks of the table",
    ),
    "gpu": Scale(
        backbone="residual",
        size="large",
        budget=250,
        augmentation_budget=64,
        train_size=9000,
        epochs=10,
        final_epochs=100,
        reduced="nothing intentionally; 9,000 images and 10 epochs in the searches, 100 epochs for "
        "the networks of the table",
    ),
}


@dataclass(frozen=True)
class CNNSettings:
    """Options of the CNN reproduction.

    Attributes:
        dataset: `rotmnist`, derived from MNIST, or `cifar10`.
        source: MNIST's IDX files, or CIFAR-10 in a form that `aen search cifar10 --source` reads.
        scale: `cpu`, half an hour on two cores, or `gpu`.
        seed: of all random numbers.
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
        problems = [
            *refuse_unknown("--dataset", [self.dataset], ORIGINALS),
            *refuse_unknown("--scale", [self.scale], SCALES),
        ]
        refuse(problems, lambda: SearchSettings(data=self.dataset, seed=self.seed))

    def search(self, data: Path | None, with_symmetries: bool) -> SearchSettings:
        """Settings of a search.

        Args:
            data: the folder of the derived data set. None: the data set is read from `source`.
            with_symmetries: search over groups and augmentations, or augmentations alone.
        """
        scale = SCALES[self.scale]
        return SearchSettings(
            data=self.dataset if data is None else str(data),
            source=self.source if data is None else None,
            network="cnn",
            tests=False,
            smallest=True,
            symmetries=None if with_symmetries else (),
            backbone=scale.backbone,
            sizes=(scale.size,),
            budget=scale.budget if with_symmetries else scale.augmentation_budget,
            train_size=scale.train_size,
            epochs=scale.epochs,
            seed=self.seed,
            device=self.device,
        )


def cnn_reproduction(settings: CNNSettings) -> Reproduction:
    """Return the reproduction of the paper's comparison of CNNs.

    Raises:
        AutoequivariantError: the data cannot be read or do not fit the settings.
    """
    if not settings.source.exists():
        raise SettingsError(f"--source {str(settings.source)!r} does not exist: check the path.")
    original = read(ORIGINALS[settings.dataset], source=settings.source)
    if settings.dataset == "rotmnist":
        check_rot_mnist(original)
    identity = {
        "data set": settings.dataset,
        "scale": settings.scale,
        "seed": settings.seed,
        "device": settings.device,
    }
    return Reproduction(
        f"cnn-{settings.dataset}",
        identity,
        lambda workspace: _records(settings, original, workspace),
        cnn_files,
        cnn_summary,
    )


def _records(settings: CNNSettings, original: Samples, workspace: Workspace) -> Records:
    dataset, scale = settings.dataset, SCALES[settings.scale]
    data, samples = None, original
    if dataset == "rotmnist":
        data = workspace.data(dataset, dataset, settings.source, None, settings.seed)
        samples = read(data)
    searched = settings.search(data, with_symmetries=True)
    found = workspace.search("search", searched, samples, workspace.announce)
    alone = settings.search(data, with_symmetries=False)
    augmented = workspace.search("augmentations", alone, samples, workspace.announce)
    experiment = make_experiment(replace(searched, epochs=scale.final_epochs), samples)
    keys = ("status", "networks_trained", "distinct_networks", "seconds")
    return {
        "dataset": dataset,
        "scale": settings.scale,
        "reduced": scale.reduced,
        "train_size": len(samples.y),
        "epochs": scale.final_epochs,
        "test_size": len(experiment.data.test),
        "backbone": scale.backbone,
        "searches": {
            "search": search_record(found, *keys),
            "augmentations": search_record(augmented, *keys),
        },
        **search_record(found, "importance"),
        "networks": _networks(workspace, experiment, Split(samples.x, samples.y), found, augmented),
        "seed": settings.seed,
    }


def _networks(
    workspace: Workspace,
    experiment: Experiment,
    training_set: Split,
    found: Outcome,
    augmented: Outcome,
) -> list[Records]:
    """Train the networks of the table and return their records."""
    problem = experiment.problem
    finalists = [row for row in augmented.results.finalists if row.augmentations]
    children = {
        "baseline": problem.space.baseline,
        "best augmentation": _same_state(problem, augmented, finalists[0])
        if finalists
        else problem.space.baseline,
        "found": _same_state(problem, found, found.results.best),
    }
    workspace.progress.stage("final", len(set(children.values())))
    evaluations = workspace.evaluations(
        "final",
        list(children.values()),
        lambda executor: problem.evaluator(training_set, experiment.data.test, executor),
        FINAL_REPLICATE,
    )
    return [
        network_record(name, problem, child, evaluation)
        for (name, child), evaluation in zip(children.items(), evaluations, strict=True)
    ]


def _same_state(problem: Problem, outcome: Outcome, row: State) -> Child:
    """Return the child with the same state in a problem that may have other candidates."""
    searched, child = outcome.problem, child_of(outcome.problem, row)
    names = {searched.space.names[number] for number in child.members}
    state = (number for number, name in enumerate(problem.space.names) if name in names)
    return problem.space.child(state, child.width)
