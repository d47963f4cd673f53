"""Recipes: the number of steps, the schedule, what decays, and the recipe of each backbone."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from autoequivariant.groups.domain import Domain, Grid, Sequence, Volume
from autoequivariant.nn.cnn.architecture import CNNArchitecture
from autoequivariant.training.families.cnn.recipe import FIXED, RECIPES, Recipe, recipe_of
from autoequivariant.training.loop import Training

SOME = Recipe(learning_rate=0.1, batch_size=10, steps=100, epochs=5, proxy_steps=60)

EPOCHS = [
    (95, 10, 6),  # 10 steps an epoch: 100 steps, and 60
    (1000, 5, 4),  # 100 steps an epoch: the fewest epochs are more
]


@pytest.mark.parametrize(("n_samples", "full", "short"), EPOCHS)
def test_a_full_training_and_a_proxy(n_samples: int, full: int, short: int) -> None:
    assert SOME.training(n_samples) == Training(full, 10, 0.1)
    assert SOME.proxy(n_samples) == Training(short, 10, 0.1, is_proxy=True)
    assert replace(SOME, proxy_steps=None).proxy(95).epochs == SOME.training(95).epochs


def rates(recipe: Recipe, steps: int) -> list[float]:
    optimizer = recipe.optimizer(nn.Linear(2, 2), recipe.learning_rate)
    schedule = recipe.schedule(optimizer, recipe.learning_rate, steps)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def test_the_rate_rises_and_falls() -> None:
    falling = rates(SOME, 20)
    assert falling[0] == 0.1
    assert falling == sorted(falling, reverse=True)
    cycle = rates(RECIPES["grid"], 20)
    peak = cycle.index(max(cycle))
    assert peak == 5  # 0.3 of the steps, counted from the first
    assert cycle[: peak + 1] == sorted(cycle[: peak + 1])
    assert cycle[peak:] == sorted(cycle[peak:], reverse=True)
    assert cycle[-1] < 0.01 * max(cycle)


def test_weights_decay_and_biases_do_not() -> None:
    model = nn.Sequential(nn.Conv1d(2, 3, 3), nn.BatchNorm1d(3))
    optimizer = RECIPES["sequence"].optimizer(model, 0.1)
    decays = {p: group["weight_decay"] for group in optimizer.param_groups for p in group["params"]}
    assert {name: decays[p] > 0 for name, p in model.named_parameters()} == {
        "0.weight": True,
        "0.bias": False,
        "1.weight": False,
        "1.bias": False,
    }


@pytest.mark.parametrize("domain", [Sequence(20), Grid(8, 8), Volume(8, 8, 8)])
def test_only_pyramids_have_recipes_of_their_own(domain: Domain) -> None:
    assert recipe_of(CNNArchitecture(1, domain, 2)) == RECIPES[domain.kind]
    for backbone in ("paper", "residual"):
        assert recipe_of(CNNArchitecture(1, domain, 2, backbone)) == FIXED


def test_without_decay_the_optimizer_is_adam() -> None:
    """As the networks of the reproduction have always been trained."""
    found = []
    for make in (torch.optim.Adam, None):
        torch.manual_seed(0)
        model = nn.Linear(3, 2)
        optimizer = FIXED.optimizer(model, 1e-2) if make is None else make(model.parameters(), 1e-2)
        for _ in range(5):
            optimizer.zero_grad()
            model(torch.ones(4, 3)).square().sum().backward()
            optimizer.step()
        found.append(model.weight.detach().clone())
    assert torch.equal(*found)


def test_bfloat16_is_for_processors_that_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    cpu, recipe = torch.device("cpu"), RECIPES["grid"]
    for capabilities, expected in (({"avx512_bf16": True}, True), ({"avx2": True}, False)):
        monkeypatch.setattr(torch.cpu, "get_capabilities", lambda c=capabilities: c, raising=False)
        assert recipe.uses_bfloat16(cpu) == expected
        assert not FIXED.uses_bfloat16(cpu)
        assert not recipe.uses_bfloat16(torch.device("cuda"))
