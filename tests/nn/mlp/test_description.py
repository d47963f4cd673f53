"""Descriptions of MLPs that are broken or huge are refused before anything is made of them."""

from pathlib import Path

import pytest
import torch

from autoequivariant.nn.io.model_files import save_model

from ..spoiled_files import (
    CLASSES,
    Spoil,
    candidate,
    change,
    check_refusal,
    network_of,
    refused_cheaply,
    retensor,
)

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
    "a generator twice": (change(generators=["rot90", "rot90"]), "two of its generators are"),
    "a generator 10,000 times": (
        change(generators=["rot90"] * 10_000),
        "two of its generators are",
    ),
    "a generator 100,000 times": (
        change(generators=["rot90"] * 100_000),
        "generators: expected a list of length <= 10000, got a list of 100000",
    ),
    "a candidate twice": (
        change(candidates=["rot90", "hflip", "translate_x:2", "rot90"]),
        "two of its candidates are the same",
    ),
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


@pytest.mark.parametrize("name", BROKEN_MLP)
def test_broken_mlps_are_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    check_refusal(network_of(), BROKEN_MLP[name], tmp_path)


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


@pytest.mark.parametrize("name", HUGE_MLP)
def test_mlps_that_claim_to_be_huge_are_refused_before_they_are_made(
    name: str, tmp_path: Path
) -> None:
    save_model(network_of(), tmp_path, CLASSES)
    change(generators=["rot90"])(tmp_path)
    change(**HUGE_MLP[name])(tmp_path)
    refused_cheaply(tmp_path)
