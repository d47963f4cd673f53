"""Settings and data determine candidates, domains, an architecture and a sampler."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.samples import make_samples
from autoequivariant.errors import SettingsError, SymmetryError
from autoequivariant.groups.catalogue import default_candidates, paper_candidates
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Domain, Features, Grid, Sequence, Volume
from autoequivariant.groups.symmetry import Symmetry, parse_symmetries
from autoequivariant.nn.mlp.description import MLPDescription
from autoequivariant.searching.experiment import make_experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.families.cnn.kind import CNNKind
from autoequivariant.training.families.cnn.recipe import RECIPES
from autoequivariant.training.families.mlp.kind import candidates_for, hidden_domains
from autoequivariant.training.loop import Training

Make = Callable[..., Problem]


def test_defaults_on_digits() -> None:
    problem = make_experiment(SearchSettings("digits")).problem
    assert problem.candidates == default_candidates(Grid(8, 8))
    assert problem.family.architecture.actions.domains == (Grid(8, 8), Grid(4, 4), Grid(4, 4))
    assert problem.family.architecture.hidden_channels == (8, 8)
    assert problem.family.architecture.final == "invariant"
    assert problem.space.size == problem.space.size == 148
    assert problem.sampler == "lattice"
    assert (problem.training.epochs, problem.training.batch_size) == (24, 64)
    assert problem.warnings == ()
    sizes = problem.card.train_size, problem.card.validation_size, problem.card.test_size
    assert sizes == (1079, 359, 359)


def test_the_preset_of_the_paper(shared_data: Path) -> None:
    settings = SearchSettings(
        str(shared_data / "mnist"), preset="paper", train_size=200, validation_size=100, budget=216
    )
    problem = make_experiment(settings).problem
    assert problem.candidates == paper_candidates()
    assert problem.family.architecture.actions.domains == (Grid(28, 28), Grid(20, 20), Grid(20, 20))
    assert problem.family.architecture.widths == (784, 400, 400, 10)
    assert problem.family.architecture.final == "dense"
    assert problem.training.epochs == 4
    assert problem.space.size == 216
    assert problem.sampler == "lattice"
    [warning] = problem.warnings
    assert "order 7 on 28x28" in warning
    assert "order 5 on 20x20" in warning


@pytest.mark.parametrize(
    ("backbone", "preset", "training"),
    [
        ("pyramid", "paper", RECIPES["grid"].proxy(200)),
        ("pyramid", None, RECIPES["grid"].proxy(200)),
        ("paper", "paper", CNNKind.training),
        ("residual", "paper", CNNKind.training),
    ],
)
def test_a_backbone_is_trained_by_its_own_recipe(
    shared_data: Path, backbone: str, preset: str | None, training: Training
) -> None:
    settings = SearchSettings(
        str(shared_data / "mnist"),
        preset=preset,
        network="cnn",
        backbone=backbone,
        train_size=200,
        validation_size=100,
    )
    assert make_experiment(settings).problem.training == training


@pytest.mark.parametrize(
    ("domain", "layers", "accepted"),
    [
        (Grid(28, 28), None, True),
        (Grid(8, 8), None, False),
        (Grid(32, 32), None, False),
        (Sequence(784), None, False),
        (Grid(32, 32), (Grid(16, 16),), True),
    ],
)
def test_the_papers_layers_require_its_shape(
    domain: Grid, layers: tuple[Grid, ...] | None, accepted: bool
) -> None:
    settings = SearchSettings("digits", preset="paper", layers=layers)
    if accepted:
        assert hidden_domains(DataSpec(domain), paper_candidates(), settings)
    else:
        with pytest.raises(SettingsError, match=f"or --layers; got samples on {domain}"):
            hidden_domains(DataSpec(domain), paper_candidates(), settings)


@pytest.mark.parametrize(
    ("sampler", "budget", "expected", "counted"),
    [
        ("auto", 8, "exhaustive", 8),
        ("auto", 9, "exhaustive", 8),
        ("auto", 7, "lattice", 8),
        ("lattice", 8, "lattice", 8),
        ("exhaustive", 3, "exhaustive", 8),
        ("random", 8, "random", 8),
        ("tpe", 3, "tpe", 8),
        ("nsga2", 8, "nsga2", 8),
    ],
)
def test_the_resolved_sampler(
    small_problem: Make, sampler: str, budget: int, expected: str, counted: int | None
) -> None:
    problem = small_problem(sampler=sampler, budget=budget)
    assert (problem.sampler, problem.space.size) == (expected, counted)


@pytest.mark.parametrize(
    ("symmetries", "options", "size", "expected"),
    [
        ("hflip,vflip,swap_left_right,swap_top_bottom,translate_x:2", {}, 24, "exhaustive"),
        (
            "hflip,vflip,swap_left_right,swap_top_bottom,translate_x:2,translate_y:2",
            {},
            36,
            "lattice",
        ),
        ("hflip,vflip,swap_left_right", {"objective": "score,parameters"}, 19, "exhaustive"),
        (
            "hflip,vflip,swap_left_right,swap_top_bottom",
            {"objective": "score,parameters", "channels": 2},
            58,
            "lattice",
        ),
    ],
)
def test_auto_is_exhaustive_for_few_networks(
    small_problem: Make, symmetries: str, options: dict[str, Any], size: int, expected: str
) -> None:
    problem = small_problem(symmetries, **options)
    assert (problem.space.size, problem.sampler) == (size, expected)


def test_widths_are_searched_only_with_two_objectives(small_problem: Make) -> None:
    one = small_problem(channels=8)
    assert (one.space.widths, one.directions) == ((8,), ("maximize",))
    two = small_problem(channels=8, objective="score,parameters")
    assert two.space.widths == (4, 8, 16, 32)
    assert two.directions == ("maximize", "minimize")
    named = small_problem(channels=8, objective="score,parameters", widths=(3, 20))
    assert named.space.widths == (3, 8, 20)
    single = small_problem(channels=1, objective="score,parameters")
    assert single.space.widths == (1, 2, 4)
    evaluation = Evaluation(np.array([True, False]), 70, 0.5)
    assert one.values(evaluation) == (0.5,)
    assert two.values(evaluation) == (0.5, 70.0)


def test_few_validation_samples_give_a_warning(small_problem: Make) -> None:
    assert small_problem(validation_size=100).warnings == ()
    (warning,) = small_problem(validation_size=99).warnings
    assert warning.startswith("99 validation samples")


def test_candidates() -> None:
    named = parse_symmetries("hflip,rot90")
    assert candidates_for(DataSpec(Grid(8, 8)), SearchSettings("", symmetries=named)) == named
    assert (
        candidates_for(DataSpec(Grid(28, 28)), SearchSettings("", preset="paper"))
        == paper_candidates()
    )
    assert candidates_for(DataSpec(Grid(6, 4)), SearchSettings("")) == default_candidates(
        Grid(6, 4)
    )


def test_candidates_of_a_table_are_those_proposed() -> None:
    proposed = parse_symmetries("swap:0-1,swap:1-2")
    spec = DataSpec(Features(5), proposed=proposed)
    assert candidates_for(spec, SearchSettings("")) == proposed
    assert candidates_for(replace(spec, proposed=()), SearchSettings("")) == ()
    assert len(candidates_for(replace(spec, proposed=None), SearchSettings(""))) == 4
    named = parse_symmetries("swap:2-3,swap:1-2")
    found = candidates_for(spec, SearchSettings("", symmetries=named))
    assert found == parse_symmetries("swap:2-3,swap:1-2,swap:0-1")


@pytest.mark.parametrize(
    ("domain", "channels", "is_one_hot", "expected"),
    [
        (Sequence(8), 4, True, "reverse_complement,reverse,shift:2,swap_halves"),
        (Sequence(8), 4, False, "reverse,shift:2,swap_halves"),
        (Sequence(8), 5, True, "reverse,shift:2,swap_halves"),
    ],
)
def test_one_hot_sequences_have_the_reverse_complement(
    domain: Sequence, channels: int, is_one_hot: bool, expected: str
) -> None:
    spec = DataSpec(domain, channels=channels, is_one_hot=is_one_hot)
    assert ",".join(map(str, candidates_for(spec, SearchSettings("")))) == expected


STAGGER = {"name": "stagger", "like": "shift:1", "outputs": {"swap": "even <-> odd"}}


@pytest.mark.parametrize(("length", "hidden"), [(6, 6), (8, 8), (12, 12)])
def test_a_hidden_domain_carries_the_action_on_outputs(length: int, hidden: int) -> None:
    spec = DataSpec(Sequence(length), (), 1, ("even", "odd"))
    candidates = resolve([candidate_of(STAGGER)], spec)
    found = hidden_domains(spec, candidates, SearchSettings(""))
    assert found == (Sequence(hidden),) * 2


@pytest.mark.parametrize("domain", [Grid(2048, 2049), Grid(10**20, 3), Features(2**22 + 1)])
def test_domains_that_are_too_large(domain: Domain) -> None:
    with pytest.raises(SettingsError, match="indices, more than 4,194,304: use smaller data"):
        candidates_for(DataSpec(domain), SearchSettings(""))


def test_a_domain_that_is_not_too_large() -> None:
    assert candidates_for(DataSpec(Features(2**22)), SearchSettings("")) == (
        Symmetry("swap", (0, 1)),
        Symmetry("shift", (1,)),
    )


@pytest.mark.parametrize(
    ("count", "layers", "accepted"), [(1024, 1, True), (1025, 1, False), (26, 4000, False)]
)
def test_candidates_that_are_too_many(count: int, layers: int, accepted: bool) -> None:
    settings = SearchSettings("", layers=(Grid(32, 32),) * layers)
    candidates = (Symmetry("hflip"),) * count
    if accepted:
        assert hidden_domains(DataSpec(Grid(32, 32)), candidates, settings) == settings.layers
    else:
        with pytest.raises(SettingsError, match="candidates on layers .* name fewer candidates"):
            hidden_domains(DataSpec(Grid(32, 32)), candidates, settings)


@pytest.mark.parametrize("channels", ["swap: 0 <-> 1", "negate: 0"])
def test_moved_channels_count_as_when_a_model_is_loaded(channels: str) -> None:
    key, _, value = channels.partition(": ")
    moved = {"like": "hflip", "channels": {key: value}}
    spec = DataSpec(Grid(64, 64), (), 16, ("0", "1"))
    settings = SearchSettings("", layers=(Grid(16, 16),))
    still, moving = (resolve([candidate_of(c)], spec) for c in ("hflip", moved))
    assert hidden_domains(spec, still, settings) == settings.layers
    assert hidden_domains(spec, moving, settings) == settings.layers
    large = replace(spec, domain=Grid(128, 128))
    hidden_domains(large, still, settings)
    with pytest.raises(SettingsError, match="before sharing, more than 268,435,456"):
        hidden_domains(large, moving, settings)
    description = MLPDescription((large.domain, Grid(16, 16)), 16, (1,), 2, "invariant", moving, ())
    with pytest.raises(SettingsError, match="before sharing, more than 268,435,456"):
        description.check_size(held=2**40)


@pytest.mark.parametrize(
    ("layers", "accepted"),
    [
        ((Grid(14, 14), Grid(14, 14)), True),
        ((Grid(9999, 9999),), False),
        ((Grid(2, 2), Grid(512, 512), Grid(512, 512)), False),
        ((Volume(1000, 1000, 1000),), False),
    ],
)
def test_layers_that_are_too_large(layers: tuple[Grid, ...], accepted: bool) -> None:
    settings = SearchSettings("", layers=layers)
    if accepted:
        assert hidden_domains(DataSpec(Grid(28, 28)), (), settings) == layers
    else:
        with pytest.raises(SettingsError, match="before sharing, more than 268,435,456"):
            hidden_domains(DataSpec(Grid(28, 28)), (), settings)


def test_memory(small_problem: Make) -> None:
    assert small_problem(memory_limit=10**6)
    with pytest.raises(SettingsError, match="--memory-limit is .* GiB: raise it, or use smaller"):
        small_problem(memory_limit=10**4)
    with pytest.raises(SettingsError, match="there are .* GiB: use smaller --layers or fewer"):
        small_problem(channels=10**7)
    with pytest.raises(SettingsError, match="there are .* GiB: use smaller --layers or fewer"):
        small_problem(objective="score,parameters", widths=(1, 10**7))


def test_the_memory_is_that_of_the_larger_batches_of_the_fit() -> None:
    x = np.random.default_rng(0).normal(size=(12_600, 4)).astype(np.float32)
    samples = make_samples("table", Arrays(x, np.arange(len(x)) % 2))

    def problem(**options: Any) -> Problem:
        settings = SearchSettings("table", symmetries=parse_symmetries("swap:0-1"), **options)
        return make_experiment(settings, samples).problem

    made = problem()
    searched, fitted = made.training.batch_size, made.full_training(10_080).batch_size
    assert fitted == 2 * searched  # four fifths of the samples are outside of test
    width = made.family.default_width
    least, needed = (made.family.bytes_per_child(width, size) for size in (searched, fitted))
    assert least < needed
    assert problem(memory_limit=needed)
    with pytest.raises(SettingsError, match="--memory-limit is .* GiB: raise it"):
        problem(memory_limit=needed - 1)
    assert problem(memory_limit=least, fit="none")  # trains with the batches of the search


@pytest.mark.parametrize(
    ("device", "accepted"), [("cpu", True), ("mps", False), ("gpu", False), ("", False)]
)
def test_device(small_problem: Make, device: str, accepted: bool) -> None:
    if accepted:
        assert small_problem(device=device).device.type == device
    else:
        with pytest.raises(SettingsError, match=f"--device must be cpu or cuda; got '{device}'"):
            small_problem(device=device)


def test_undefined_symmetries_are_refused_by_name(small_problem: Make) -> None:
    assert small_problem("swap_left_right")
    with pytest.raises(SymmetryError, match="swap_left_right is not defined on 3x3"):
        small_problem("swap_left_right", layers=(Grid(3, 3),))
    with pytest.raises(SymmetryError, match="swap:0-1 is not defined on 8x8"):
        small_problem(plant=parse_symmetries("swap:0-1"))


SAME = [{}, {"budget": 3}, {"timeout": 60.0}, {"memory_limit": 10**7}]
OTHER = [
    {"seed": 1},
    {"epochs": 2},
    {"plant": parse_symmetries("hflip")},
    {"sampler": "random"},
    {"objective": "score,parameters"},
    {"train_size": 61},
    {"channels": 2},
    {"final": "dense"},
    {"layers": (Grid(2, 2),)},
    {"symmetries": "hflip,vflip"},
    {"symmetries": "vflip,hflip,swap_left_right"},
]


@pytest.mark.parametrize("options", SAME)
def test_settings_that_keep_the_identity(small_problem: Make, options: dict[str, object]) -> None:
    assert small_problem(**options).identity() == small_problem().identity()


@pytest.mark.parametrize("options", OTHER)
def test_settings_that_change_the_identity(small_problem: Make, options: dict[str, object]) -> None:
    assert small_problem(**options).identity() != small_problem().identity()


def test_widths_change_the_identity(small_problem: Make) -> None:
    two = {"objective": "score,parameters", "channels": 2}
    whole = small_problem(**two).identity()
    assert whole["widths"] == [1, 2, 4, 8]
    assert small_problem(**two, widths=(1, 2, 4, 8)).identity() == whole
    assert small_problem(**two, widths=(1, 2, 4)).identity() != whole
