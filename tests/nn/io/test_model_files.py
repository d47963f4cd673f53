"""A saved model comes back the same; what is not one is refused in one sentence and is not run."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from autoequivariant.errors import ModelError, RunError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group.group import PointGroup
from autoequivariant.nn.cnn.architecture import BACKBONES
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.training.families.model_files import load_model, read_description

from ..cases import DOMAINS
from ..custom_cases import CASES, samples
from ..custom_cases import network_of as own_network
from ..export.networks import CASES as EXPORTED
from ..export.networks import CLASSES as EXPORTED_CLASSES
from ..export.networks import samples_of
from ..point_groups import GROUPS
from ..spoiled_files import (
    CLASSES,
    MAKERS,
    Spoil,
    change,
    check_refusal,
    cnn_of,
    network_of,
    retensor,
    spoil_values,
    write,
)


@pytest.mark.parametrize("final", ["dense", "invariant"])
@pytest.mark.parametrize("name", DOMAINS)
def test_round_trip(name: str, final: str, tmp_path: Path) -> None:
    network = network_of(name, final)
    paths = save_model(network, tmp_path, CLASSES)
    assert [path.name for path in paths] == ["model.safetensors", "model.json"]
    again = load_model(tmp_path)
    x = torch.randn(8, *(2, *network.architecture.actions.domains[0].shape))
    assert torch.equal(again(x), network(x))
    assert again.architecture == network.architecture
    assert (again.generators, again.training) == (network.generators, False)
    assert not torch.equal(again(x), network_of(name, final).layers[0](x.flatten(1))[:, :5])
    description = json.loads(paths[1].read_text())
    assert description["classes"] == list(CLASSES)
    assert description["n_parameters"] == network.n_parameters
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.safetensors"]


@pytest.mark.parametrize("case", CASES)
def test_round_trip_of_symmetries_of_ones_own(case: str, tmp_path: Path) -> None:
    network = own_network(case, (0, 1))
    outputs = tuple(f"output {k}" for k in range(network.architecture.classes))
    network.rescale([0.0] * len(outputs), [2.0] * len(outputs))
    save_model(network, tmp_path, targets=outputs)
    again = load_model(tmp_path)
    assert again.architecture == network.architecture
    assert torch.equal(again(samples(case)), network(samples(case)))
    found = read_description(tmp_path)
    assert (found.targets, found.classes, found.outputs) == (outputs, (), outputs)


def test_round_trip_of_names_of_columns(tmp_path: Path) -> None:
    columns = ("a", "b, c", "d", "e", '"')
    save_model(network_of("features"), tmp_path, CLASSES, columns=columns)
    assert read_description(tmp_path).columns == columns
    change(columns=list(columns[1:]))(tmp_path)
    with pytest.raises(ModelError, match="features:5 has 4 names of columns"):
        load_model(tmp_path)


@pytest.mark.parametrize("backbone", BACKBONES)
@pytest.mark.parametrize("group", GROUPS, ids=str)
def test_round_trip_of_a_group_cnn(group: PointGroup, backbone: str, tmp_path: Path) -> None:
    network = cnn_of(group, backbone)
    paths = save_model(network, tmp_path, CLASSES)
    again = load_model(tmp_path)
    x = torch.randn(4, 2, 9, 9, generator=torch.Generator().manual_seed(2))
    assert torch.equal(again(x), network(x))
    assert isinstance(again, EquivariantCNN) and not again.training
    assert (again.architecture, again.group) == (network.architecture, group)
    description = json.loads(paths[1].read_text())
    assert description["network"] == "cnn" and description["n_parameters"] == network.n_parameters
    assert description["generators"] == [str(one) for one in group.generating_symmetries]
    free = {name: tuple(value.shape) for name, value in load_file(paths[0]).items()}
    assert free == {name: tuple(value.shape) for name, value in network.state_dict().items()}


def test_a_group_cnn_is_saved_from_training_and_from_evaluation_alike(tmp_path: Path) -> None:
    network = cnn_of()
    with torch.no_grad():
        network(torch.zeros(1, 2, 9, 9))  # dense kernels are kept now
    in_evaluation = save_model(network, tmp_path, CLASSES)[0].read_bytes()
    assert save_model(network.train(), tmp_path, CLASSES)[0].read_bytes() == in_evaluation


def test_the_papers_shapes_come_back(tmp_path: Path) -> None:
    """They break law 4 and were allowed by name; the file need not be."""
    from autoequivariant.groups.closure.layer_actions import layer_actions
    from autoequivariant.groups.symmetry import parse_symmetries
    from autoequivariant.nn.mlp.architecture import MLPArchitecture

    candidates = parse_symmetries("translate_x:4,hflip")
    hidden = (Grid(20, 20),)
    actions = layer_actions(candidates, Grid(28, 28), hidden, allow_improper=True)
    network = EquivariantMLP(MLPArchitecture(actions, 1, (1,), 2, "dense"), (0,))
    save_model(network, tmp_path, ("a", "b"))
    x = torch.randn(2, 784)
    assert torch.equal(load_model(tmp_path)(x), network(x))


def test_every_change_of_the_weights_is_noticed(tmp_path: Path) -> None:
    path, _ = save_model(network_of(), tmp_path, CLASSES)
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    for place in range(start, len(content), 97):
        changed = bytearray(content)
        changed[place] ^= 1
        path.write_bytes(changed)
        with pytest.raises(ModelError, match="has changed since"):
            load_model(tmp_path)
    path.write_bytes(content)
    load_model(tmp_path)  # the twin


def test_a_kill_between_the_two_files_leaves_no_mixed_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:

    class Killed(BaseException):
        """A kill, which no handler catches."""

    def killed_before_json(path: Path, content: bytes) -> None:
        if path.suffix == ".json":
            raise Killed
        path.write_bytes(content)

    save_model(network_of(), tmp_path, CLASSES)
    other = network_of()
    with torch.no_grad():
        other.mean += 1
    with monkeypatch.context() as patch:
        patch.setattr("autoequivariant.nn.io.model_files.write_atomically", killed_before_json)
        with pytest.raises(Killed):
            save_model(other, tmp_path, CLASSES)
    with pytest.raises(ModelError, match="has changed since"):
        load_model(tmp_path)
    save_model(other, tmp_path, CLASSES)
    assert torch.equal(load_model(tmp_path).mean, other.mean)


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def recontent(old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / "model.json"
        path.write_text(path.read_text().replace(old, new, 1))

    return apply


def cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])


def make_folder(folder: Path) -> None:
    (folder / "model.json").unlink()
    (folder / "model.json").mkdir()


def append(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes() + b"more")


def make_weights_folder(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").mkdir()


SOUND: list[Spoil] = [
    change(),
    change(samples="uint8"),
    change(samples=...),
    retensor(lambda tensors: tensors.update(mean=torch.ones(2))),
]
ANY_BROKEN: dict[str, tuple[Spoil, str]] = {
    "no json": (remove("model.json"), "model.json is missing"),
    "no weights": (remove("model.safetensors"), "missing|No such file"),
    "a folder for a file": (make_folder, "directory"),
    "empty json": (write("model.json", b""), "Expecting value"),
    "garbage": (write("model.json", b"\x00\xff\x13"), "utf-8|codec|Expecting"),
    "half json": (write("model.json", b'{"format": 1, "dom'), "Unterminated"),
    "a list": (write("model.json", b"[1, 2]"), "."),
    "a number": (write("model.json", b"1"), "."),
    "deep": (write("model.json", b"[" * 100_000), "."),
    "cut weights": (cut, "file not fully covered"),
    "weights and more": (append, "file not fully covered"),
    "weights that are NaN": (spoil_values("mean", float("nan")), "mean holds a value"),
    "infinite weights": (spoil_values("scale", float("inf")), "scale holds a value"),
    "a scale of nothing": (spoil_values("scale", 0.0), "not more than 0"),
    "weights of half the precision": (
        retensor(lambda tensors: tensors.update(mean=torch.zeros(2, dtype=torch.float16))),
        "mean is F16 2, not F32 2",
    ),
    "whole numbers for weights": (
        retensor(lambda tensors: tensors.update(mean=torch.zeros(2, dtype=torch.int64))),
        "mean is I64 2, not F32 2",
    ),
    "a folder for weights": (make_weights_folder, "directory"),
    "empty weights": (write("model.safetensors", b""), "."),
    "weights that are text": (write("model.safetensors", b"hello, world" * 20), "."),
    "an older format": (change(format=1), "its format is 1, not 4"),
    "the format before this": (change(format=3), "its format is 3, not 4"),
    "weights that changed": (
        retensor(lambda tensors: tensors.update(mean=torch.ones(2)), is_signed=False),
        r"model\.safetensors has changed since model\.json was written",
    ),
    "a digest of other weights": (change(weights_sha256="0" * 64), "has changed since"),
    "no digest": (change(weights_sha256=...), "has no 'weights_sha256'"),
    "text for a digest": (change(weights_sha256="A" * 64), "weights_sha256: expected a string"),
    "no format": (change(format=...), "has no 'format'"),
    "another network": (
        change(network="transformer"),
        "must be one of mlp, cnn; got 'transformer'",
    ),
    "no network": (change(network=...), "has no 'network'"),
    "a list for the network": (change(network=["mlp"]), "."),
    "negative channels": (change(in_channels=-1), "in_channels: expected an integer >= 1, got -1"),
    "other classes": (change(classes=["a", "b"]), "do not fit model.json"),
    "no classes": (change(classes=[]), "classes or targets"),
    "unknown generator": (change(generators=["rot91"]), "rot91"),
    "an unknown field": (change(note="may change the meaning"), "holds the unknown field 'note'"),
    "half of a surrogate pair in a name": (
        change(classes=["\ud800", *"bcde"]),
        "a name of its classes holds half of a surrogate pair",
    ),
    "classes of one name": (change(classes=list("abcda")), "have the same name"),
    "numbers for classes": (
        change(classes=[1, 2, 3, 4, 5]),
        r"classes\[0\]: expected a string, got 1",
    ),
    "other weights": (change(n_parameters=7), "says 7 parameters"),
    "true for a number": (change(in_channels=True), "in_channels: expected an integer, got True"),
    "samples of another type": (
        change(samples="float64"),
        "must be one of uint8, float32; got 'float64'",
    ),
    "no number": (
        recontent('"n_parameters": ', '"n_parameters": NaN, "w": '),
        "NaN is not allowed",
    ),
    "a key twice": (
        recontent('"format"', '"format": 2, "format"'),
        "the key 'format' appears twice",
    ),
    "classes and targets": (change(targets=list("vwxyz")), "classes or targets, and not both"),
    "targets of one name": (change(classes=..., targets=list("abcda")), "have the same name"),
    "classes that are targets": (
        change(classes=..., targets=list("abcde")),
        "output_mean is missing|too few",
    ),
    "columns of pictures": (change(columns=["a"]), "has 1 names of columns"),
    "numbers for columns": (change(columns=[1]), r"columns\[0\]: expected a string, got 1"),
    "a tensor too many": (retensor(lambda tensors: tensors.update(x=torch.ones(1))), "no 'x'"),
}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("number", range(len(SOUND)))
def test_sound_files_are_read(number: int, kind: str, tmp_path: Path) -> None:
    network = MAKERS[kind]()
    save_model(network, tmp_path, CLASSES)
    SOUND[number](tmp_path)
    assert load_model(tmp_path).n_parameters == network.n_parameters


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", ANY_BROKEN)
def test_broken_files_are_refused_in_one_sentence(kind: str, name: str, tmp_path: Path) -> None:
    check_refusal(MAKERS[kind](), ANY_BROKEN[name], tmp_path)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nowhere.model\.json is missing"):
        load_model(tmp_path / "nowhere")


class Bomb:
    """What a stranger's pickle may do when it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", ["model.safetensors", "model.json"])
@pytest.mark.parametrize("writer", ["pickle", "torch"])
def test_a_pickle_is_not_executed(kind: str, name: str, writer: str, tmp_path: Path) -> None:
    save_model(MAKERS[kind](), tmp_path, CLASSES)
    trace = tmp_path / "executed"
    if writer == "pickle":
        (tmp_path / name).write_bytes(pickle.dumps(Bomb(trace)))
    else:
        torch.save({"layers.0.weight": Bomb(trace)}, tmp_path / name)
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(tmp_path)
    assert not trace.exists()


def test_the_pickle_would_have_run(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Bomb(tmp_path / "executed")))
    assert (tmp_path / "executed").exists()


def test_saving_where_that_is_not_possible(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    for folder in (tmp_path / "missing", tmp_path / "file"):
        with pytest.raises(RunError, match=r"model\.safetensors cannot be written"):
            save_model(network_of(), folder, CLASSES)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    save_model(network_of(), tmp_path, CLASSES)  # the twin


def test_weights_without_their_description_are_not_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_on_json(path: Path, content: bytes) -> None:
        if path.suffix == ".json":
            raise RunError("the disk is full")
        path.write_bytes(content)

    with monkeypatch.context() as patch:
        patch.setattr("autoequivariant.nn.io.model_files.write_atomically", fail_on_json)
        with pytest.raises(RunError, match="the disk is full"):
            save_model(network_of(), tmp_path, CLASSES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [name for name in EXPORTED if name.startswith("cnn")])
def test_round_trip_of_every_kind_of_group_cnn(name: str, tmp_path: Path) -> None:
    network = EXPORTED[name]()
    save_model(network, tmp_path, EXPORTED_CLASSES)
    again, x = load_model(tmp_path), samples_of(network, 3)
    assert isinstance(again, EquivariantCNN) and again.group == network.group
    assert str(again.group) == str(network.group)
    assert torch.equal(again(x), network(x))
