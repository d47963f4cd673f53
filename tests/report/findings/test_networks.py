"""Networks of a run in the order of training."""

from itertools import accumulate
from pathlib import Path

from autoequivariant.report.findings.networks import trained_networks
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run

from ..outcomes import interrupted


def test_of_a_run(run_folder: Path) -> None:
    with replay_run(open_run(run_folder)) as record:
        networks = trained_networks(record.outcome, record.study)
        results = record.outcome.results
        unfinished = trained_networks(interrupted(record.outcome), record.study)
    assert len(networks) == results.networks_trained
    assert [n.number for n in networks] == list(range(1, len(networks) + 1))
    assert networks[0].is_baseline and sum(n.is_baseline for n in networks) == 1
    assert [n.best for n in networks] == list(accumulate((n.score for n in networks), max))
    (chosen,) = (n for n in networks if n.is_chosen)
    assert chosen.n_parameters == results.best.n_parameters
    assert max(networks, key=lambda n: n.score).on_front
    assert all(n.interval[0] <= n.score <= n.interval[1] for n in networks)
    assert not any(n.is_chosen for n in unfinished)
