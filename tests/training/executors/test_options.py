"""What may be asked of executors, and how it is written on a command line."""

from typing import Any

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.executors.options import ExecutorOptions


@pytest.mark.parametrize(
    ("options", "phrase"),
    [
        ({"name": "ray", "cpus_per_child": -1}, "--cpus-per-child must be a number from 0"),
        ({"name": "ray", "cpus_per_child": "2"}, "--cpus-per-child must be a number"),
        ({"name": "ray", "gpus_per_child": float("nan")}, "--gpus-per-child must be a number"),
        ({"name": "ray", "gpus_per_child": 1.5}, "above 1 must be a whole number; got 1.5"),
        ({"name": "ray", "cpus_per_child": 0}, "--cpus-per-child must be more than 0"),
        ({"name": "ray", "ray_address": 3}, "--ray-address must be a string"),
        ({"name": 3}, "--executor must be the name"),
        ({"ray_address": "auto"}, "--ray-address requires --executor ray"),
        ({"name": "serial", "cpus_per_child": 2}, "--cpus-per-child requires --executor ray"),
    ],
)
def test_bad_options_are_refused(options: dict[str, Any], phrase: str) -> None:
    with pytest.raises(SettingsError, match=phrase):
        ExecutorOptions(**options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, ""),
        ({"name": "serial"}, "--executor serial"),
        ({"name": "ray"}, "--executor ray"),
        (
            {"name": "ray", "ray_address": "auto", "cpus_per_child": 2, "gpus_per_child": 0.5},
            "--executor ray --ray-address auto --cpus-per-child 2 --gpus-per-child 0.5",
        ),
        ({"name": "ray", "cpus_per_child": 0, "gpus_per_child": 1}, None),
    ],
)
def test_good_options_are_words_of_a_command(options: dict[str, Any], words: str | None) -> None:
    found = " ".join(ExecutorOptions(**options).arguments)
    assert words is None or found == words


RAY_WITH_GPU = ExecutorOptions("ray", gpus_per_child=0.5)


@pytest.mark.parametrize(
    ("options", "device", "phrase"),
    [
        (ExecutorOptions("cluster"), "cpu", "--executor must be one of local, serial, ray"),
        (ExecutorOptions("ray"), "cuda", "requires --gpus-per-child"),
        (RAY_WITH_GPU, "cpu", "requires --device cuda"),
        (RAY_WITH_GPU, "cuda:1", "requires --device cuda"),
        (RAY_WITH_GPU, "cuda", None),
        (ExecutorOptions("ray"), "cpu", None),
    ],
)
def test_settings_check_them_with_the_device(
    options: ExecutorOptions, device: str, phrase: str | None
) -> None:
    if phrase is None:
        settings = SearchSettings("digits", device=device, executor=options)
        # It is no part of what the run is.
        assert SearchSettings.from_json(settings.to_json()).executor == ExecutorOptions()
    else:
        with pytest.raises(SettingsError, match=phrase):
            SearchSettings("digits", device=device, executor=options)
