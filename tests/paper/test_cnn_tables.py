"""The table of the CNN reproduction, from records made by hand."""

from typing import Any

import pytest

from autoequivariant.paper.cnn_tables import cnn_files, cnn_markdown, cnn_summary, cnn_title

SEARCH = {"networks_trained": 3, "distinct_networks": 640}
NETWORK = {
    "network": "found",
    "symmetries": ["rot90", "rot180"],
    "generators": ["rot90"],
    "augmentations": ["shear"],
    "n_parameters": 12345,
    "test_score": 0.9,
    "test_interval": [0.85, 0.95],
}
RESULTS: dict[str, Any] = {
    "dataset": "cifar10",
    "train_size": 40000,
    "test_size": 1000,
    "epochs": 50,
    "backbone": "residual",
    "seed": 7,
    "reduced": "fewer epochs",
    "searches": {"search": SEARCH, "augmentations": SEARCH},
    "networks": [NETWORK],
    "importance": {"group": 0.75, "shear": 0.25},
}


def test_a_row_for_each_network_in_context() -> None:
    text = cnn_markdown(RESULTS)
    assert "| found | rot90 (+1); augmented: shear | 12,345 | 90.0% | 85.0 to 95.0% |" in text
    assert "40,000 images for 50 epochs, residual backbone; scored on 1,000" in text
    assert "trained 3 of 640 networks" in text and "Reduced: fewer epochs." in text
    assert cnn_files(RESULTS) == {"tables.md": text}


@pytest.mark.parametrize(
    ("dataset", "title"),
    [("cifar10", "CIFAR-10"), ("cifar10-pyramid", "CIFAR-10"), ("signs-pyramid", "signs")],
)
def test_the_title_is_without_the_backbone(dataset: str, title: str) -> None:
    backbone = "pyramid" if dataset.endswith("-pyramid") else "paper"
    assert cnn_title({"dataset": dataset, "backbone": backbone}) == title


@pytest.mark.parametrize("importance", [None, {}])
def test_importance_is_left_out_where_it_was_not_measured(importance: Any) -> None:
    assert "group 75.0%, shear 25.0%" in cnn_markdown(RESULTS)
    assert "Importance" not in cnn_markdown(RESULTS | {"importance": importance})
    assert len(cnn_summary(RESULTS)) == 2
    assert len(cnn_summary(RESULTS | {"importance": importance})) == 1
