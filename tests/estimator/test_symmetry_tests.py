"""`test_symmetries`: arguments, the data frame and the text."""

from __future__ import annotations

import doctest
from concurrent.futures import Future
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest

import autoequivariant
from autoequivariant.estimator import symmetry_tests
from autoequivariant.estimator.symmetry_tests import COLUMNS, SymmetryTests
from autoequivariant.estimator.symmetry_tests import test_symmetries as ask
from autoequivariant.training.executors import EXECUTORS, ExecutorOptions, LocalExecutor

RNG = np.random.default_rng(0)
X = RNG.normal(size=(300, 3))
Y = np.where(X[:, 0] > 0, "yes", "no")


def answer(**arguments: Any) -> SymmetryTests:
    return ask(**{"X": X, "y": Y, "symmetries": "swap:0-1", "random_state": 0} | arguments)


@pytest.fixture(scope="module")
def found() -> SymmetryTests:
    return answer(symmetries=["swap:0-1", "swap:1-2"])


def test_a_row_for_each_candidate(found: SymmetryTests) -> None:
    frame = found.verdicts
    assert tuple(frame.columns) == COLUMNS
    assert list(frame.index) == ["swap:0-1", "swap:1-2"]
    assert frame.index.name == "symmetry"
    assert set(frame["verdict"]) <= {"holds", "does not hold", "undecided"}
    assert set(frame["use"]) == {"not tried"}
    row = frame.loc["swap:0-1"]
    assert row["verdict"] == "does not hold"
    assert row["effect_low"] < row["effect"] < row["effect_high"]
    assert 0 <= row["p_joint"] <= 1 and 0 <= row["overlap"] <= 1
    assert isinstance(row["unseen"], tuple)
    assert isinstance(found.closure, list)
    assert found.seconds > 0


def test_it_is_printed_as_a_table(found: SymmetryTests) -> None:
    text = repr(found)
    assert "does not hold" in text and "swap:1-2" in text
    assert max(map(len, text.splitlines())) <= 80


def test_an_integer_gives_the_same_answer(found: SymmetryTests) -> None:
    again = answer(symmetries=["swap:0-1", "swap:1-2"])
    pd.testing.assert_frame_equal(again.verdicts, found.verdicts)


class StandIn(LocalExecutor):
    """Workers on another machine, as far as anybody can tell."""

    caller_works = False
    parts: ClassVar[list[Any]] = []

    def __init__(self, options: ExecutorOptions) -> None:
        super().__init__(3)
        self.options, self.is_shut = options, False

    def available(self, parts: int) -> int:
        return 1

    def submit(self, job: Any, part: Any, on_step: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(job(part, on_step))
        self.parts.append(part)
        return done

    def shutdown(self) -> None:
        self.is_shut = True


def test_candidates_are_tested_by_the_workers_of_an_executor(
    found: SymmetryTests, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[StandIn] = []

    def make(options: ExecutorOptions) -> StandIn:
        made.append(StandIn(options))
        return made[-1]

    monkeypatch.setitem(EXECUTORS, "stand-in", make)
    there = answer(
        symmetries=["swap:0-1", "swap:1-2"], executor="stand-in", ray_address="x", cpus_per_child=2
    )
    pd.testing.assert_frame_equal(there.verdicts, found.verdicts)
    assert StandIn.parts == [0, 1]
    assert made[0].options == ExecutorOptions("stand-in", "x", 2)
    assert made[0].is_shut


def test_a_random_state_is_drawn_from() -> None:
    state = np.random.RandomState(0)
    first, second = (answer(random_state=state).verdicts for _ in range(2))
    assert not first.equals(second)


def test_a_gaussian_process_proposes_the_closure_of_a_small_regression_table() -> None:
    x = X[100:160]
    y = np.cos(2 * x[:, 0])
    both = {"X": x, "y": y, "symmetries": ["negate_column:0", "swap:0-1"]}
    found = answer(**both)
    assert found.closure == ["negate_column:0"]
    assert found.proposal == "closed state proposed by a Gaussian process, not a verdict"
    assert found.proposal in repr(found).replace("\n", " ")
    for other in ({"y": y > 0}, {"groups": np.arange(60)}):
        assert answer(**both | other).proposal == "closure of what holds"


def test_the_example_of_the_docstring() -> None:
    example = doctest.DocTestFinder().find(ask, "test_symmetries", module=symmetry_tests)
    assert len(example[0].examples) == 6
    for one in example:
        assert doctest.DocTestRunner().run(one).failed == 0


def test_it_is_public_and_no_test_of_pytest() -> None:
    assert autoequivariant.test_symmetries is ask
    assert ask.__test__ is False  # type: ignore[attr-defined]


ACCEPTED: list[tuple[dict[str, Any], list[str]]] = [
    ({"symmetries": None}, ["swap:0-1", "swap:1-2"]),
    (
        {"X": pd.DataFrame(X, columns=list("abc")), "symmetries": {"swap": "a <-> b"}},
        ["swap a <-> b"],
    ),
    ({"X": pd.DataFrame(X), "symmetries": [[1, 0, 2]]}, ["image 1 0 2"]),
    ({"y": pd.Series(Y)}, ["swap:0-1"]),
    ({"y": X[:, 0]}, ["swap:0-1"]),
    ({"y": X[:, :2]}, ["swap:0-1"]),
    ({"y": Y == "yes"}, ["swap:0-1"]),
    ({"y": np.arange(300), "task": "regression"}, ["swap:0-1"]),
    ({"X": np.column_stack([X, np.full(300, 7.0)]), "symmetries": "swap:0-3"}, ["swap:0-3"]),
    ({"X": X[:3], "y": ["a", "b", "a"]}, ["swap:0-1"]),
    ({"X": RNG.normal(size=(300, 4, 4)), "symmetries": "rot90"}, ["rot90"]),
    ({"groups": np.arange(300) // 2}, ["swap:0-1"]),
    ({"groups": ["a", "b", "c"] * 100}, ["swap:0-1"]),
    ({"inputs_symmetric": np.True_}, ["swap:0-1"]),
]


@pytest.mark.parametrize(("arguments", "names"), ACCEPTED)
def test_accepted(arguments: dict[str, Any], names: list[str]) -> None:
    assert list(answer(**arguments).verdicts.index) == names


def test_outputs_name_classes_as_they_are_in_y() -> None:
    both = {"swap": "0 <-> 1", "outputs": {"swap": "yes <-> no"}}
    (name,) = answer(symmetries=both).verdicts.index
    assert "yes" in name
    with pytest.raises(ValueError, match="maybe"):
        answer(symmetries={"swap": "0 <-> 1", "outputs": {"swap": "yes <-> maybe"}})


NAN = X.copy()
NAN[0, 2] = np.nan
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"symmetries": []}, "symmetries names no candidate"),
    ({"X": X * [1, 100, 10000], "symmetries": None}, "with symmetries, such as negate_column:0"),
    ({"symmetries": "hflip"}, "hflip is not defined on features:3"),
    ({"y": ["a"] * 300}, "hold only one class"),
    ({"X": X[:1], "y": ["a"]}, "a minimum of 2 is required by test_symmetries"),
    ({"X": RNG.normal(size=(300, 3, 5)), "symmetries": "rot90"}, "rot90 is not defined on 3x5"),
    ({"X": NAN}, "Input X contains NaN"),
    ({"X": pd.DataFrame(NAN, columns=list("abc"))}, "The column 'c' of the data frame has missing"),
    ({"y": Y[:9]}, "inconsistent numbers of samples: [300, 9]"),
    ({"groups": [1] * 9}, "inconsistent numbers of samples: [300, 9]"),
    ({"groups": [1] * 300}, "groups must hold two clusters or more; got only"),
    ({"groups": [np.nan] * 300}, "Input groups contains NaN"),
    ({"groups": np.zeros((300, 2))}, "groups must have shape (n,); got shape (300, 2)"),
    ({"kind": "x"}, "kind must be one of grid, sequence, features, volume, pairs; got 'x'"),
    ({"task": "x"}, "task must be one of classification, regression; got 'x'"),
    ({"task": "regression"}, "with task='classification'"),
    ({"y": np.arange(300)}, "choose with task='regression' or task='classification'"),
    ({"inputs_symmetric": 1}, "inputs_symmetric must be True or False; got 1"),
    ({"random_state": -1}, "random_state must be 0 or more; got -1"),
    ({"executor": "x"}, "executor must be one of local, serial, ray; got 'x'"),
    ({"ray_address": "auto"}, "ray_address requires executor"),
    ({"executor": "ray", "cpus_per_child": 0}, "cpus_per_child must be more than 0"),
]


@pytest.mark.parametrize(("arguments", "phrase"), REFUSED)
def test_refused(arguments: dict[str, Any], phrase: str) -> None:
    with pytest.raises(ValueError) as error:
        answer(**arguments)
    assert phrase in str(error.value)
    assert "--" not in str(error.value)


def test_images_with_their_channels_last_are_warned_of() -> None:
    x = RNG.normal(size=(300, 6, 6, 3))
    with pytest.warns(UserWarning, match=r"give np.moveaxis\(X, -1, 1\)") as found:
        ask(x, Y, "hflip", random_state=0)
    assert found[0].filename == __file__  # it points to the caller


def test_clusters_and_the_declaration_are_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {}

    def direct_tests(*arguments: Any, **options: Any) -> Any:
        given.update(options)
        raise StopIteration

    monkeypatch.setattr(symmetry_tests, "direct_tests", direct_tests)
    with pytest.raises(StopIteration):
        answer(groups=["c", "a", "b"] * 100, inputs_symmetric=True)
    assert given["clusters"].tolist() == [2, 0, 1] * 100
    assert given["inputs_symmetric"] is True
    assert given["classes"] == ("no", "yes")


def test_text_is_categories() -> None:
    frame = pd.DataFrame(RNG.choice(["a", "b", "c"], (600, 2)), columns=["first", "last"])
    frame = frame.assign(size=RNG.normal(size=600))
    y = (frame["first"] == "b") + 1.0 * (frame["last"] == "b") + frame["size"] / 2 > 0.5
    found = ask(frame, y, random_state=0)
    assert found.verdicts["verdict"].to_dict() == {"swap first <-> last": "holds"}
