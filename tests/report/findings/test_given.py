"""What a fit says it trains: what was given, and what follows from it."""

from collections.abc import Callable
from typing import Any

import pytest

from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.report.findings.given import fit_plan_of
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.settings.settings import SearchSettings


@pytest.fixture(scope="module")
def experiment() -> Callable[..., Experiment]:
    def make(symmetries: str = "", **options: Any) -> Experiment:
        given = parse_symmetries(symmetries) if symmetries else ()
        settings = SearchSettings("digits", symmetries=given, given=True, tests=False, **options)
        return make_experiment(settings)

    return make


@pytest.mark.parametrize(
    ("symmetries", "options", "given"),
    [
        ("", {}, "no symmetry"),
        ("hflip", {}, "hflip"),
        ("hflip,vflip", {}, "hflip, vflip"),
        ("rot90,rot180", {}, "rot90, rot180 (rot180 follows from rot90)"),
        (
            "rot90,hflip,vflip,transpose",
            {},
            "rot90, hflip, vflip, transpose (vflip, transpose follow from rot90, hflip)",
        ),
        (
            "hflip",
            {"network": "cnn", "augmentations": ("scale", "shear")},
            "hflip; augmentations scale, shear",
        ),
        (
            "",
            {"network": "cnn", "augmentations": ("scale",)},
            "no symmetry; augmentations scale",
        ),
    ],
)
def test_what_was_given(
    experiment: Callable[..., Experiment], symmetries: str, options: dict[str, Any], given: str
) -> None:
    assert fit_plan_of(experiment(symmetries, **options)).given == given


def test_the_plan_of_a_fit(experiment: Callable[..., Experiment]) -> None:
    plan = fit_plan_of(experiment("hflip", plant=parse_symmetries("hflip"), channels=2))
    assert plan.data == "8x8, 10 classes; 1,438 samples to train on, 359 to test"
    assert plan.planted == "hflip"
    assert plan.network == "MLP"
    assert plan.warnings == ()
