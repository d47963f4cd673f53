"""Descriptions of CNNs that are broken or huge are refused before anything is made of them."""

from pathlib import Path

import pytest
import torch

from autoequivariant.nn.io.model_files import save_model

from ..spoiled_files import (
    CLASSES,
    Spoil,
    change,
    check_refusal,
    cnn_of,
    refused_cheaply,
    retensor,
    spoil_values,
)

BROKEN_CNN: dict[str, tuple[Spoil, str]] = {
    "said to be an MLP": (change(network="mlp"), "unknown field 'domain'"),
    "no domain": (change(domain=...), "has no 'domain'"),
    "another kind of domain": (
        change(domain="sequence:9"),
        "rot90 is not defined on sequence:9",
    ),
    "an oblong domain": (change(domain="9x8"), "rot90 is not defined on 9x8"),
    "a small domain": (change(domain="3x3"), "need at least 4 positions a side"),
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
    "a table": (
        change(domain="features:9"),
        "a grid or a volume; got features",
    ),
    "not of a convolution": (
        change(generators=["cycle_quadrants"]),
        "quadrants need two even",
    ),
    "swapped pixels": (change(generators=[{"swap": "0 <-> 1"}]), "does not move all positions"),
    "a list": (change(generators=["square"]), "hold the list 'square', not single symmetries"),
    "a broken symmetry": (change(generators=[{"like": "rot9"}]), "did you mean rot90"),
    "too many elements": (
        change(
            in_channels=5,
            generators=[{"channels": {"ring": [0, 1, 2, 3, 4]}}, {"channels": {"swap": "0 <-> 1"}}],
        ),
        "more than 96 elements",
    ),
    "a generator twice": (change(generators=["rot90", "rot90"]), "two of its generators are"),
    "a generator 100,000 times": (
        change(generators=["rot90"] * 100_000),
        "generators: expected a list of length <= 64, got a list of 100000",
    ),
    "numbers for generators": (change(generators=[1, 2]), "."),
    "wrong shape": (
        retensor(lambda tensors: tensors.update({"head.weight": torch.ones(3)})),
        "head.weight is F32 3, not F32 5x7",
    ),
    "a tensor too few": (retensor(lambda tensors: tensors.pop("head.bias")), "head.bias"),
    "a negative variance": (spoil_values("backbone.0.norm.shared.running_var", -1.0), "negative"),
}


@pytest.mark.parametrize("name", BROKEN_CNN)
def test_broken_cnns_are_refused_in_one_sentence(name: str, tmp_path: Path) -> None:
    check_refusal(cnn_of(), BROKEN_CNN[name], tmp_path)


HUGE_CNN = {
    "pictures": {"domain": "100000x100000"},
    "channels": {"in_channels": 10**9},
    "width": {"width": 10**9},
    "a width that is allowed": {"width": 10**6, "in_channels": 10**6},
    "classes that are allowed": {"classes": [str(number) for number in range(10**5)]},
}


@pytest.mark.parametrize("name", HUGE_CNN)
def test_cnns_that_claim_to_be_huge_are_refused_before_they_are_made(
    name: str, tmp_path: Path
) -> None:
    save_model(cnn_of(), tmp_path, CLASSES)
    change(generators=["rot90"])(tmp_path)
    change(**HUGE_CNN[name])(tmp_path)
    refused_cheaply(tmp_path)
