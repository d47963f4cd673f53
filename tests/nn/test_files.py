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
from autoequivariant.nn import EquivariantMLP, load_model, save_model

from .cases import DOMAINS, architecture_of

CLASSES = tuple("abcde")


def network_of(name: str = "grid", final: str = "invariant") -> EquivariantMLP:
    source = torch.Generator().manual_seed(1)
    architecture = architecture_of(name, final)
    network = EquivariantMLP(architecture, (0, 1), [0.0, 0.5], [2.0, 3.0], source)
    with torch.no_grad():
        for layer in network.layers:
            layer.bias.normal_(generator=source)
    return network


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


def test_the_papers_shapes_come_back(tmp_path: Path) -> None:
    """They break law 4 and were allowed by name; the file need not be."""
    from autoequivariant.groups import Grid, layer_actions, parse_symmetries
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


SOUND: list[Callable[[Path], None]] = [
    change(),
    change(note="an unknown field does no harm"),
    retensor(lambda tensors: tensors.update(mean=torch.ones(2))),
]
BROKEN: dict[str, tuple[Callable[[Path], None], str]] = {
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
    "other format": (change(format=2), "its format is 2, not 1"),
    "no format": (change(format=...), "has no 'format'"),
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
    "negative channels": (change(in_channels=-1), "needs a channel"),
    "other classes": (change(classes=["a", "b"]), "size mismatch"),
    "other group": (change(generators=["rot90"]), "size mismatch"),
    "wrong shape": (
        retensor(lambda tensors: tensors.update({"layers.0.weight": torch.ones(3)})),
        "size mismatch for layers.0.weight",
    ),
    "a tensor too few": (retensor(lambda tensors: tensors.pop("layers.1.bias")), "layers.1.bias"),
    "a tensor too many": (retensor(lambda tensors: tensors.update(x=torch.ones(1))), '"x"'),
}


@pytest.mark.parametrize("number", range(len(SOUND)))
def test_sound_files_are_read(number: int, tmp_path: Path) -> None:
    save_model(network_of(), tmp_path, CLASSES)
    SOUND[number](tmp_path)
    assert load_model(tmp_path).weight_count == network_of().weight_count


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    save_model(network_of(), tmp_path, CLASSES)
    spoil, message = BROKEN[name]
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


@pytest.mark.parametrize("name", ["model.safetensors", "model.json"])
@pytest.mark.parametrize("writer", ["pickle", "torch"])
def test_a_pickle_is_not_executed(name: str, writer: str, tmp_path: Path) -> None:
    save_model(network_of(), tmp_path, CLASSES)
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
