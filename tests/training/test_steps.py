"""A training that is stopped and resumed ends with the parameters of one that is not."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from autoequivariant.data.split import Split
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Domain, Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.training.checkpoint import Checkpoints
from autoequivariant.training.child import Child
from autoequivariant.training.families.cnn.family import CNNFamily
from autoequivariant.training.families.family import Family, TrainedNetwork
from autoequivariant.training.families.mlp.family import MLPFamily
from autoequivariant.training.loop import Training
from autoequivariant.training.tasks import TASKS

CPU = torch.device("cpu")
GRID = Grid(8, 8)
STEPS = 15  # of five an epoch


@pytest.fixture(autouse=True)
def one_thread():
    """As a search trains."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class KilledError(Exception):
    pass


def split_on(domain: Domain, targets: int = 0) -> Split:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(70, 1, *domain.shape)).astype(np.float32)
    y = rng.normal(size=(70, targets)).astype(np.float32) if targets else np.arange(70) % 3
    return Split(x, y)


def mlp(task: str = "classification") -> MLPFamily:
    actions = layer_actions(parse_symmetries("hflip,rot90"), GRID, (Grid(4, 4),))
    outputs = 3 if task == "classification" else 2
    return MLPFamily(MLPArchitecture(actions, 1, (3,), outputs, "invariant"), TASKS[task])


def cnn(backbone: str = "pyramid", names: tuple[str, ...] = ()) -> CNNFamily:
    made = CNNArchitecture(1, GRID, 3, backbone, width=8)
    return CNNFamily(made, parse_symmetries("hflip,rot90"), names)


PLAIN = Training(3, batch_size=16)
DECAYING = Training(3, 16, weight_decay=0.1, warm_up=0.3, smoothing=0.1, output_scale=0.1)
EVERYTHING = ("rotation", "hflip", "vflip", "translation", "scale", "shear")
CASES: dict[str, tuple[Family, Training, list[tuple[int, ...]]]] = {
    "mlp": (mlp(), PLAIN, [()]),
    "mlps, one-cycle, with decay": (mlp(), DECAYING, [(), (0,), (0, 1)]),
    "mlp, regression": (mlp("regression"), DECAYING, [(1,)]),
    "cnn": (cnn(), PLAIN, [(0, 1)]),
    "cnn, short training": (cnn(), Training(3, 16, is_proxy=True), [()]),
    "cnn, all augmentations": (cnn(names=EVERYTHING), PLAIN, [(0, 2, 3, 4, 5, 6, 7)]),
    "cnn, reflected": (cnn(names=("vflip",)), PLAIN, [(2,)]),
    "cnn, paper": (cnn("paper", ("scale",)), PLAIN, [(2,)]),
    "cnn, residual": (cnn("residual", ("scale",)), PLAIN, [(2,)]),
}


def trained(
    case: str,
    place: Checkpoints | None = None,
    killed_at: int = 10**9,
    counts: list[int] | None = None,
    seconds: float | None = None,
) -> list[TrainedNetwork]:
    """Train the children of a case; raise before a step."""
    family, training, members = CASES[case]
    counts = [] if counts is None else counts
    before = sum(counts)
    children = [Child(some, some, family.default_width) for some in members]

    def on_step(count: int) -> None:
        if sum(counts) - before >= killed_at * len(children):
            raise KilledError
        counts.append(count)

    used = replace(training, checkpoints=place, seconds=seconds)
    some = split_on(GRID, 2 if family.task.name == "regression" else 0)
    return family.trainer(some, some, used, 0, CPU).train(7, children, on_step)


def place_in(folder: Path, seconds: float = 1e9) -> Checkpoints:
    return Checkpoints(folder / "checkpoints", "run", seconds)


def same(some: list[TrainedNetwork], others: list[TrainedNetwork]) -> bool:
    pairs = zip(some, others, strict=True)
    return all(
        np.array_equal(one.scores, other.scores)
        and one.model.state_dict().keys() == other.model.state_dict().keys()
        and all(
            torch.equal(value, other.model.state_dict()[name])
            for name, value in one.model.state_dict().items()
        )
        for one, other in pairs
    )


@pytest.mark.parametrize("case", CASES)
def test_stopped_twice_and_resumed(case: str, tmp_path: Path) -> None:
    """In the middle of an epoch, and at the end of one."""
    place, children = place_in(tmp_path), len(CASES[case][2])
    for killed_at, first in ((7, 1), (10, 7)):
        counts: list[int] = []
        with pytest.raises(KilledError):
            trained(case, place, killed_at, counts)
        assert (counts[0], sum(counts)) == (first * children, killed_at * children)
    counts = []
    resumed = trained(case, place, counts=counts)
    assert (counts[0], len(counts)) == (10 * children, 1 + STEPS - 10)  # five were made
    assert sum(counts) == STEPS * children
    assert same(resumed, trained(case))
    assert not same(resumed, trained(case, seconds=0.0))


@pytest.mark.parametrize("case", ["mlps, one-cycle, with decay", "cnn, all augmentations"])
def test_killed_between_two_checkpoints(case: str, tmp_path: Path) -> None:
    """What is written on the way does not change the training, and is enough to resume."""
    place, copies = place_in(tmp_path, 0.0), []

    class Watching(list[int]):
        def append(self, count: int) -> None:
            copies.extend(path.read_bytes() for path in place.folder.glob("*"))
            super().append(count)

    whole = trained(case, place, counts=Watching())
    assert len(copies) == STEPS - 1
    assert same(whole, trained(case))
    (path,) = place.folder.iterdir()
    path.write_bytes(copies[4])
    counts: list[int] = []
    assert same(trained(case, place, counts=counts), whole)
    assert len(counts) == 1 + STEPS - 5


def test_a_finished_training_is_not_repeated(tmp_path: Path) -> None:
    """Another network may still train when the process is killed."""
    case, place, counts = "cnn, reflected", place_in(tmp_path), []
    whole = trained(case, place)
    again = trained(case, place, counts=counts)
    assert counts == [STEPS] and same(whole, again)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("mlp", "mlps, one-cycle, with decay"),
        ("cnn", "cnn, short training"),
        ("cnn, paper", "cnn, residual"),
    ],
)
def test_another_training_starts_from_the_beginning(
    first: str, second: str, tmp_path: Path
) -> None:
    place = place_in(tmp_path)
    with pytest.raises(KilledError):
        trained(first, place, 7)
    for path in place.folder.iterdir():
        children = [Child(some, some, CASES[second][0].default_width) for some in CASES[second][2]]
        path.rename(place.path(7, children))
    counts: list[int] = []
    assert same(trained(second, place, counts=counts), trained(second))
    assert len(counts) == STEPS * 1 and sum(counts) == STEPS * len(CASES[second][2])


@pytest.mark.parametrize(
    "changes", [{"done": STEPS + 1}, {"position": STEPS + 0.5}, {"rates": [0.1]}]
)
def test_impossible_numbers_start_from_the_beginning(
    changes: dict[str, object], tmp_path: Path
) -> None:
    case, place = "mlps, one-cycle, with decay", place_in(tmp_path)
    with pytest.raises(KilledError):
        trained(case, place, 7)
    (path,) = place.folder.iterdir()
    with safe_open(path, "pt") as file:
        record = json.loads(file.metadata()["checkpoint"])
    record["progress"] |= changes
    save_file(load_file(path), path, {"checkpoint": json.dumps(record)})
    counts: list[int] = []
    assert same(trained(case, place, counts=counts), trained(case))
    assert len(counts) == STEPS


def test_a_training_that_cannot_write_goes_on(tmp_path: Path) -> None:
    place = Checkpoints(tmp_path / "missing" / "checkpoints", "run", 0.0)
    assert same(trained("mlp", place), trained("mlp"))
    assert not list(tmp_path.iterdir())


def test_a_resumed_training_has_the_time_of_its_call(tmp_path: Path) -> None:
    place, counts = place_in(tmp_path), []
    with pytest.raises(KilledError):
        trained("mlp", place, 7)
    trained("mlp", place, counts=counts, seconds=0.0)
    assert counts == [7, 1]  # there is a first step in any case
    trained("mlp", place, counts=counts)
    assert counts == [7, 1, 8]  # the schedule has ended


def test_seconds_of_all_processes_count(tmp_path: Path) -> None:
    family, training, members = CASES["cnn"]
    used = replace(training, checkpoints=place_in(tmp_path))
    child, some = Child(members[0], members[0], family.default_width), split_on(GRID)
    given = family.trainer(some, some, used, 0, CPU)
    given.train(7, [child], lambda _: None)
    (path,) = place_in(tmp_path).folder.iterdir()
    with safe_open(path, "pt") as file:
        record = json.loads(file.metadata()["checkpoint"])
    record["progress"]["seconds"] = 1000.0
    save_file(load_file(path), path, {"checkpoint": json.dumps(record)})
    (evaluation,) = given.evaluate(7, None, [child], lambda _: None)
    assert evaluation.seconds > 1000.0
