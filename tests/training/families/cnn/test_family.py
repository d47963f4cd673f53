"""Group CNNs in a search: canonical states, and results that do not depend on company."""

from collections.abc import Sequence as Several
from functools import cache
from itertools import combinations

import numpy as np
import pytest
import torch

from autoequivariant.data.split import Split
from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import CustomAction, Symmetry, parse_symmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.cnn.augmentation import AUGMENTATIONS, Augmentation, Drawn
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.families.cnn.family import CNNFamily
from autoequivariant.training.families.cnn.kind import ONE_POSITION
from autoequivariant.training.loop import Training
from autoequivariant.training.pruning import STARTUP, Pruning
from autoequivariant.training.tasks import task_of

CPU = torch.device("cpu")
GRID = Grid(8, 8)


@cache
def family(
    symmetries: str = "rot90,hflip,vflip", augmentations: tuple[str, ...] = AUGMENTATIONS
) -> CNNFamily:
    candidates = tuple(map(Symmetry, symmetries.split(","))) if symmetries else ()
    return CNNFamily(CNNArchitecture(1, GRID, 3, width=4), candidates, augmentations)


def numbers(made: CNNFamily, names: str) -> frozenset[int]:
    return frozenset(made.names.index(name) for name in names.split())


def states(made: CNNFamily) -> list[frozenset[int]]:
    every = range(len(made.names))
    return [frozenset(s) for n in range(len(made.names) + 1) for s in combinations(every, n)]


# --- canonical states -----------------------------------------------------------------------------

CLOSURES = [
    ("", ""),
    ("rot90", "rot90"),
    ("rot90 hflip", "rot90 hflip vflip"),
    ("rot90 vflip", "rot90 hflip vflip"),
    ("hflip vflip", "hflip vflip"),
    ("hflip augment_hflip", "hflip"),  # the network is invariant to it anyway
    ("hflip augment_vflip", "hflip augment_vflip"),
    ("rot90 hflip augment_vflip augment_shear", "rot90 hflip vflip augment_shear"),
    ("rot90 augment_rotation", "rot90 augment_rotation"),
]


@pytest.mark.parametrize(("state", "expected"), CLOSURES)
def test_a_state_and_its_canonical_form(state: str, expected: str) -> None:
    made = family()
    closed = made.closure(numbers(made, state))
    assert closed == numbers(made, expected)
    assert made.closure(closed) == closed


GROUPS = ("", "rot90", "rot180", "hflip", "vflip", "transpose", "antitranspose")
GROUPS += ("rot180 hflip", "rot180 transpose", "rot90 hflip")


def test_an_augmentation_is_off_where_the_network_does_not_see_it() -> None:
    """Measured on networks of all ten groups, and every augmentation."""
    made = family("rot90,rot180,hflip,vflip,transpose,antitranspose")
    x = torch.rand(6, 1, *GRID.shape, generator=torch.Generator().manual_seed(0))
    assert len({made.states.group(numbers(made, names)) for names in GROUPS}) == 10
    off = set()
    for names in GROUPS:
        state = numbers(made, names)
        model = EquivariantCNN(made.architecture, made.states.group(state)).eval()
        for name in AUGMENTATIONS:
            moved = Augmentation((name,))(x, torch.Generator().manual_seed(1))
            with torch.no_grad():
                is_seen = not torch.allclose(model(moved), model(x), atol=1e-4)
            augment = made.names.index(f"augment_{name}")
            assert (augment in made.closure({*state, augment})) == is_seen, (names, name)
            off |= set() if is_seen else {name}
    assert off == {"hflip", "vflip"}


COUNTS = [
    # 6 groups; 64 augmentations for the trivial one and C4, 32 for each mirror, 16 for two
    ("rot90,hflip,vflip", AUGMENTATIONS, 64 + 64 + 32 + 32 + 16 + 16),
    ("rot90,rot180,hflip,vflip", AUGMENTATIONS, 224 + 64),
    ("rot90,rot180,hflip,vflip,transpose,antitranspose", (), 10),
    ("", ("shear", "hflip"), 4),
    ("hflip", ("hflip",), 3),
]


@pytest.mark.parametrize(("symmetries", "augmentations", "count"), COUNTS)
def test_every_canonical_state_is_listed_once(
    symmetries: str, augmentations: tuple[str, ...], count: int
) -> None:
    made = family(symmetries, augmentations)
    listed = made.closed_states(10_000)
    assert listed.complete
    assert len(listed.closed_states) == len({n.members for n in listed.closed_states}) == count
    assert {frozenset(n.members) for n in listed.closed_states} == set(
        map(made.closure, states(made))
    )
    for network in listed.closed_states:
        assert made.closure(network.generators) == frozenset(network.members)
        smallest = made.smallest_generators(network.members, 1)
        assert len(smallest) == len(network.generators)
        assert made.closure(smallest) == frozenset(network.members)
    sizes = [len(network.generators) for network in listed.closed_states]
    assert sizes == sorted(sizes)
    assert not made.closed_states(count - 1).complete


def test_excluded_candidates_are_in_no_canonical_state() -> None:
    made = family("rot90,rot180,hflip,vflip", ("shear", "hflip"))
    whole = made.closed_states(10_000).closed_states
    found = made.closed_states(10_000, frozenset({0, 3})).closed_states
    assert set(found) == {one for one in whole if not {0, 3} & set(one.members)}
    assert 1 < len(found) < len(whole)


def test_the_papers_1024_states_are_448_networks() -> None:
    space = Space(family(), 10_000, (4, 8))
    assert 2 ** len(space.names) * len(space.widths) == 1024
    assert space.size == 448
    for child in space.children:
        assert space.child_at(space.point(child)) == child


def test_all_groups_have_about_as_many_weights() -> None:
    space = Space(family(), 10_000, (16,))
    wide = [child for child in space.children if child.width == 16]
    counts = {space.count_parameters(child) for child in wide}
    assert max(counts) <= 1.05 * min(counts)


def own(name: str, like: str, outputs: list[int]) -> Symmetry:
    return Symmetry(name, custom=CustomAction(like=Symmetry(like), outputs=Permutation(outputs)))


def family_of(domain: Domain, *candidates: Symmetry, channels: int = 1) -> CNNFamily:
    return CNNFamily(CNNArchitecture(channels, domain, 3, width=4), candidates, ())


MIRROR = own("mirror", "hflip", [1, 0, 2])
WIDER_CLOSURES: list[tuple[CNNFamily, str, str]] = [
    (family_of(GRID, MIRROR, Symmetry("rot90"), Symmetry("rot180")), "mirror rot90",
     "mirror rot90 rot180"),
    (family_of(GRID, MIRROR, Symmetry("hflip")), "mirror", "mirror"),
    (family_of(GRID, *parse_symmetries("translate_x:1,translate_x:2,translate_y:2,rot90")),
     "translate_x:2", "translate_x:1 translate_x:2"),
    (family_of(GRID, *parse_symmetries("translate_x:1,translate_y:2,rot90")),
     "translate_x:1 rot90", "translate_x:1 translate_y:2 rot90"),
    (family_of(Sequence(16), *parse_symmetries("reverse_complement,reverse"), channels=4),
     "reverse", "reverse"),
    (family_of(Volume(8, 8, 8), *parse_symmetries("rot90_xy,rot90_yz,rot90_xz,flip_z")),
     "rot90_xy rot90_yz", "rot90_xy rot90_yz rot90_xz"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "state", "expected"), WIDER_CLOSURES)
def test_closures_of_what_moves_channels_outputs_and_along_axes(
    made: CNNFamily, state: str, expected: str
) -> None:
    assert made.closure(numbers(made, state)) == numbers(made, expected)
    generators = made.smallest_generators(numbers(made, expected), 1)
    assert made.closure(generators) == numbers(made, expected)


def test_a_mirror_that_moves_outputs_does_not_imply_its_augmentation() -> None:
    made = CNNFamily(CNNArchitecture(1, GRID, 3, width=4), (MIRROR,), ("hflip",))
    assert made.closed_states(9).complete and len(made.closed_states(9).closed_states) == 4


def test_contradictions_are_warned_of() -> None:
    assert family_of(GRID, MIRROR, Symmetry("rot90")).warnings == ()
    (warning,) = family_of(GRID, MIRROR, Symmetry("hflip")).warnings
    assert "contradict each other: some product of them leaves samples unchanged" in warning


def test_simplest_are_the_smallest_with_the_fewest_symmetries() -> None:
    made = family_of(GRID, *parse_symmetries("hflip,translate_x:1"))
    space = Space(made, 99, (4, 8))
    keys = [made.simplicity(child) for child in space.children]
    # Sums over two levels and the head.
    assert sorted(keys)[0] == (4, 3, 0, 0) and sorted(keys)[-1] == (8, 6, 3, 0)


# --- training -------------------------------------------------------------------------------------


def splits() -> tuple[Split, Split]:
    """Three noisy patterns, each turned by a random multiple of 90 degrees."""
    rng = np.random.default_rng(0)
    patterns = rng.normal(size=(3, *GRID.shape))
    y = np.arange(150) % 3
    turns = rng.integers(0, 4, len(y))
    x = np.stack([np.rot90(patterns[c], k) for c, k in zip(y, turns, strict=True)])
    x = (x + rng.normal(size=x.shape) / 2)[:, None].astype(np.float32)
    return Split(x[:90], y[:90]), Split(x[90:], y[90:])


def evaluator(seed: int = 0, executor: Executor | None = None) -> Evaluator:
    training = Training(2, batch_size=16, learning_rate=1e-2)
    return Evaluator(family(), *splits(), training, seed, CPU, executor=executor)


def evaluated(
    given: Evaluator, some: Several[Child], replicate: int = 0, pruning: Pruning | None = None
) -> list[Evaluation]:
    found: dict[Child, Evaluation] = {}
    for part, evaluations in given.evaluate(some, replicate, lambda count: None, pruning):
        found |= dict(zip(part, evaluations, strict=True))
    return [found[child] for child in some]


def rows(evaluations: Several[Evaluation]) -> np.ndarray:
    return np.array([one.scores for one in evaluations])


def some_children() -> list[Child]:
    space = Space(family(), 10_000)
    names = ("", "rot90", "rot90 hflip", "augment_rotation augment_shear", "hflip augment_vflip")
    return [space.child(numbers(family(), name)) for name in names]


@pytest.mark.slow
def test_results_depend_on_the_child_and_the_seed_alone() -> None:
    some = some_children()
    wanted = evaluated(evaluator(), some)
    assert np.array_equal(rows(evaluated(evaluator(), some[::-1])[::-1]), rows(wanted))
    assert np.array_equal(rows(evaluated(evaluator(), some[2:3])), rows(wanted[2:3]))
    with LocalExecutor(2, seconds_alone=0) as workers:
        assert np.array_equal(rows(evaluated(evaluator(executor=workers), some)), rows(wanted))
    assert not np.array_equal(rows(evaluated(evaluator(1), some)), rows(wanted))
    assert not np.array_equal(rows(evaluated(evaluator(), some, 1)), rows(wanted))


def test_on_step_counts_the_steps_of_children() -> None:
    given, counts = evaluator(), []
    list(given.evaluate(some_children()[:2], 0, counts.append))
    assert given.steps == 2 * 6
    assert sum(counts) == 2 * given.steps


def test_steps_that_do_not_fit_are_left_out() -> None:
    counts: list[int] = []
    given = Evaluator(family(), *splits(), Training(2, batch_size=16, seconds=0.0), 0, CPU)
    (network,) = given.trainer.train(0, some_children()[:1], counts.append)
    assert counts == [1]
    assert len(network.scores) == 60


@pytest.mark.parametrize("names", ["", "augment_translation", "augment_vflip"])
def test_pictures_are_augmented_anew_in_every_epoch(
    monkeypatch: pytest.MonkeyPatch, names: str
) -> None:
    seen = []

    class Watched(Augmentation):
        def apply(self, x: torch.Tensor, drawn: Drawn) -> torch.Tensor:
            seen.append(super().apply(x, drawn))
            return seen[-1]

    monkeypatch.setattr("autoequivariant.training.families.cnn.trainer.Augmentation", Watched)
    fit, score = splits()
    training = Training(3, batch_size=len(fit))  # a step an epoch, of all pictures
    child = Space(family(), 10_000).child(numbers(family(), names))
    given = Evaluator(family(), fit, score, training, 0, CPU)
    evaluated(given, [child])
    rows_of_epochs = [{tuple(picture.flatten().tolist()) for picture in x} for x in seen]
    first, second, third = rows_of_epochs
    assert (first == second) == (second == third) == (not names)


@pytest.mark.parametrize("backbone", ["pyramid", "paper", "residual"])
def test_a_last_batch_of_one_picture_is_no_trouble(backbone: str) -> None:
    """Of the smallest pictures that are searched, which are pooled most."""
    grid = Grid(4, ONE_POSITION + 1)
    made = CNNFamily(CNNArchitecture(1, grid, 2, backbone, width=4), (), ("shear",))
    some = Split(np.random.default_rng(0).random((9, 1, 4, 5), np.float32), np.arange(9) % 2)
    given = Evaluator(made, some, some, Training(1, batch_size=8), 0, CPU)
    assert [one.scores.size for one in evaluated(given, [Space(made, 9).baseline])] == [9]


def test_finished_networks_take_samples_as_they_are_and_are_invariant() -> None:
    given, some = evaluator(), some_children()
    _, score = splits()
    x = torch.from_numpy(score.x)
    networks = given.trainer.train(0, some, lambda count: None)
    for child, finished, evaluation in zip(some, networks, evaluated(given, some), strict=True):
        assert np.array_equal(finished.scores, evaluation.scores)
        assert finished.n_parameters == evaluation.n_parameters
        assert finished.n_parameters == family().count_parameters(child.generators, child.width)
        assert isinstance(finished.model, EquivariantCNN)
        answers = finished.model.eval()(x).argmax(1).numpy()
        assert np.array_equal(answers == score.y, finished.scores)
        measured = finished.model.cpu().claimed_error(x[:8].float())
        assert (measured is None) == (finished.model.group.order == 1)
        assert measured is None or measured.error < 1e-4


def test_poor_children_are_given_up_and_the_plain_network_never_is() -> None:
    some = some_children()
    unreachable = Pruning("median", 2, ((1.0, 1.0),) * STARTUP)
    found = evaluated(evaluator(), some, pruning=unreachable)
    assert [one.pruned for one in found] == [False, True, True, True, True]
    assert [len(one.curve) for one in found] == [2, 1, 1, 1, 1]
    easy = Pruning("median", 2, ((0.0, 0.0),) * STARTUP)
    found = evaluated(evaluator(), some, pruning=easy)
    assert not any(one.pruned for one in found)
    assert [one.curve[-1] for one in found] == [one.score for one in found]
    counts: list[int] = []
    list(evaluator().evaluate(some, 0, counts.append, unreachable))
    assert sum(counts) == len(some) * evaluator().steps  # what is given up counts as done


NEGATED = Symmetry(
    "negated",
    custom=CustomAction(channels=Permutation([1, 0]), outputs=Permutation([0, 1, 2], [-1, -1, -1])),
)


@pytest.mark.parametrize("has_classes", [True, False])
@pytest.mark.parametrize("domain", [Sequence(16), Volume(5, 6, 5)], ids=str)
def test_finished_networks_on_sequences_and_volumes(domain: Domain, has_classes: bool) -> None:
    """Equivariant as they claim, with targets in their own units."""
    rng = np.random.default_rng(0)
    x = rng.normal(3, 2, (60, 2, *domain.shape)).astype(np.float32)
    y = np.arange(60) % 3 if has_classes else rng.normal(50, 9, (60, 3)).astype(np.float32)
    is_line = isinstance(domain, Sequence)
    candidates = [Symmetry("reverse") if is_line else Symmetry("flip_x")]
    candidates += [Symmetry("shift", (1,)) if is_line else Symmetry("rot90_xz")]
    candidates += [] if has_classes else [NEGATED]
    architecture = CNNArchitecture(2, domain, 3, width=4)
    made = CNNFamily(architecture, candidates, (), task_of(has_classes))
    given = Evaluator(made, Split(x, y), Split(x[:20], y[:20]), Training(1, 16), 0, CPU)
    for child in Space(made, 99).children:
        (finished,) = given.trainer.train(0, [child], lambda count: None)
        assert finished.n_parameters == made.count_parameters(child.generators, child.width)
        measured = finished.model.cpu().claimed_error(torch.from_numpy(x[:8]))
        assert (measured is None) == (not child.members)
        assert measured is None or measured.error < 1e-4
        if not has_classes and not child.members:
            outputs = finished.model(torch.from_numpy(x)).detach().numpy()
            assert abs(outputs.mean() - 50) < 30  # in units of the targets, about 50
