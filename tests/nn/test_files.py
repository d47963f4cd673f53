"""A saved model comes back the same; what is not one is refused in one sentence and is not run."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from autoequivariant.errors import ModelError, RunError
from autoequivariant.groups import Grid, PointGroup, point_groups
from autoequivariant.nn import (
    BODIES,
    CNNArchitecture,
    EquivariantCNN,
    EquivariantMLP,
    Model,
    load_model,
    save_model,
)

from .cases import DOMAINS, architecture_of

CLASSES = tuple("abcde")
CORNER = PointGroup.parse("rot90")


def network_of(name: str = "grid", final: str = "invariant") -> EquivariantMLP:
    source = torch.Generator().manual_seed(1)
    architecture = architecture_of(name, final)
    network = EquivariantMLP(architecture, (0, 1), [0.0, 0.5], [2.0, 3.0], source)
    with torch.no_grad():
        for layer in network.layers:
            layer.bias.normal_(generator=source)
    return network


def cnn_of(group: PointGroup = CORNER, body: str = "paper", side: int = 9) -> EquivariantCNN:
    """With statistics of the normalisation that are not those of a start."""
    source = torch.Generator().manual_seed(1)
    architecture = CNNArchitecture(2, Grid(side, side), 5, body, 6, dropout=0.1)
    network = EquivariantCNN(architecture, group, [0.0, 0.5], [2.0, 3.0], source)
    network(torch.randn(8, 2, side, side, generator=source))
    return network.eval()


MAKERS: dict[str, Callable[[], Model]] = {"mlp": network_of, "cnn": cnn_of}


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
    assert description["weights"] == network.weight_count
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "model.safetensors"]


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("group", point_groups(), ids=str)
def test_round_trip_of_a_group_cnn(group: PointGroup, body: str, tmp_path: Path) -> None:
    network = cnn_of(group, body)
    paths = save_model(network, tmp_path, CLASSES)
    again = load_model(tmp_path)
    x = torch.randn(4, 2, 9, 9, generator=torch.Generator().manual_seed(2))
    assert torch.equal(again(x), network(x))
    assert isinstance(again, EquivariantCNN) and not again.training
    assert (again.architecture, again.group) == (network.architecture, group)
    description = json.loads(paths[1].read_text())
    assert description["network"] == "cnn" and description["weights"] == network.weight_count
    assert description["generators"] == list(group.generators)
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
    from autoequivariant.groups import layer_actions, parse_symmetries
    from autoequivariant.nn import Architecture

    candidates = parse_symmetries("translate_x:4,hflip")
    hidden = (Grid(20, 20),)
    actions = layer_actions(candidates, Grid(28, 28), hidden, allow_improper=True)
    network = EquivariantMLP(Architecture(actions, 1, (1,), 2, "dense"), (0,))
    save_model(network, tmp_path, ("a", "b"))
    x = torch.randn(2, 784)
    assert torch.equal(load_model(tmp_path)(x), network(x))


def change(**fields: Any) -> Callable[[Path], None]:
    """Fields of model.json set, or removed where the value is `...`."""

    def apply(folder: Path) -> None:
        path = folder / "model.json"
        description = {**json.loads(path.read_text()), **fields}
        kept = {name: value for name, value in description.items() if value is not ...}
        path.write_text(json.dumps(kept))

    return apply


def write(name: str, content: bytes) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes(content) and None


def remove(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def retensor(edit: Callable[[dict[str, torch.Tensor]], None]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        tensors = load_file(folder / "model.safetensors")
        edit(tensors)
        save_file(tensors, folder / "model.safetensors")

    return apply


def cut(folder: Path) -> None:
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-10])


def make_folder(folder: Path) -> None:
    (folder / "model.json").unlink()
    (folder / "model.json").mkdir()


Spoil = Callable[[Path], None]
SOUND: list[Spoil] = [
    change(),
    change(note="an unknown field does no harm"),
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
    "cut weights": (cut, "."),
    "empty weights": (write("model.safetensors", b""), "."),
    "weights that are text": (write("model.safetensors", b"hello, world" * 20), "."),
    "an older format": (change(format=1), "its format is 1, not 2"),
    "no format": (change(format=...), "has no 'format'"),
    "another network": (change(network="transformer"), "'transformer', not mlp or cnn"),
    "no network": (change(network=...), "has no 'network'"),
    "a list for the network": (change(network=["mlp"]), "."),
    "negative channels": (change(in_channels=-1), "needs a channel"),
    "other classes": (change(classes=["a", "b"]), "size mismatch"),
    "no classes": (change(classes=[]), "a class|needs"),
    "unknown generator": (change(generators=["rot91"]), "rot91"),
    "a tensor too many": (retensor(lambda tensors: tensors.update(x=torch.ones(1))), '"x"'),
}
BROKEN_MLP: dict[str, tuple[Spoil, str]] = {
    "said to be a group CNN": (change(network="cnn"), "has no 'domain'"),
    "no domains": (change(domains=...), "has no 'domains'"),
    "numbers for domains": (change(domains=[1, 2, 3]), "."),
    "one domain only": (change(domains=["8x8"]), "hidden domain"),
    "unknown domain": (change(domains=["8x8", "4by4", "4x4"]), "4by4"),
    "unknown symmetry": (change(candidates=["rot91", "hflip", "translate_x:2"]), "rot91"),
    "undefined symmetry": (change(domains=["8x8", "4x5", "4x4"]), "rot90 is not defined on 4x5"),
    "other generators": (change(generators=["vflip"]), "."),
    "numbers for symmetries": (change(candidates=[1, 2, 3]), "."),
    "unknown final": (change(final="pooled"), "'pooled'"),
    "other channels": (change(hidden_channels=[3, 4]), "size mismatch"),
    "no channels": (change(hidden_channels=None), "."),
    "infinite channels": (change(hidden_channels=[float("inf"), 3]), "."),
    "other group": (change(generators=["rot90"]), "size mismatch"),
    "wrong shape": (
        retensor(lambda tensors: tensors.update({"layers.0.weight": torch.ones(3)})),
        "size mismatch for layers.0.weight",
    ),
    "a tensor too few": (retensor(lambda tensors: tensors.pop("layers.1.bias")), "layers.1.bias"),
}
BROKEN_CNN: dict[str, tuple[Spoil, str]] = {
    "said to be an MLP": (change(network="mlp"), "has no 'domains'"),
    "no domain": (change(domain=...), "has no 'domain'"),
    "not a domain of pictures": (change(domain="sequence:9"), "sequence:9, not one of pictures"),
    "an oblong domain": (change(domain="9x8"), "rot90 exchanges rows and columns"),
    "a small domain": (change(domain="3x3"), "need 4 pixels a side"),
    "a number for the domain": (change(domain=9), "."),
    "other width": (change(width=7), "size mismatch"),
    "no width": (change(width=0), "a width of 1 or more"),
    "infinite width": (change(width=float("inf")), "."),
    "other channels": (change(in_channels=3), "size mismatch"),
    "other body": (change(body="residual"), "Missing key"),
    "unknown body": (change(body="resnet"), "'resnet'"),
    "a share above one": (change(dropout=1.5), "A dropout lies in"),
    "text for the share": (change(dropout="much"), "."),
    "trivial group": (change(generators=[]), "size mismatch"),
    "larger group": (change(generators=["rot90", "hflip"]), "size mismatch"),
    "no pointwise symmetry": (change(generators=["translate_x:2"]), "cannot generate a point gr"),
    "numbers for generators": (change(generators=[1, 2]), "."),
    "wrong shape": (
        retensor(lambda tensors: tensors.update({"head.weight": torch.ones(3)})),
        "size mismatch for head.weight",
    ),
    "a tensor too few": (retensor(lambda tensors: tensors.pop("head.bias")), "head.bias"),
}
BROKEN = {
    **{(kind, name): case for kind in MAKERS for name, case in ANY_BROKEN.items()},
    **{("mlp", name): case for name, case in BROKEN_MLP.items()},
    **{("cnn", name): case for name, case in BROKEN_CNN.items()},
}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("number", range(len(SOUND)))
def test_sound_files_are_read(number: int, kind: str, tmp_path: Path) -> None:
    network = MAKERS[kind]()
    save_model(network, tmp_path, CLASSES)
    SOUND[number](tmp_path)
    assert load_model(tmp_path).weight_count == network.weight_count


@pytest.mark.parametrize(("kind", "name"), BROKEN)
def test_broken_files_are_refused_in_one_sentence(kind: str, name: str, tmp_path: Path) -> None:
    save_model(MAKERS[kind](), tmp_path, CLASSES)
    spoil, message = BROKEN[kind, name]
    spoil(tmp_path)
    with pytest.raises(ModelError, match=message) as refusal:
        load_model(tmp_path)
    text = str(refusal.value)
    assert text.startswith(f"The model in {tmp_path} cannot be read: ")
    assert text.endswith("train it again.") and "\n" not in text and ".;" not in text


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
        patch.setattr("autoequivariant.nn.files.write_atomically", fail_on_json)
        with pytest.raises(RunError, match="the disk is full"):
            save_model(network_of(), tmp_path, CLASSES)
    assert list(tmp_path.iterdir()) == []
