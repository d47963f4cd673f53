"""The diagram: every closed state once, and lines only between neighbours."""

from itertools import product
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from autoequivariant.report.findings.networks import trained_networks
from autoequivariant.report.findings.symmetries.hasse import _covers, hasse_of
from autoequivariant.runs.replay import replay_run
from autoequivariant.runs.run import open_run

STATES = st.sets(st.frozensets(st.integers(0, 4)), min_size=1, max_size=12)


@given(STATES)
@settings(deadline=None)
def test_neighbours_have_nothing_between_them(sets: set[frozenset[int]]) -> None:
    states = [tuple(sorted(s)) for s in sets]
    slow = {
        (a, b)
        for a, b in product(range(len(states)), repeat=2)
        if set(states[a]) < set(states[b])
        and not any(set(states[a]) < set(c) < set(states[b]) for c in states)
    }
    assert set(_covers(states)) == slow


def test_of_a_run(run_folder: Path) -> None:
    with replay_run(open_run(run_folder)) as record:
        problem = record.outcome.problem
        networks = trained_networks(record.outcome, record.study)
        diagram = hasse_of(problem, networks)
    assert len(diagram.nodes) == problem.space.size
    assert diagram.hidden == 0
    assert sum(node.is_baseline for node in diagram.nodes) == 1
    assert sum(node.is_chosen for node in diagram.nodes) == 1
    assert sum(node.trained for node in diagram.nodes) == len(networks)
    assert {node.y for node in diagram.nodes} == {len(node.members) for node in diagram.nodes}
    places = {(node.x, node.y) for node in diagram.nodes}
    assert len(places) == len(diagram.nodes)
    for a, b in diagram.edges:
        assert set(diagram.nodes[a].members) < set(diagram.nodes[b].members)


def test_a_cnn_shows_its_groups(cnn_folder: Path) -> None:
    with replay_run(open_run(cnn_folder)) as record:
        networks = trained_networks(record.outcome, record.study)
        diagram = hasse_of(record.outcome.problem, networks)
    assert [node.members for node in diagram.nodes] == [
        (),
        ("hflip",),
        ("vflip",),
        ("hflip", "vflip"),
    ]
    assert len(diagram.edges) == 4
