"""Records of an MLP reproduction whose numbers are known."""

import copy
from typing import Any

import pytest

from autoequivariant.evidence.intervals import wilson_interval
from autoequivariant.groups.catalogue import paper_candidates
from autoequivariant.paper.g_mnist import SINGLES

NETWORKS = ("baseline", *map(str, paper_candidates()))


def scored(correct: int, n_parameters: int) -> dict[str, Any]:
    interval = list(wilson_interval(correct, 1000))
    return {"n_parameters": n_parameters, "test_score": correct / 1000, "test_interval": interval}


def single(network: int, data: int) -> dict[str, Any]:
    """The baseline is right 800 times of 1,000; a network 20 more where it fits, else fewer."""
    correct = 800 if network == 0 else 820 if network == data else 800 - network
    scores = scored(correct, 10_000 - network)
    return {"data": SINGLES[data], "network": NETWORKS[network], **scores}


def mixed(name: str) -> dict[str, Any]:
    rows: list[tuple[str, list[str], int]] = [
        ("baseline", [], 700),
        ("best single", ["vflip"], 710),
        ("found", ["hflip", "vflip", "swap_left_right"], 750),
    ]
    return {
        "data": name,
        "networks": [
            {
                "network": network,
                "symmetries": names,
                "generators": names[:2],
                "augmentations": [],
                "validation_score": 0.7,
                **scored(correct, 5000),
            }
            for network, names, correct in rows
        ],
    }


@pytest.fixture
def mlp_results() -> dict[str, Any]:
    return {
        "dataset": "mnist",
        "domains": "paper",
        "train_size": 10_000,
        "epochs": 10,
        "test_size": 1000,
        "singles": [single(network, data) for data in range(13) for network in range(13)],
        "mixes": [mixed("mix1"), mixed("mix4")],
        "seed": 0,
    }


@pytest.fixture
def results_of_seeds(mlp_results: dict[str, Any]) -> dict[str, Any]:
    """Two seeds: in the second every network that is not the baseline is right 30 times less, and
    its searches find another network.
    """
    first = {name: mlp_results.pop(name) for name in ("singles", "mixes", "seed")}
    second = copy.deepcopy(first) | {"seed": 1}
    for row in second["singles"]:
        row["test_score"] -= 0.03 * (row["network"] != "baseline")
    for mix in second["mixes"]:
        mix["networks"][2] |= {"symmetries": ["rot90"], "generators": ["rot90"], "test_score": 0.79}
        mix["networks"][2] |= {"n_parameters": 7000}
    return mlp_results | {"domains": "proper", "runs": [first, second]}


@pytest.fixture
def results_of_three_seeds(results_of_seeds: dict[str, Any]) -> dict[str, Any]:
    """The third seed is like the second."""
    first, second = results_of_seeds["runs"]
    return results_of_seeds | {"runs": [first, second, copy.deepcopy(second) | {"seed": 2}]}
