"""Which kind of network a data set gets, and what is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.groups.custom.definition import DataSpec, Definition, resolve
from autoequivariant.groups.domain import Grid, Sequence
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.families.cnn.kind import CNNKind
from autoequivariant.training.families.mlp.kind import MLPKind


def data(folder: Path, shape: tuple[int, ...]) -> str:
    rng = np.random.default_rng(0)
    path = folder / f"{'x'.join(map(str, shape))}.npz"
    np.savez(path, x_train=rng.random((60, *shape), np.float32), y_train=np.arange(60) % 3)
    return str(path)


KINDS: list[tuple[tuple[int, ...], dict[str, Any], str]] = [
    ((16, 16), {}, "cnn"),
    ((16, 16, 3), {}, "cnn"),
    ((15, 16), {}, "mlp"),
    ((16, 20), {}, "cnn"),
    ((8, 8), {}, "mlp"),
    ((8, 8), {"network": "cnn"}, "cnn"),
    ((8, 8), {"augmentations": ("shear",)}, "cnn"),
    ((8, 8), {"symmetries": (), "sizes": ("small",)}, "cnn"),
    ((16, 16), {"network": "mlp"}, "mlp"),
    ((16, 16), {"channels": 2}, "mlp"),
    ((16, 16), {"layers": (Grid(8, 8),)}, "mlp"),
    ((16, 16), {"symmetries": parse_symmetries("rot90,transpose")}, "cnn"),
    ((16, 16), {"symmetries": parse_symmetries("rot90,translate_x:4")}, "cnn"),
    ((16, 16), {"symmetries": parse_symmetries("rot90,cycle_quadrants")}, "mlp"),
    ((16, 16), {"final": "dense"}, "mlp"),
    ((28, 28), {}, "cnn"),
    ((28, 28), {"preset": "paper"}, "mlp"),
    ((28, 28), {"preset": "paper", "backbone": "residual"}, "cnn"),
    ((8, 8), {"pruner": "none"}, "cnn"),
    ((4, 5), {"network": "cnn"}, "cnn"),
    ((4, 4), {}, "mlp"),
    ((20,), {}, "mlp"),
    ((20,), {"kind": "sequence"}, "cnn"),
    ((15,), {"kind": "sequence"}, "mlp"),
    ((20,), {"kind": "sequence", "symmetries": parse_symmetries("reverse,swap_halves")}, "mlp"),
    ((8, 8, 8), {"kind": "volume", "symmetries": parse_symmetries("flip_x")}, "cnn"),
    ((8, 8, 7), {"kind": "volume"}, "mlp"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("shape", "options", "expected"), KINDS)
def test_which_kind(
    tmp_path: Path, shape: tuple[int, ...], options: dict[str, Any], expected: str
) -> None:
    problem = make_experiment(SearchSettings(data(tmp_path, shape), **options)).problem
    assert problem.family.kind == expected
    assert problem.identity()["network"] == expected


def test_the_papers_space(tmp_path: Path) -> None:
    settings = SearchSettings(data(tmp_path, (16, 16)), preset="paper", network="cnn")
    problem = make_experiment(settings).problem
    assert [str(s) for s in problem.candidates] == ["rot90", "hflip", "vflip"]
    assert (problem.states, problem.space.size) == (1024, 448)
    assert problem.training.epochs == 4


def test_what_is_named_twice_counts_once(tmp_path: Path) -> None:
    options = {"symmetries": (Symmetry("hflip"),) * 2, "augmentations": ("shear", "shear")}
    settings = SearchSettings(data(tmp_path, (16, 16)), **options)  # type: ignore[arg-type]
    problem = make_experiment(settings).problem
    assert problem.family.names == ("hflip", "augment_shear")
    assert (problem.states, problem.space.size) == (4, 4)


def test_pictures_that_are_not_square_have_no_turn(tmp_path: Path) -> None:
    problem = make_experiment(SearchSettings(data(tmp_path, (16, 20)))).problem
    assert [str(s) for s in problem.candidates] == ["rot180", "hflip", "vflip"]


REFUSED: list[tuple[tuple[int, ...], dict[str, Any], str]] = [
    ((16, 20), {"symmetries": (Symmetry("rot90"),), "network": "cnn"}, "rot90"),
    (
        (16, 16),
        {"symmetries": parse_symmetries("swap_left_right"), "network": "cnn"},
        "swap_left_right cannot be a symmetry of a convolution, .*: use --network mlp",
    ),
    ((4, 4), {"network": "cnn"}, "pools samples on 4x4 to a single position: use --network mlp"),
    ((3, 9), {"network": "cnn"}, "samples need at least 4 positions a side; got 3x9"),
    ((20,), {"network": "cnn"}, "needs sequences, images or volumes; got .*: use --network mlp"),
]


@pytest.mark.parametrize(("shape", "options", "message"), REFUSED)
def test_what_no_cnn_can_do(
    tmp_path: Path, shape: tuple[int, ...], options: dict[str, Any], message: str
) -> None:
    with pytest.raises(Exception, match=message) as caught:
        make_experiment(SearchSettings(data(tmp_path, shape), **options))
    assert type(caught.value).__module__ == "autoequivariant.errors"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"network": "rnn"}, "--network must be one of auto, mlp, cnn; got 'rnn'"),
    ({"augmentations": ("shera",)}, "--augmentations must be one of rotation, .*; got 'shera'"),
    ({"sizes": ("huge",)}, "--size must be one of small, medium, large; got 'huge'"),
    ({"backbone": "resnet"}, "--backbone must be one of pyramid, paper, residual; got 'resnet'"),
    ({"pruner": "mean"}, "--pruner must be one of none, median, quartile; got 'mean'"),
    (
        {"network": "mlp", "backbone": "paper"},
        "--backbone requires --network cnn .* with --network mlp",
    ),
    ({"sizes": ("small",), "channels": 2}, "--size requires --network cnn .* with --channels"),
    ({"network": "cnn", "final": "dense"}, "--final requires --network mlp"),
    ({"pruner": "median", "objective": "score,parameters"}, "one objective only"),
    ({"pruner": "median", "sampler": "exhaustive"}, "--sampler exhaustive does not prune"),
    ({"symmetries": (), "augmentations": ()}, "name something to search"),
    ({"symmetries": ()}, "--symmetries names no candidate"),
]


@pytest.mark.parametrize(("options", "message"), BAD)
def test_options_that_do_not_go_together(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        SearchSettings("digits", **options)


def test_when_networks_are_given_up(tmp_path: Path) -> None:
    path = data(tmp_path, (16, 16))
    for options, expected in (
        ({}, "median"),
        ({"pruner": "none"}, "none"),
        ({"sampler": "exhaustive"}, "none"),
        ({"objective": "score,parameters"}, "none"),
        ({"network": "mlp"}, "none"),
    ):
        problem = make_experiment(SearchSettings(path, **options)).problem  # type: ignore[arg-type]
        assert problem.pruner == expected, options


def test_what_is_proposed_and_no_convolution_has_is_left_out() -> None:
    domain = Sequence(24)
    spec = DataSpec(domain, channels=3, outputs=("a", "b"))
    exchange = Definition.of({"channels": {"swap": "0 <-> 2"}})
    blocks = Definition.of({"cycles": [[k, k + 6] for k in range(6)]})
    shift = Definition.of({"like": "shift:6"})
    proposed = resolve([blocks, exchange, shift], spec)
    spec = replace(spec, proposed=proposed)
    family, _ = CNNKind().family(spec, SearchSettings("some", network="cnn"))
    assert [str(one) for one in family.candidates] == ["reverse", str(proposed[1])]
    wider, _ = MLPKind().family(spec, SearchSettings("some"))
    assert set(proposed) <= set(wider.candidates)


def test_partial_candidates_follow_the_whole_ones(tmp_path: Path) -> None:
    path = data(tmp_path, (28, 28))
    names = parse_symmetries("rot90@1,hflip,rot90")
    made = make_experiment(SearchSettings(path, symmetries=names)).problem.family
    assert made.names[:3] == ("hflip", "rot90", "rot90@1")
    made = make_experiment(SearchSettings(path, symmetries=names, partial=True)).problem.family
    every = [f"{name}@{level}" for name in ("hflip", "rot90") for level in (3, 2, 1, 0)]
    assert list(map(str, made.candidates)) == [
        "hflip",
        "rot90",
        *sorted(every, key=lambda one: one.startswith("hflip")),
    ]


def test_levels_of_large_images_are_those_of_the_search(tmp_path: Path) -> None:
    made = make_experiment(
        SearchSettings(data(tmp_path, (40, 40)), symmetries=(Symmetry("rot90"),), partial=True)
    ).problem.family
    # Averaged before the first convolution, so no layer is of level 0.
    assert list(map(str, made.candidates)) == ["rot90", "rot90@3", "rot90@2", "rot90@1"]
