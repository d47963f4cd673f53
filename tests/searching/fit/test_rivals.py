"""The chosen network against what else the same effort buys, on the same test samples."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autoequivariant.evidence.intervals import Difference, mean_interval
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.fit import rival_training
from autoequivariant.searching.fit import rivals as module
from autoequivariant.searching.fit.fit import Fit
from autoequivariant.searching.fit.rivals import (
    AUGMENTED,
    AUGMENTED_SECONDS,
    AVERAGED,
    BASELINE,
    BASELINE_SECONDS,
    CHOSEN,
    NAMES,
    Rivals,
    replicate_of,
)
from autoequivariant.searching.fit.tested import ScoredOnTest, handed_over
from autoequivariant.searching.fit.yardstick import BOOSTING, CLASSES, SVC
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.selection.choice import Choice, Finalist
from autoequivariant.searching.selection.compared import Compared
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.storage.consistency import check_study
from autoequivariant.searching.storage.fit import FitRecord
from autoequivariant.searching.storage.rivals import RivalRecord
from autoequivariant.searching.storage.run_folder import RunFolder
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.training import loop
from autoequivariant.training.child import Child
from autoequivariant.training.clock import Clock, DeadlineReached, Interrupted
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.pace import Pace
from autoequivariant.training.progress import NoProgress
from autoequivariant.training.singles import Single, Singles


@dataclass(frozen=True)
class Made:
    """A chosen network and its baseline after the final training."""

    fit: Fit
    chosen: Child
    tested: ScoredOnTest

    @property
    def problem(self) -> Problem:
        return self.fit.experiment.problem

    @property
    def resumed(self) -> "Made":
        """The same in another process, which has the records alone."""
        return replace(self, tested=replace(self.tested, networks={}))

    def rivals(self) -> Rivals:
        return Rivals(self.fit, self.chosen, self.tested)

    def compared(self) -> dict[str, RivalRecord]:
        rivals = self.rivals()
        rivals.train()
        return {one.name: one for one in rivals.records()}

    def record(self, name: str, seconds: float) -> None:
        scores = np.arange(len(self.fit.experiment.data.test)) % 3 > 0
        replicate = replicate_of(name, self.tested.fit)
        self.fit.study.record([self.chosen], replicate, [Evaluation(scores, 100, seconds)])


class Counting(NoProgress):
    """How much of the rivals is done."""

    def __init__(self) -> None:
        self.total, self.done = 0, 0.0

    def stage(self, name: str, total: int) -> None:
        self.total, self.done = total, 0.0

    def advance(self, networks: float) -> None:
        self.done += networks


def finished(experiment: Experiment, chosen: Child, folder: Path) -> Made:
    problem, data = experiment.problem, experiment.data
    executor = LocalExecutor(1)
    study = SearchStudy(folder / "study.db", problem.space.distributions)
    fit = Fit(
        experiment,
        problem.evaluator(data.train, data.validation, executor),
        study,
        RunFolder(folder / "run", problem.identity(), {}),
        executor,
        Clock(),
        NoProgress(),
        0,
    )
    one = Finalist(chosen, 100, 0.9, 0.9, Difference(0.0, 0.0), 2)
    choice = Choice(one, one, (one,), 2, 100, one, one, Compared(2))
    return Made(fit, chosen, fit.tested(handed_over(fit.experiment.problem, choice)))


@pytest.fixture
def made(small_experiment: Callable[..., Experiment], tmp_path: Path) -> Iterator[Made]:
    experiment = small_experiment("hflip,vflip", epochs=30, fit="none")
    found = finished(experiment, experiment.problem.space.child((0, 1)), tmp_path)
    yield found
    found.fit.study.close()


def test_all_are_scored_on_test_and_none_on_anything_else(made: Made) -> None:
    progress = Counting()
    fit = replace(made.fit, progress=progress)
    found = replace(made, fit=fit).compared()
    assert progress.done == pytest.approx(progress.total)
    assert list(found)[:4] == [CHOSEN, BASELINE, AVERAGED, AUGMENTED]
    assert len(set(found) & set(CLASSES)) == 1
    assert {one.samples for one in found.values()} == {len(made.fit.experiment.data.test)}
    # The first two are the networks that are handed over, to the bit.
    best, baseline = made.tested.best, made.tested.baseline
    chosen, plain = found[CHOSEN], found[BASELINE]
    assert (chosen.score, chosen.interval) == (best.test_score, best.test_interval)
    assert (plain.score, plain.interval) == (baseline.test_score, baseline.test_interval)
    recalls = chosen.balanced_accuracy, plain.balanced_accuracy
    assert recalls == (best.balanced_accuracy, baseline.balanced_accuracy)
    assert plain.n_parameters == baseline.n_parameters != chosen.n_parameters
    assert chosen.ahead == 0 and plain.ahead == pytest.approx(chosen.score - plain.score)
    assert all(one.seconds > 0 for one in found.values())
    assert all(
        one.epochs is None and one.n_parameters is None
        for one in found.values()
        if one.name in CLASSES
    )
    assert {found[name].epochs for name in (CHOSEN, BASELINE, AVERAGED, AUGMENTED)} == {30}
    check_study(made.problem, made.fit.study)  # a search resumes with these records


def test_the_interval_of_a_difference_is_that_of_pairs(made: Made) -> None:
    found = made.compared()
    recorded = [
        made.fit.study.evaluation(made.chosen, replicate_of(name, made.tested.fit))
        for name in (CHOSEN, AUGMENTED)
    ]
    own, other = (one.scores.astype(float) for one in recorded if one is not None)
    error = (own - other).std(ddof=1) / np.sqrt(len(own))
    low, high = found[AUGMENTED].ahead_interval
    assert (high - low) / 2 == pytest.approx(1.96 * error, rel=1e-4)
    assert found[AUGMENTED].interval == mean_interval(other > 0)


def test_the_balanced_accuracy_is_that_of_the_recorded_scores(made: Made) -> None:
    for name in (CHOSEN, BASELINE, AVERAGED, AUGMENTED):
        made.record(name, 1.0)  # two of three are right
    labels = made.fit.experiment.data.test.y
    correct = np.arange(len(labels)) % 3 > 0
    recalls = [correct[labels == one].mean() for one in np.unique(labels)]
    found = made.compared()
    assert found[AVERAGED].balanced_accuracy == pytest.approx(np.mean(recalls))
    assert found[AVERAGED].balanced_accuracy != found[AVERAGED].score


def test_nothing_recorded_is_trained_again(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    first = made.compared()
    recorded = len(made.fit.study.evaluations)

    def refuse(*_: object) -> None:
        raise AssertionError("something is trained")

    for name in ("yardstick_scores", "suitable_yardstick", "moved_copies", "averaged_scores"):
        monkeypatch.setattr(module, name, refuse)
    monkeypatch.setattr(rival_training, "Singles", refuse)
    assert made.resumed.compared() == first
    assert len(made.fit.study.evaluations) == recorded


def test_a_process_without_the_networks_finds_the_same(made: Made) -> None:
    """As after a kill between the final training and its rivals."""
    again = made.resumed.compared()
    fresh = made.rivals()
    for child, name in ((made.chosen, CHOSEN), (fresh.baseline, BASELINE)):
        known = made.tested.networks[child]
        found = made.fit.study.evaluation(made.chosen, replicate_of(name, made.tested.fit))
        assert found is not None and np.array_equal(found.scores, known.scores)
    assert again[CHOSEN].score == made.tested.best.test_score


def test_another_fit_has_rivals_of_its_own(made: Made) -> None:
    fits = [
        made.tested.fit,
        replace(made.tested.fit, kind="full"),
        replace(made.tested.fit, epochs=60),
        replace(made.tested.fit, baseline_epochs=60),
        replace(made.tested.fit, samples=10**6),
    ]
    replicates = {replicate_of(name, fit) for fit in fits for name in NAMES}
    assert len(replicates) == len(fits) * len(NAMES)
    assert max(replicates) < 10**9  # what the study can name
    made.compared()
    before = len(made.fit.study.evaluations)
    longer = replace(made.resumed.tested, fit=fits[2])
    other = replace(made, tested=longer)
    found = other.compared()
    assert found[CHOSEN].epochs == found[AUGMENTED].epochs == 60 and found[BASELINE].epochs == 30
    assert len(made.fit.study.evaluations) >= before + 5


def test_augmentation_takes_as_many_steps(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []

    class Counting(Singles):
        def train(self, singles: Sequence[Single], on_part: Any) -> Any:
            for one in singles:
                each = -(-len(self.splits[one.split][0]) // one.training.batch_size)
                steps.append(one.training.epochs * each)
            return super().train(singles, on_part)

    monkeypatch.setattr(rival_training, "Singles", Counting)
    monkeypatch.setattr(rival_training, "SAME", 1e9)  # none takes longer
    made.compared()
    problem, known = made.problem, made.fit.experiment.known_size
    expected = problem.training.epochs * -(-known // problem.training.batch_size)
    assert steps == [expected]  # of the augmented baseline: the others are trained


@pytest.mark.parametrize(("factor", "epochs"), [(1.1, 30), (2.0, 60), (0.4, 12), (0.01, 1)])
def test_as_many_seconds_are_as_many_epochs(made: Made, factor: float, epochs: int) -> None:
    """Seconds are those recorded, so that a resumed run decides the same."""
    for name in (CHOSEN, BASELINE, AVERAGED, AUGMENTED):
        made.record(name, factor if name == CHOSEN else 1.0)
    found = made.compared()
    for name in (BASELINE_SECONDS, AUGMENTED_SECONDS):
        assert (name in found) == (epochs != made.problem.training.epochs)
        if name in found:
            assert found[name].epochs == epochs
    assert found[CHOSEN].seconds == factor


def recorded_scores(made: Made) -> dict[str, list[Any]]:
    """The scores of all rivals that are recorded."""
    replicates = {replicate_of(name, made.tested.fit): name for name in NAMES}
    return {
        replicates[replicate]: one.scores.tolist()
        for (_, replicate), one in made.fit.study.evaluations.items()
        if replicate in replicates
    }


def with_study(made: Made, path: Path, **changes: Any) -> Made:
    """The same with no rival recorded but those that say how long the others take."""
    study = SearchStudy(path, made.problem.space.distributions)
    found = replace(made, fit=replace(made.fit, study=study, **changes))
    for name, seconds in ((CHOSEN, 2.0), (BASELINE, 1.0), (AVERAGED, 1.0)):
        found.record(name, seconds)
    return found


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many networks each call of `Singles` trains."""
    numbers: list[int] = []

    class Counting(Singles):
        def train(self, singles: Sequence[Single], on_part: Any) -> Any:
            numbers.append(len(singles))
            return super().train(singles, on_part)

    monkeypatch.setattr(rival_training, "Singles", Counting)
    monkeypatch.setattr(module, "epochs_as_long", lambda epochs, *_: 2 * epochs)
    return numbers


def test_two_train_side_by_side_and_are_the_same(
    made: Made, tmp_path: Path, rounds: list[int]
) -> None:
    alone = with_study(made, tmp_path / "alone.db")
    rows = alone.compared()
    with LocalExecutor(2, seconds_alone=0) as executor:
        together = with_study(made, tmp_path / "together.db", executor=executor)
        again = together.compared()
    assert rounds == [1, 1, 1, 2, 1]
    assert list(again) == list(rows)
    assert {BASELINE_SECONDS, AUGMENTED_SECONDS} <= set(rows)
    assert recorded_scores(alone) == recorded_scores(together)
    for one in (alone, together):
        one.fit.study.close()


def test_networks_that_are_missing_are_retrained_side_by_side(
    made: Made, rounds: list[int]
) -> None:
    with LocalExecutor(2, seconds_alone=0) as executor:
        other = replace(made.resumed, fit=replace(made.fit, executor=executor))
        found = other.compared()
    assert rounds == [2, 2, 1]  # the two that are handed over, then their rivals
    assert found[CHOSEN].score == made.tested.best.test_score
    assert found[BASELINE].score == made.tested.baseline.test_score


class Stopping(NoProgress):
    """Interrupts a training before its eighth step."""

    left = 8

    def advance(self, networks: float) -> None:
        if 0 < networks < 1:
            self.left -= 1
            if not self.left:
                raise Interrupted


@pytest.mark.usefixtures("rounds")
def test_each_resumes_at_its_own_checkpoint(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[int] = []

    class Counted(Pace):
        def advance(self) -> int:
            steps.append(1)
            return super().advance()

    monkeypatch.setattr(loop, "Pace", Counted)
    whole = with_study(made, tmp_path / "whole.db")
    whole.compared()
    needed = len(steps)
    one = with_study(made, tmp_path / "one.db")
    folder = made.fit.folder.checkpoints.folder
    of_others, kept, is_over = set(folder.iterdir()), set(), False
    while not is_over:
        try:
            replace(one, fit=replace(one.fit, progress=Stopping())).compared()
            is_over = True
        except Interrupted:
            kept |= set(folder.iterdir()) - of_others
            assert len(steps) < 3 * needed
    assert len(steps) == 2 * needed  # none is made twice
    assert len(kept) == 3 and set(folder.iterdir()) == of_others
    assert recorded_scores(one) == recorded_scores(whole)
    for found in (one, whole):
        found.fit.study.close()


@pytest.mark.parametrize("checks", [0, 1, 4, 9])
def test_interruptions_and_deadlines(made: Made, stopping_clock: Any, checks: int) -> None:
    fit = replace(made.fit, clock=stopping_clock(checks, Interrupted))
    with pytest.raises(Interrupted):
        replace(made, fit=fit).compared()
    stopped = replace(made.fit, clock=stopping_clock(checks, DeadlineReached))
    known = replace(made, fit=stopped).compared()
    assert {CHOSEN, BASELINE} <= set(known)  # they need no time
    assert AUGMENTED not in known
    assert {CHOSEN, BASELINE, AVERAGED, AUGMENTED} <= set(made.compared())  # resumes


class Late(Clock):
    """A clock that stands still, a second before the deadline."""

    elapsed = 9.0


@pytest.mark.parametrize(("seconds", "is_trained"), [(0.5, True), (1.5, False)])
def test_what_does_not_fit_into_the_time_is_not_begun(
    made: Made, seconds: float, is_trained: bool
) -> None:
    for name in (CHOSEN, BASELINE, AVERAGED):
        made.record(name, seconds)
    found = replace(made, fit=replace(made.fit, clock=Late(10.0))).compared()
    assert (AUGMENTED in found) == is_trained
    assert set(CLASSES) & set(found)  # comes first


def test_the_longer_training_is_that_of_the_augmented_baseline(made: Made) -> None:
    for kind in ((30, 45), (45, 30)):
        fit = FitRecord("full", 100, *kind)
        rivals = Rivals(made.fit, made.chosen, replace(made.tested, fit=fit))
        assert rivals.epochs(AUGMENTED) == 45
        assert (rivals.epochs(CHOSEN), rivals.epochs(AVERAGED)) == kind


def test_without_symmetries_the_yardstick_is_left(
    small_experiment: Callable[..., Experiment], tmp_path: Path
) -> None:
    experiment = small_experiment("hflip")
    plain = finished(experiment, experiment.problem.space.baseline, tmp_path)
    (chosen, other) = plain.compared().values()
    plain.fit.study.close()
    assert chosen.name == CHOSEN and other.name in CLASSES


def test_with_augmentations_alone_the_baseline_is_left_too(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 16, 16)), np.arange(60) % 2
    np.savez(tmp_path / "d.npz", x_train=x, y_train=y)
    settings = SearchSettings(
        str(tmp_path / "d.npz"),
        symmetries=parse_symmetries("hflip"),
        augmentations=("hflip", "shear"),
        network="cnn",
        epochs=1,
    )
    experiment = make_experiment(settings)
    sheared = experiment.problem.space.child((2,))
    found = finished(experiment, sheared, tmp_path)
    assert list(found.compared())[:2] == [CHOSEN, BASELINE]
    assert len(found.rivals().records()) == 3
    turned = Rivals(found.fit, experiment.problem.space.child((0, 2)), found.tested)
    found.fit.study.close()
    assert (turned.baseline.members, turned.augmented.members) == ((), (2,))


def test_tables_of_numbers(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 3))
    y = np.abs(x[:, 0] + x[:, 1]) + x[:, 2]
    np.savez(tmp_path / "t.npz", x_train=x, y_train=y)
    settings = SearchSettings(
        str(tmp_path / "t.npz"),
        symmetries=parse_symmetries("swap:0-1"),
        epochs=20,
    )
    experiment = make_experiment(settings)
    made = finished(experiment, experiment.problem.space.child((0,)), tmp_path)
    found = made.compared()
    check_study(experiment.problem, made.fit.study)
    again = made.resumed.compared()
    made.fit.study.close()
    assert {one.balanced_accuracy for one in found.values()} == {None}
    assert BOOSTING in found and SVC not in found
    assert found == again
    assert found[AVERAGED].score > found[BASELINE].score  # Jensen: the average is invariant
