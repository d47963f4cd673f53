"""The paper's CNN experiment (arXiv 2104.04848, section 5.2), as plain records.

Three networks with the same number of parameters, where the size is not searched: the baseline, the
baseline with the best augmentation, and the network found by a search over groups and
augmentations. Both searches see the training and validation sets only. Then the three networks are
trained alike on all training images and scored on the test set.
"""

from __future__ import annotations

from dataclasses import replace

from autoequivariant.data.registry import read
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import Split
from autoequivariant.paper.cnn_settings import CNNSettings
from autoequivariant.paper.cnn_tables import cnn_files, cnn_summary
from autoequivariant.paper.reproduction import (
    Records,
    Reproduction,
    Workspace,
    network_record,
    search_record,
)
from autoequivariant.paper.rot_mnist import check_rot_mnist
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.fit.final import FINAL_REPLICATE
from autoequivariant.searching.named import child_of
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.results import State
from autoequivariant.training.child import Child
from autoequivariant.training.loop import Training


def cnn_reproduction(settings: CNNSettings) -> Reproduction:
    """Return the reproduction of the paper's comparison of CNNs.

    Raises:
        AutoequivariantError: the data cannot be read or do not fit the settings.
    """
    original = settings.read()
    if settings.dataset == "rotmnist":
        check_rot_mnist(original)
    identity = {
        "data set": settings.dataset,
        "scale": settings.scale,
        "seed": settings.seed,
        "device": settings.device,
        "backbone": settings.backbone,
    }
    return Reproduction(
        f"cnn-{settings.name}",
        identity,
        lambda workspace: _records(settings, original, workspace),
        cnn_files,
        cnn_summary,
        executor=settings.executor,
    )


def _records(settings: CNNSettings, original: Samples, workspace: Workspace) -> Records:
    dataset, scale = settings.dataset, settings.amount
    data, samples = None, original
    if dataset == "rotmnist":
        data = workspace.data(dataset, dataset, settings.source, None, settings.seed)
        samples = read(data)
    searched = settings.search(data, with_symmetries=True)
    found = _search(workspace, "search", searched, samples)
    alone = settings.search(data, with_symmetries=False)
    augmented = _search(workspace, "augmentations", alone, samples)
    experiment = make_experiment(replace(searched, epochs=scale.final_epochs, fit="quick"), samples)
    training = experiment.problem.full_training(len(samples.y))
    keys = ("status", "networks_trained", "distinct_networks", "seconds")
    return {
        "dataset": settings.name,
        "scale": settings.scale,
        "reduced": scale.reduced,
        "train_size": len(samples.y),
        "epochs": training.epochs,
        "test_size": len(experiment.data.test),
        "backbone": scale.backbone,
        "searches": {
            "search": search_record(found, *keys),
            "augmentations": search_record(augmented, *keys),
        },
        **search_record(found, "importance"),
        "networks": _networks(
            workspace, experiment, Split(samples.x, samples.y), training, found, augmented
        ),
        "seed": settings.seed,
    }


def _search(workspace: Workspace, name: str, settings: SearchSettings, samples: Samples) -> Outcome:
    """Search; what it trains last is short too, as the networks of the table are trained after."""
    if settings.epochs is None:
        epochs = make_experiment(settings, samples).problem.training.epochs
        settings = replace(settings, epochs=epochs)
    return workspace.search(name, settings, samples, workspace.announce)


def _networks(
    workspace: Workspace,
    experiment: Experiment,
    training_set: Split,
    training: Training,
    found: Outcome,
    augmented: Outcome,
) -> list[Records]:
    """Train the networks of the table and return their records."""
    problem = experiment.problem
    finalists = [row for row in augmented.results.finalists if row.augmentations]
    chosen = _same_state(problem, found, found.results.best)
    baseline = problem.space.baseline_of(chosen)
    children = {
        "baseline": baseline,
        "best augmentation": _same_state(problem, augmented, finalists[0])
        if finalists
        else baseline,
        "found": chosen,
    }
    workspace.progress.stage("final", len(set(children.values())))
    evaluations = workspace.evaluations(
        "final",
        list(children.values()),
        lambda executor: problem.evaluator(training_set, experiment.data.test, executor, training),
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
