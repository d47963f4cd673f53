"""`model.json` alone: what it says, and how much of it is read."""

import os
from pathlib import Path

import pytest

from autoequivariant.errors import ModelError
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.training.families.model_files import load_model, read_description

from ..spoiled_files import CLASSES, MAKERS, network_of, refused_cheaply


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
