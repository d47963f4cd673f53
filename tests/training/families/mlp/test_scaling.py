"""What a network does to samples and targets commutes with its own symmetries, and no others."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch

from autoequivariant.data.split import Split
from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.domain import Domain, Features, Pairs, Sequence
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child
from autoequivariant.training.families.mlp.family import MLPFamily, MLPTrainer
from autoequivariant.training.families.mlp.scaling import NetworkScaling
from autoequivariant.training.loop import Training
from autoequivariant.training.tasks import TASKS

CPU = torch.device("cpu")
SPECS: list[object] = [
    {"name": "exchange", "swap": "0 <-> 1", "outputs": {"swap": "0 <-> 1"}},
    {"name": "minus", "negate": 2, "outputs": {"negate": 0}},
]
CASES: dict[str, tuple[list[object], Domain, int, int]] = {
    "table": (SPECS, Features(4), 1, 2),
    "channels": (["reverse_complement", "reverse"], Sequence(6), 4, 1),
    "pairs": ([{"channels": {"swap": "0 <-> 1"}}, "swap:0-1"], Pairs(3), 2, 1),
}


def names_of(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


def family_of(case: str, task: str = "regression") -> MLPFamily:
    mappings, domain, channels, outputs = CASES[case]
    spec = DataSpec(domain, (), channels, names_of(outputs), has_classes=False)
    candidates = resolve([candidate_of(mapping) for mapping in mappings], spec)
    actions = layer_actions(candidates, domain, (domain,) * 2, False, channels, outputs)
    return MLPFamily(MLPArchitecture(actions, channels, (3, 3), outputs), TASKS[task])


def split_of(case: str, n: int = 150, seed: int = 0) -> Split:
    """Values far from zero, each of a scale of its own."""
    _, domain, channels, outputs = CASES[case]
    rng = np.random.default_rng(seed)
    shape = (channels, *domain.shape)
    far = rng.normal(100, 50, (1, *shape))
    x = far + rng.normal(size=(n, *shape)) * rng.uniform(0.1, 9, (1, *shape))
    y = 1000 + rng.normal(size=(n, outputs)) * np.arange(1, outputs + 1)
    return Split(x.astype(np.float32), y.astype(np.float32))


def trainer_of(case: str) -> MLPTrainer:
    return family_of(case).trainer(split_of(case), split_of(case, 70, 1), Training(3), 0, CPU)


def children_of(case: str) -> list[Child]:
    return list(Space(family_of(case), limit=100).children)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize("case", ["table", "channels"])
def test_the_plain_network_scales_every_value_on_its_own(case: str) -> None:
    family, fit = family_of(case), split_of(case)
    scales = NetworkScaling.measure(family.architecture, family.task, fit)
    values = family.architecture.scaled_inputs
    flat = fit.x.reshape(len(fit), values, -1).astype(np.float64)
    plain = scales.input_normalisation(())
    assert np.allclose(plain.mean, flat.mean(axis=(0, 2)))
    assert np.allclose(plain.scale, flat.std(axis=(0, 2)))
    targets = scales.output_normalisation(())
    assert targets is not None
    assert np.allclose(targets.mean, fit.y.mean(axis=0))
    for candidate in range(len(family.candidates)):
        assert scales.input_normalisation([candidate]).mean != plain.mean or case == "channels"


def test_pairs_of_two_items_and_of_an_item_with_itself_are_scaled_apart() -> None:
    family, fit = family_of("pairs"), split_of("pairs")
    plain = NetworkScaling.measure(family.architecture, family.task, fit).input_normalisation(())
    diagonal = np.eye(3, dtype=bool)
    for channel, mean, scale in zip(
        fit.x.swapaxes(0, 1).astype(np.float64),
        np.reshape(plain.mean, (2, 3, 3)),
        np.reshape(plain.scale, (2, 3, 3)),
        strict=True,
    ):
        for part in (diagonal, ~diagonal):
            assert np.allclose(mean[part], channel[:, part].mean())
            assert np.allclose(scale[part], channel[:, part].std())


def test_of_classes_only_samples_are_scaled() -> None:
    family = family_of("table", "classification")
    scales = NetworkScaling.measure(family.architecture, family.task, split_of("table"))
    assert scales.output_normalisation(()) is None
    assert scales.corrections([(0,)], CPU)[1] is None


@pytest.mark.parametrize("case", CASES)
def test_samples_that_are_prepared_become_what_each_network_would_have(case: str) -> None:
    family, fit = family_of(case), split_of(case)
    scales = NetworkScaling.measure(family.architecture, family.task, fit)
    x, y = scales.normalised(fit, CPU)
    networks = [child.members for child in children_of(case)]
    inputs, outputs = scales.corrections(networks, CPU)
    assert inputs is not None
    found = inputs.apply(x.T)
    for number, members in enumerate(networks):
        own = scales.input_normalisation(members).apply(torch.from_numpy(fit.x).double())
        assert torch.allclose(found[number].T.double(), own, atol=1e-3)
        scale = scales.output_normalisation(members)
        assert scale is not None
        if outputs is not None:
            trained = scale.apply(torch.from_numpy(fit.y).double())  # what it is to say
            on_common_scale = outputs.apply(trained.float().T[None])[number].T
            assert torch.allclose(on_common_scale, y, atol=1e-2)
    assert scales.corrections([()], CPU) == (None, None)  # nothing to do, and nothing done


@pytest.mark.parametrize("case", CASES)
def test_a_network_is_the_same_bit_by_bit_in_any_company(case: str) -> None:
    """Batches of 64, 64 and 22 samples, and outputs in ones and twos: sizes where products round
    otherwise by where they lie.
    """
    trainer, children = trainer_of(case), children_of(case)
    assert len(children) == 4
    together = trainer.train_batch(children, 0, lambda _: None)
    rows = trainer.score_batch(together)
    for number, child in enumerate(children):
        alone = trainer.train_batch([child], 0, lambda _: None)
        for (w, b), (w2, b2) in zip(
            alone.child_weights(0), together.child_weights(number), strict=True
        ):
            assert torch.equal(w, w2)
            assert torch.equal(b, b2)
        assert np.array_equal(trainer.score_batch(alone)[0], rows[number])


@pytest.mark.parametrize("case", CASES)
def test_a_finished_network_has_its_symmetries_and_says_what_was_scored(case: str) -> None:
    trainer, children = trainer_of(case), children_of(case)
    score = split_of(case, 70, 1)
    for found in trainer.train(0, children, lambda _: None):
        measured = found.model.claimed_error(torch.from_numpy(score.x).float())
        assert measured is None or measured.error < 1e-4
        y = torch.from_numpy(score.y)
        said = found.model(torch.from_numpy(score.x))
        r2 = 1 - ((said - y).square() / y.var(dim=0, correction=0)).mean()
        assert float(r2.detach()) == pytest.approx(float(found.scores.mean()), rel=1e-3, abs=1e-3)


def fitted(x: np.ndarray, y: np.ndarray, mapping: Any) -> list[float]:
    """R² of the plain network and of the one with a candidate."""
    domain = Features(x.shape[1])
    candidates = resolve(
        [candidate_of(mapping)], DataSpec(domain, outputs=("y",), has_classes=False)
    )
    actions = layer_actions(candidates, domain, (domain,) * 2, False, 1, 1)
    family = MLPFamily(MLPArchitecture(actions, 1, (16, 16), 1), TASKS["regression"])
    samples = Split(x[:, None].astype(np.float32), y[:, None].astype(np.float32))
    trainer = family.trainer(samples, samples, Training(60), 0, CPU)
    return [
        float(one.scores.mean())
        for one in trainer.train(0, Space(family, limit=100).children, lambda _: None)
    ]


@pytest.mark.parametrize(
    "mapping",
    [{"negate": 0}, {"like": "swap:0-1", "outputs": {"negate": 0}}],
    ids=["input", "output"],
)
def test_a_candidate_that_cannot_be_does_the_plain_network_no_harm(mapping: object) -> None:
    rng = np.random.default_rng(0)
    z = rng.normal(size=(400, 3))
    plain, symmetric = fitted(100 + z, 1000 + z[:, 0] + z[:, 1] * z[:, 2], mapping)
    assert plain > 0.8
    assert symmetric < 0.5
