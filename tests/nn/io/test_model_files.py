"""A saved model comes back the same; what is not one is refused in one sentence and is not run."""

import json
import math
import os
import pickle
import re
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from autoequivariant.errors import ModelError, RunError
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.point_group import PointGroup
from autoequivariant.nn.cnn.architecture import BACKBONES, CNNArchitecture
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.nn.mlp.description import MLPDescription
from autoequivariant.nn.mlp.network import EquivariantMLP
from autoequivariant.nn.network import Network
from autoequivariant.training.families.model_files import load_model, read_description

from ..cases import DOMAINS, architecture_of, scaling_of
from ..custom_cases import CASES, samples
from ..custom_cases import network_of as own_network
from ..point_groups import GROUPS

CLASSES = tuple("abcde")
CORNER = PointGroup.parse("rot90")


def network_of(name: str = "grid", final: str = "invariant") -> EquivariantMLP:
    source = torch.Generator().manual_seed(1)
    architecture = architecture_of(name, final)
    network = EquivariantMLP(architecture, (0, 1), *scaling_of(architecture), source)
    with torch.no_grad():
        for layer in network.layers:
            layer.bias.normal_(generator=source)
    return network


def cnn_of(group: PointGroup = CORNER, backbone: str = "paper", side: int = 9) -> EquivariantCNN:
    """With statistics of the normalisation that are not those of a start."""
    source = torch.Generator().manual_seed(1)
    architecture = CNNArchitecture(2, Grid(side, side), 5, backbone, 6, dropout=0.1)
    network = EquivariantCNN(architecture, group, [0.0, 0.5], [2.0, 3.0], source)
    network(torch.randn(8, 2, side, side, generator=source))
    return network.eval()


MAKERS: dict[str, Callable[[], Network]] = {"mlp": network_of, "cnn": cnn_of}


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


def change(**fields: Any) -> Callable[[Path], None]:
    """Fields of model.json set, or removed where the value is `...`."""

    def apply(folder: Path) -> None:
        path = folder / "model.json"
        description = {**json.loads(path.read_text()), **fields}
        kept = {name: value for name, value in description.items() if value is not ...}
        path.write_text(json.dumps(kept))

    return apply


def candidate(record: Any) -> Callable[[Path], None]:
    """The second of the three candidates, which generates, set to something else."""
    return change(candidates=["rot90", record, "translate_x:2"])


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


def recontent(old: str, new: str) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        path = folder / "model.json"
        path.write_text(path.read_text().replace(old, new, 1))

    return apply


def spoil_values(name: str, value: float) -> Callable[[Path], None]:
    return retensor(lambda tensors: tensors.update({name: torch.full_like(tensors[name], value)}))


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


Spoil = Callable[[Path], None]
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
    "an older format": (change(format=1), "its format is 1, not 3"),
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
BROKEN_MLP: dict[str, tuple[Spoil, str]] = {
    "said to be a group CNN": (change(network="cnn"), "unknown field 'domains'"),
    "no domains": (change(domains=...), "has no 'domains'"),
    "numbers for domains": (change(domains=[1, 2, 3]), "."),
    "one domain only": (
        change(domains=["8x8"]),
        "domains: expected a list of length >= 2, got a list of 1",
    ),
    "unknown domain": (change(domains=["8x8", "4by4", "4x4"]), "4by4"),
    "an image of wrong length": (
        candidate({"name": "mine", "image": [1, 0]}),
        "image: has 2 numbers, but there are 64 indices",
    ),
    "no bijection": (
        candidate({"name": "mine", "image": [0] * 64}),
        "image: is not a bijection: 0 occurs more than once",
    ),
    "an image beyond its end": (
        candidate({"name": "mine", "image": [*range(63), 10**30]}),
        "image: ",
    ),
    "text for an image": (candidate({"name": "mine", "image": "1 0"}), "list of whole numbers"),
    "signs of another kind": (
        candidate({"name": "mine", "image": list(range(64)), "signs": [2] * 64}),
        r"signs of a permutation must be \+1 or -1",
    ),
    "a sign of a class": (
        candidate({"name": "mine", "like": "rot90", "outputs": {"negate": "a"}}),
        "classes have no sign",
    ),
    "a class that is not there": (
        candidate({"name": "mine", "like": "rot90", "outputs": {"swap": "a <-> z"}}),
        "There is no class 'z'",
    ),
    "more channels": (
        candidate({"name": "mine", "like": "rot90", "channels": {"image": [0, 2, 1]}}),
        "image: has 3 numbers, but there are 2 channels",
    ),
    "a way that is not known": (candidate({"name": "mine", "run": "rm"}), "has no 'run'"),
    "like one that is not there": (
        candidate({"name": "m", "like": "rot91"}),
        "no symmetry 'rot91'",
    ),
    "like a list": (candidate({"name": "mine", "like": {"name": "rot90"}}), "no symmetry"),
    "the name of another": (candidate({"name": "hflip", "like": "rot90"}), "cannot be called"),
    "one name for two": (
        change(
            candidates=["rot90", {"name": "m", "like": "hflip"}, {"name": "m", "like": "rot90"}]
        ),
        "Two symmetries are called m",
    ),
    "a million candidates": (
        change(candidates=["rot90"] * 10**6),
        "candidates: expected a list of length <= 10000, got a list of 1000000",
    ),
    "a million of one's own": (
        change(candidates=[{"name": "m"}] * 10**6),
        "candidates: expected a list of length <= 10000, got a list of 1000000",
    ),
    "a number for a candidate": (
        candidate(1),
        r"candidates\[1\]: expected a string or an object, got 1",
    ),
    "nothing that moves": (candidate({"name": "mine", "image": list(range(64))}), "leaves every"),
    "unknown symmetry": (change(candidates=["rot91", "hflip", "translate_x:2"]), "rot91"),
    "undefined symmetry": (change(domains=["8x8", "4x5", "4x4"]), "rot90 is not defined on 4x5"),
    "other generators": (change(generators=["vflip"]), "."),
    "numbers for symmetries": (change(candidates=[1, 2, 3]), "."),
    "unknown final": (change(final="pooled"), "'pooled'"),
    "other channels": (change(hidden_channels=[3, 4]), "do not fit model.json"),
    "no channels": (change(hidden_channels=None), "."),
    "infinite channels": (change(hidden_channels=[float("inf"), 3]), "."),
    "other group": (change(generators=["rot90"]), "layers.0.weight is F32 816, not"),
    "wrong shape": (
        retensor(lambda tensors: tensors.update({"layers.0.weight": torch.ones(3)})),
        "layers.0.weight is F32 3, not F32",
    ),
    "a tensor too few": (retensor(lambda tensors: tensors.pop("layers.1.bias")), "layers.1.bias"),
}
BROKEN_CNN: dict[str, tuple[Spoil, str]] = {
    "said to be an MLP": (change(network="mlp"), "unknown field 'domain'"),
    "no domain": (change(domain=...), "has no 'domain'"),
    "not a domain of pictures": (
        change(domain="sequence:9"),
        "must be that of images; got sequence:9",
    ),
    "an oblong domain": (change(domain="9x8"), "rot90 exchanges rows and columns"),
    "a small domain": (change(domain="3x3"), "need at least 4 pixels a side"),
    "a number for the domain": (change(domain=9), "."),
    "other width": (change(width=7), "too few for 3,445"),
    "no width": (change(width=0), "width: expected an integer >= 1, got 0"),
    "infinite width": (change(width=float("inf")), "."),
    "other channels": (change(in_channels=3), "mean is F32 2, not F32 3"),
    "other body": (change(backbone="residual"), "too few"),
    "unknown body": (change(backbone="resnet"), "'resnet'"),
    "a share above one": (change(dropout=1.5), "dropout: expected a number < 1.0, got 1.5"),
    "text for the share": (change(dropout="much"), "."),
    "trivial group": (change(generators=[]), "backbone.0.conv.weight is"),
    "larger group": (change(generators=["rot90", "hflip"]), "backbone.0.conv.weight is"),
    "no pointwise symmetry": (change(generators=["translate_x:2"]), "cannot generate a point gr"),
    "numbers for generators": (change(generators=[1, 2]), "."),
    "wrong shape": (
        retensor(lambda tensors: tensors.update({"head.weight": torch.ones(3)})),
        "head.weight is F32 3, not F32 5x7",
    ),
    "a tensor too few": (retensor(lambda tensors: tensors.pop("head.bias")), "head.bias"),
    "a negative variance": (spoil_values("backbone.0.norm.shared.running_var", -1.0), "negative"),
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
    assert load_model(tmp_path).n_parameters == network.n_parameters


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


HUGE_MLP = {
    "domain": {"domains": ["100000x100000", "4x4", "4x4"]},
    "hidden domains": {"domains": ["8x8", "4096x4096", "4096x4096"]},
    "channels": {"in_channels": 10**9},
    "more channels": {"hidden_channels": [10**9, 10**9]},
    "channels that are allowed": {"in_channels": 1000, "hidden_channels": [250, 250]},
    "domains that are allowed": {"domains": ["128x128", "100x100", "100x100"]},
    "a number without end": {"in_channels": 10**3000},
    "candidates": {"candidates": ["rot90"] * 50_000, "domains": ["512x512", "1x1", "1x1"]},
    "a ready list": {
        "domains": ["features:800000", "features:1", "features:1"],
        "candidates": ["signs"],
        "generators": [],
    },
    "columns": {
        "domains": ["features:67000000", "features:1", "features:1"],
        "candidates": ["negate"],
        "generators": ["negate"],
    },
    "layers": {"domains": ["8x8"] * 5000, "hidden_channels": [3] * 4999},
    "classes": {"classes": [str(number) for number in range(10**5 + 1)]},
}
HUGE_CNN = {
    "pictures": {"domain": "100000x100000"},
    "channels": {"in_channels": 10**9},
    "width": {"width": 10**9},
    "a width that is allowed": {"width": 10**6, "in_channels": 10**6},
    "classes that are allowed": {"classes": [str(number) for number in range(10**5)]},
}
HUGE = [("mlp", name) for name in HUGE_MLP] + [("cnn", name) for name in HUGE_CNN]
MOST_MEMORY, MOST_SECONDS = 64 * 2**20, 1.0
"""Far less than what is claimed takes, and far more than a refusal."""


def refused_cheaply(folder: Path) -> str:
    """What a refusal says; it takes next to no memory and time."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    with pytest.raises(ModelError) as refusal:
        load_model(folder)
    assert time.process_time() - start < MOST_SECONDS
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MOST_MEMORY
    text = str(refusal.value)
    assert "\n" not in text and len(text) < 600
    return text


@pytest.mark.parametrize(("kind", "name"), HUGE)
def test_what_claims_to_be_huge_is_refused_before_it_is_made(
    kind: str, name: str, tmp_path: Path
) -> None:
    save_model(MAKERS[kind](), tmp_path, CLASSES)
    change(generators=["rot90"])(tmp_path)
    change(**(HUGE_MLP if kind == "mlp" else HUGE_CNN)[name])(tmp_path)
    refused_cheaply(tmp_path)


def shared_by_all(folder: Path, candidate: str, domain: str, channels: int = 1) -> None:
    """Files that are as small as shared weights allow, with hidden layers as large as the input."""
    size = math.prod(map(int, re.findall("[0-9]+", domain)))
    scaled = size if domain.startswith("features") else 1
    shared = size if candidate.startswith("shift") else 1
    shapes = {"mean": scaled, "scale": scaled}
    for layer, (before, after) in enumerate([(1, channels), (channels, channels)]):
        shapes[f"layers.{layer}.weight"] = shared * before * after
        shapes[f"layers.{layer}.bias"] = after
    shapes |= {"layers.2.weight": 2 * channels, "layers.2.bias": 2}
    description = {
        "format": 3,
        "network": "mlp",
        "domains": [domain] * 3,
        "in_channels": 1,
        "hidden_channels": [channels] * 2,
        "final": "invariant",
        "candidates": [candidate],
        "generators": [candidate],
        "classes": ["a", "b"],
        "n_parameters": 10,
    }
    (folder / "model.json").write_text(json.dumps(description))
    tensors = {name: torch.ones(count) for name, count in shapes.items()}
    save_file(tensors, folder / "model.safetensors")


@pytest.mark.parametrize(
    ("candidate", "domain", "channels"),
    [
        ("negate", "features:4096", 1),
        ("shift:1", "sequence:8192", 1),
        ("shift:1", "sequence:16", 9),
    ],
)
def test_a_small_file_is_not_large_in_memory(
    candidate: str, domain: str, channels: int, tmp_path: Path
) -> None:
    shared_by_all(tmp_path, candidate, domain, channels)
    said = refused_cheaply(tmp_path)
    if domain != "sequence:16":
        assert re.search("would take [0-9,]+ MiB of memory, more than the 1,280 MiB", said)
    else:  # the twin: it is made, and found to have other weights than it says
        assert "says 10 parameters" in said


ORDINARY = {
    "digits": (["8x8", "4x4", "4x4"], 1, 8, "hflip"),
    "the paper's": (["28x28", "20x20", "20x20"], 1, 4, "hflip"),
    "large pictures": (["64x64", "64x64", "64x64"], 1, 2, "translate_x:1"),
    "large coloured pictures": (["64x64", "16x16", "16x16"], 3, 8, "translate_x:4"),
    "a table with signs": (["features:1000", "features:1000", "features:1000"], 1, 2, "negate"),
    "a long sequence": (["sequence:4096", "sequence:256", "sequence:256"], 4, 16, "shift:16"),
    "a volume": (["32x32x32", "8x8x8", "8x8x8"], 1, 2, "flip_x"),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_the_limits_leave_room_for_what_a_search_makes(name: str) -> None:
    domains, in_channels, channels, candidate = ORDINARY[name]
    record = {
        "domains": domains,
        "in_channels": in_channels,
        "hidden_channels": [channels] * 2,
        "final": "invariant",
        "candidates": [candidate],
        "generators": [candidate],
    }
    plan = MLPDescription.read(record, ("a", "b"), True)
    plan.check_size(0)  # even without one weight in its file


def header_of(length: int, text: bytes, values: bytes = b"") -> Callable[[Path], None]:
    return write("model.safetensors", length.to_bytes(8, "little") + text + values)


def entry(shape: list[int], offsets: list[int], dtype: str = "F32") -> bytes:
    found = {"mean": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}
    return json.dumps(found).encode()


def with_header(text: bytes, values: bytes = b"") -> Callable[[Path], None]:
    return header_of(len(text), text, values)


HEADERS: dict[str, tuple[Spoil, str]] = {
    "longer than the file": (header_of(2**62, b"{}"), "header too large"),
    "long": (header_of(2**21, b" " * 2**21), "more than 1,048,576"),
    "no object": (with_header(b"[1]"), "invalid type: sequence"),
    "deep": (with_header(b"[" * 100_000), "invalid type: sequence"),
    "a tensor twice": (with_header(b'{"a": 1, "a": 2}'), "invalid type: integer"),
    "a tensor in two places": (
        with_header(
            entry([1], [0, 4])[:-1] + b"," + entry([1], [4, 8])[1:],
            bytes(8),
        ),
        "invalid offset for tensor `mean`",
    ),
    "a number for a tensor": (with_header(b'{"a": 1}'), "invalid type: integer"),
    "huge": (with_header(entry([10**9, 10**9], [0, 4 * 10**18])), "overflow"),
    "more than the file": (with_header(entry([10**9], [0, 4 * 10**9])), "file not fully covered"),
    "another size": (
        with_header(entry([2], [0, 12]), bytes(12)),
        "invalid shape, data type, or offset",
    ),
    "negative": (with_header(entry([-2], [0, 8]), bytes(8)), "integer `-2`"),
    "a gap": (with_header(entry([2], [8, 16]), bytes(16)), "invalid offset for tensor `mean`"),
    "unknown type": (with_header(entry([2], [0, 8], "X9"), bytes(8)), "unknown variant `X9`"),
    "one tensor": (with_header(entry([2], [0, 8]), bytes(8)), "scale is missing|too few"),
}


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", HEADERS)
def test_headers_that_lie_are_refused(kind: str, name: str, tmp_path: Path) -> None:
    save_model(MAKERS[kind](), tmp_path, CLASSES)
    spoil, message = HEADERS[name]
    spoil(tmp_path)
    assert re.search(message, refused_cheaply(tmp_path))


def test_a_large_description_is_not_read_to_its_end(tmp_path: Path) -> None:
    save_model(network_of(), tmp_path, CLASSES)
    with (tmp_path / "model.json").open("ab") as file:
        file.truncate(2**33)  # takes no room on the disk
    assert "more than 16,777,216 bytes" in refused_cheaply(tmp_path)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    save_model(network_of(), tmp_path, CLASSES)
    (tmp_path / "model.json").unlink()
    os.mkfifo(tmp_path / "model.json")
    assert "not a regular file" in refused_cheaply(tmp_path)


@pytest.mark.parametrize("kind", MAKERS)
def test_the_description_alone(kind: str, tmp_path: Path) -> None:
    network = MAKERS[kind]()
    save_model(network, tmp_path, CLASSES, "uint8")
    (tmp_path / "model.safetensors").unlink()
    found = read_description(tmp_path)
    assert (found.classes, found.samples) == (CLASSES, "uint8")
    assert found.n_parameters == network.n_parameters
    with pytest.raises(ModelError, match="is missing"):
        load_model(tmp_path)
    with pytest.raises(ModelError, match=r"model\.json is missing"):
        read_description(tmp_path / "nowhere")


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
