"""Groups with sets of augmentations, from the networks of a run."""

from pathlib import Path

from autoequivariant.report.findings.augmentations import augmented_of
from autoequivariant.report.findings.networks import trained_networks
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run


def test_of_a_cnn(cnn_folder: Path) -> None:
    with replay_run(open_run(cnn_folder)) as record:
        networks = trained_networks(record.outcome, record.study)
        found = augmented_of(record.outcome.problem, networks)
    assert found is not None
    assert found.augmentations == ("hflip", "shear")
    assert found.groups[0] == "none"
    assert list(found.sets) == sorted(found.sets, key=len)
    scores = [score for line in found.scores for score in line if score is not None]
    assert len(scores) == len({n.key for n in networks if not n.is_pruned})
    assert max(scores) == max(n.score for n in networks if not n.is_pruned)


def test_without_augmentations_there_is_nothing(run_folder: Path) -> None:
    with replay_run(open_run(run_folder)) as record:
        networks = trained_networks(record.outcome, record.study)
        assert augmented_of(record.outcome.problem, networks) is None
