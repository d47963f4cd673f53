"""The use of candidates, and which of them the chosen network keeps."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.data.folds import fold_count
from autoequivariant.evidence.fold_differences import together
from autoequivariant.evidence.intervals import Difference
from autoequivariant.evidence.verdict import Answer, Verdict
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import Choice, Finalist
from autoequivariant.searching.selection.compared import Compared
from autoequivariant.searching.selection.folds import FoldTrainer
from autoequivariant.searching.selection.pairs import fold_values
from autoequivariant.searching.selection.use import settle
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.progress import NoProgress

NAMES = ("hflip", "vflip", "swap_left_right", "swap_top_bottom")
SAMPLES = 100


def evaluation(loss: float, replicate: int) -> Evaluation:
    rng = np.random.default_rng(replicate)
    noise = rng.normal(scale=0.05, size=SAMPLES)
    losses = (loss + noise).clip(0).astype(np.float16)
    return Evaluation(np.ones(SAMPLES, bool), 100, 0.0, losses=losses)


class Known:
    """Trains nothing: the loss of each network is known, with noise of its own on each fold."""

    steps = 1

    def __init__(self, loss: Callable[[set[str]], float], names: Sequence[str] = NAMES) -> None:
        self.loss, self.names = loss, names

    def of(self, child: Child, replicate: int) -> Evaluation:
        number = replicate + 1000 * sum(2**member for member in child.members)
        return evaluation(self.loss({self.names[n] for n in child.members}), number)

    def evaluate(
        self, children: Sequence[Child], replicate: int, on_step: Callable[[int], None]
    ) -> Iterator[tuple[list[Child], list[Evaluation]]]:
        for child in children:
            on_step(1)
            yield [child], [self.of(child, replicate)]


class Case:
    """A problem with verdicts, a chosen network, and the losses of all networks."""

    def __init__(
        self, experiment: Experiment, study: SearchStudy, known: Known, chosen: Sequence[str]
    ) -> None:
        self.problem = experiment.problem
        self.trainer = FoldTrainer(experiment, study, LocalExecutor(1), Clock(), NoProgress())
        self.folds = fold_count(experiment.data)
        child = self.problem.space.child([known.names.index(name) for name in chosen])
        for replicate in range(1, self.folds + 1):
            study.record([child], replicate, [known.of(child, replicate)])
        one = Finalist(child, 100, 1.0, -1.0, Difference(0.0, 0.0), self.folds)
        compared = Compared(self.folds)
        samples = SAMPLES * self.folds
        base = self.problem.space.baseline
        for replicate in range(1, self.folds + 1):
            if study.evaluation(base, replicate) is None:
                study.record([base], replicate, [known.of(base, replicate)])
        baseline = replace(one, child=base)
        finalists = (one, baseline) if base != child else (one,)
        self.choice = Choice(one, one, finalists, self.folds, samples, one, one, compared)

    def settled(self) -> tuple[list[str], dict[str, str], list[str]]:
        """The chosen network's symmetries, the use of each candidate, and what was dropped."""
        found = settle(self.problem, self.choice, self.trainer)
        names = self.problem.names(found.choice.chosen.child.members)
        uses = {one.name: one.use for one in found.verdicts}
        return names, uses, self.problem.names(found.dropped)


@pytest.fixture
def make(
    small_experiment: Callable[..., Experiment], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., Case]]:
    studies = []

    def case(
        loss: Callable[[set[str]], float],
        chosen: Sequence[str],
        verdicts: dict[str, Answer],
        names: Sequence[str] = NAMES,
        **options: Any,
    ) -> Case:
        experiment = small_experiment(",".join(names), **options)
        found = [Verdict(name, verdicts.get(name, "undecided"), "") for name in names]
        experiment = experiment.with_verdicts(found)
        space = experiment.problem.space
        study = SearchStudy(tmp_path / f"{len(studies)}.db", space.distributions)
        studies.append(study)
        known = Known(loss, space.names)
        monkeypatch.setattr(Problem, "evaluator", lambda *_: known)
        return Case(experiment, study, known, chosen)

    yield case
    for study in studies:
        study.close()


def gains(**of: float) -> Callable[[set[str]], float]:
    """Losses of 1, less what each symmetry gains."""
    return lambda names: 1 - sum(of.get(name, 0.0) for name in names)


H, V, S = "hflip", "vflip", "swap_left_right"

CASES: dict[str, tuple[Any, list[str], dict[str, Answer], list[str], dict[str, str], list[str]]] = {
    "holds and helps": (gains(hflip=0.2), [H], {H: "holds"}, [H], {H: "helps"}, []),
    "holds and is harmless": (gains(), [H], {H: "holds"}, [H], {H: "harmless"}, []),
    "holds but harms": (gains(hflip=-0.2), [H], {H: "holds"}, [], {H: "harms"}, [H]),
    "undecided, but helps": (gains(hflip=0.2), [H], {}, [H], {H: "helps"}, []),
    "undecided and harmless": (gains(), [H], {}, [], {H: "harmless"}, [H]),
    "undecided and harms": (gains(hflip=-0.2), [H], {}, [], {H: "harms"}, [H]),
    "one of each": (
        gains(hflip=0.2, swap_left_right=0.001),
        [H, S],
        {H: "holds"},
        [H],
        {H: "helps", S: "harmless", V: "not tried"},
        [S],
    ),
    "two that do the same: one is kept": (
        lambda names: 0.7 if names & {H, S} else 1.0,
        [H, S],
        {},
        [S],
        {S: "helps"},
        [H],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_the_network_keeps_what_holds_or_helps(make: Callable[..., Case], name: str) -> None:
    loss, chosen, verdicts, expected, uses, dropped = CASES[name]
    names, found, left_out = make(loss, chosen, verdicts).settled()
    if name.startswith("two that do the same"):  # which of the two depends on the noise
        assert len(names) == len(left_out) == 1
        assert found[names[0]] == "helps"
        return
    assert (names, left_out) == (expected, dropped)
    assert uses.items() <= found.items()


R, T, A = "rot90", "transpose", "augment_rotation"
CNN: dict[str, Any] = {
    **{"network": "cnn", "augmentations": ("rotation",), "layers": None, "channels": None},
    "names": (R, H),
}
STANDING_IN: dict[str, tuple[Any, list[str], list[str], dict[str, str], list[str]]] = {
    "beside an augmentation that does the same": (
        lambda names: 0.8 if names & {R, A} else 1.0,
        [R, A],
        [R, A],
        {R: "helps"},
        [],
    ),
    "beside an augmentation that helps, too": (
        lambda names: 1 - 0.2 * (R in names) - 0.2 * (A in names),
        [R, A],
        [R, A],
        {R: "helps"},
        [],
    ),
    "beside an augmentation that does more": (
        lambda names: 0.7 if A in names else 0.8 if R in names else 1.0,
        [R, A],
        [R, A],
        {R: "helps"},
        [],
    ),
    "without evidence it goes": (
        lambda names: 1 - 0.2 * (A in names),
        [R, A],
        [A],
        {R: "harmless"},
        [R],
    ),
    "it is added to an augmentation that does the same": (
        lambda names: 0.8 if names & {R, A} else 1.0,
        [A],
        [R, A],
        {R: "helps"},
        [],
    ),
    "it is not added where it harms": (
        lambda names: 0.7 if names == {A} else 0.8 if R in names else 1.0,
        [A],
        [A],
        {R: "harms"},
        [],
    ),
    "without evidence it is not added": (
        lambda names: 1 - 0.2 * (A in names),
        [A],
        [A],
        {R: "harmless"},
        [],
    ),
}


@pytest.mark.parametrize("name", STANDING_IN)
def test_an_augmentation_pushes_out_no_symmetry(make: Callable[..., Case], name: str) -> None:
    loss, chosen, expected, uses, dropped = STANDING_IN[name]
    case = make(loss, chosen, {}, **CNN)
    turned = case.problem.space.child([0])
    case.trainer.study.record([turned], 0, [Known(loss, [R, H, A]).of(turned, 0)])  # was tried
    names, found, left_out = case.settled()
    assert (names, left_out) == (expected, dropped)
    assert uses.items() <= found.items()


def test_what_was_dropped_does_not_come_back_with_another(make: Callable[..., Case]) -> None:
    def loss(names: set[str]) -> float:
        if names == {R, A}:
            return 0.85
        return 0.8 - 0.001 * len(names & {R, H}) if names - {R} else 1.0

    case = make(loss, [H, A], {}, names=(R, H, T), **{k: v for k, v in CNN.items() if k != "names"})
    for number in (0, 1, 2):
        one = case.problem.space.child([number])
        case.trainer.study.record([one], 0, [Known(loss, [R, H, T, A]).of(one, 0)])
    names, uses, dropped = case.settled()
    assert (names, dropped) == ([H, A], [R])  # `transpose` was added, and with `hflip` implies it
    assert (uses[H], uses[T]) == ("helps", "helps")


def test_without_tests_augmentations_push_out_symmetries(make: Callable[..., Case]) -> None:
    loss, chosen, *_ = STANDING_IN["beside an augmentation that does the same"]
    names, _, dropped = make(loss, chosen, {}, tests=False, **CNN).settled()
    assert (names, dropped) == ([A], [R])


def test_what_a_use_is_measured_beside_is_said(make: Callable[..., Case]) -> None:
    loss, chosen, *_ = STANDING_IN["beside an augmentation that does more"]
    case = make(loss, chosen, {}, **CNN)
    trained = settle(case.problem, case.choice, case.trainer).verdicts[0].trained
    assert trained is not None
    assert trained.difference == pytest.approx(0.2, abs=0.05)
    assert (trained.beside, trained.together) == ((), ())
    assert trained.measured == "measured beside nothing else"
    case = make(gains(hflip=0.2), [H], {})
    trained = settle(case.problem, case.choice, case.trainer).verdicts[0].trained
    assert trained is not None
    assert (trained.beside, trained.measured) == (None, "")


def test_two_that_clearly_help_only_together_stay(make: Callable[..., Case]) -> None:
    little = gains(hflip=0.01, swap_left_right=0.01)
    case = make(little, [H, S], {})
    found = settle(case.problem, case.choice, case.trainer)
    assert case.problem.names(found.choice.chosen.child.members) == [H, S]
    assert all(one.trained.interval[0] < 0 for one in found.without if len(one.left_out) == 1)
    for number in (0, 2):
        trained = found.verdicts[number].trained
        assert trained is not None
        assert (found.verdicts[number].use, trained.beside) == ("helps", ())
        assert trained.together == (H, S)
        assert trained.difference == pytest.approx(0.02, abs=0.01)
    names, _, dropped = make(little, [H], {}).settled()
    assert (names, dropped) == ([], [H])


@pytest.mark.parametrize("gain", [0.022, 0.026, 0.03])
def test_one_of_no_use_does_not_stay_because_another_helps(
    make: Callable[..., Case], gain: float
) -> None:
    names, uses, dropped = make(gains(hflip=gain), [H, S], {}).settled()
    assert S in dropped and S not in names  # though both together clearly help, and H just not
    assert uses[S] == "harmless"


@pytest.mark.parametrize(("more", "is_kept"), [(0.012, True), (0.0, False)])
def test_one_that_helps_alone_stays_if_it_is_ahead_beside_others(
    make: Callable[..., Case], more: float, is_kept: bool
) -> None:
    def loss(names: set[str]) -> float:
        return 0.7 - more * ({H, S} <= names) if names & {H, S} else 1.0

    case = make(loss, [H, S], {})
    found = settle(case.problem, case.choice, case.trainer)
    names = case.problem.names(found.choice.chosen.child.members)
    assert (len(names) == 2) == is_kept
    assert [found.verdicts[n].use for n in (0, 2)] == ["helps", "helps"]


def test_the_smallest_network_keeps_what_is_harmless(make: Callable[..., Case]) -> None:
    names, uses, dropped = make(gains(), [H], {}, smallest=True).settled()
    assert (names, uses[H], dropped) == ([H], "harmless", [])
    names, uses, dropped = make(gains(hflip=-0.2), [H], {}, smallest=True).settled()
    assert (names, uses[H], dropped) == ([], "harms", [H])


def test_without_tests_the_smallest_network_stays(make: Callable[..., Case]) -> None:
    case = make(gains(hflip=-0.2), [H], {}, smallest=True, tests=False)
    assert case.settled() == ([H], dict.fromkeys(NAMES, "not tried") | {H: "harms"}, [])


def test_what_was_trained_beside_the_chosen_network_has_a_use(make: Callable[..., Case]) -> None:
    case = make(gains(hflip=0.2, vflip=-0.3), [H], {H: "holds"})
    both = case.problem.space.child([0, 1])
    known = Known(gains(hflip=0.2, vflip=-0.3))
    for replicate in range(1, case.folds + 1):
        case.trainer.study.record([both], replicate, [known.of(both, replicate)])
    found = settle(case.problem, case.choice, case.trainer)
    trained = found.verdicts[1].trained
    assert found.verdicts[1].use == "harms"
    assert trained is not None
    assert trained.difference == pytest.approx(-0.3, abs=0.05)
    assert found.verdicts[2].use == "not tried"


def test_the_intervals_of_all_that_was_tried_hold_together(make: Callable[..., Case]) -> None:
    case = make(gains(hflip=0.2, swap_left_right=0.2), [H, S], {H: "holds", S: "holds"})
    found = settle(case.problem, case.choice, case.trainer)
    pairs = []
    for one in found.without:
        assert one.folds == 2  # clear by then
        values = [
            fold_values(case.trainer.study, child, one.folds, case.choice.compared)
            for child in (found.choice.chosen.child, one.child)
        ]
        pairs.append(case.choice.compared.differences(*values))
    level = 1 - 0.05 / 2  # two candidates; leaving out both is none
    expected = [one.interval(level) for one in together(pairs)]
    assert [one.trained.interval for one in found.without] == expected
    assert [found.verdicts[n].trained for n in (0, 2)] == [one.trained for one in found.without[:2]]


def test_the_dropped_network_stays_among_the_finalists(make: Callable[..., Case]) -> None:
    case = make(gains(hflip=0.2), [H, S], {H: "holds"})
    found = settle(case.problem, case.choice, case.trainer).choice
    assert found.chosen in found.finalists
    assert case.choice.chosen.child in [one.child for one in found.finalists]
    assert found.chosen.folds == case.folds


def test_after_the_deadline_nothing_more_is_dropped(
    make: Callable[..., Case], stopping_clock: Any
) -> None:
    case = make(gains(), [H, S], {})
    trainer = replace(case.trainer, clock=stopping_clock(1, DeadlineReached))
    found = settle(case.problem, case.choice, trainer)
    assert found.dropped == ()
    assert found.choice.chosen == case.choice.chosen


def test_without_folds_nothing_is_tried(make: Callable[..., Case]) -> None:
    case = make(gains(), [H], {})
    found = settle(case.problem, replace(case.choice, folds=0), case.trainer)
    assert {one.use for one in found.verdicts} == {"not tried"}
    assert found.choice.chosen == case.choice.chosen
