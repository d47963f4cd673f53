"""What the data say of every candidate of a search, asked without a search."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from autoequivariant.data.copies.find import NO_COPIES, Copies
from autoequivariant.data.folds import joined
from autoequivariant.data.plant import plant
from autoequivariant.data.samples import Samples
from autoequivariant.data.split import DataSet, hold_out, split
from autoequivariant.errors import SettingsError
from autoequivariant.evidence.direct import DirectTests
from autoequivariant.evidence.verdict import Verdict
from autoequivariant.groups.custom.definition import resolve
from autoequivariant.searching.asking.direct import ask_data
from autoequivariant.searching.asking.table_proposal import (
    WHAT_HOLDS,
    TableProposal,
    propose_for_table,
)
from autoequivariant.searching.candidates import Candidates, find_candidates
from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.experiment import read_samples, reading_notes
from autoequivariant.searching.proposals import nothing_proposed, to_be_told
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.executors.registry import make_executor
from autoequivariant.training.families.family import Family

_FEWEST_OF_REGRESSION = 2


@dataclass(frozen=True)
class Answers:
    """The answers of the data.

    Attributes:
        verdicts: one for each candidate, in order.
        closure: names of all candidates in the closed state that those that hold generate, in
            order; or in the one that a Gaussian process proposes.
        seconds: that it took.
        proposal: where the closure comes from, see `TableProposal.source`.
    """

    verdicts: tuple[Verdict, ...]
    closure: tuple[str, ...]
    seconds: float
    proposal: str = WHAT_HOLDS

    @classmethod
    def of(
        cls, tests: DirectTests, family: Family, proposal: TableProposal | None = None
    ) -> Answers:
        """Return the tests of a family's candidates, with the closure.

        Args:
            tests: of all candidates.
            family: of the networks.
            proposal: of a Gaussian process. Default: none, so the closure is that of what holds.
        """
        proposal = proposal or TableProposal()
        names = [str(candidate) for candidate in family.candidates]
        numbers = [k for k, one in enumerate(tests.verdicts) if one.verdict == "holds"]
        closed: Iterable[int] = sorted(family.closure(numbers)) if numbers else []
        if proposal.members is not None:
            closed = proposal.members
        closure = tuple(names[k] for k in closed)
        seconds = tests.seconds + proposal.seconds
        return cls(tests.verdicts, closure, seconds, proposal.source)

    def to_json(self) -> dict[str, Any]:
        """Return verdicts, closure and seconds as plain values; if not finite, a number is null."""
        record = {
            "verdicts": [one.to_json() for one in self.verdicts],
            "closure": self.closure,
            "seconds": self.seconds,
        }
        plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(record, enc_hook=float))
        return plain


def candidates_to_ask(
    samples: Samples,
    settings: SearchSettings,
    *,
    all_known: bool = False,
    clusters: NDArray[np.int64] | None = None,
) -> Candidates:
    """Return the candidates of a search with these settings; arguments are as in `find_candidates`.

    Raises:
        SettingsError, SymmetryError: the settings do not fit the samples, or leave no candidate.
    """
    found = find_candidates(samples, settings, all_known=all_known, clusters=clusters)
    if not found.family.candidates:
        if settings.symmetries is None:
            raise SettingsError(f"{nothing_proposed(settings)}.")
        raise SettingsError(
            "--symmetries names no candidate to test: give at least one, such as hflip."
        )
    return found


def known_samples(
    samples: Samples, settings: SearchSettings, copies: Copies = NO_COPIES
) -> DataSet:
    """Return the samples that a search may use before its test, planted: all but the test set.

    A search takes some of them for training and some for validation; here, validation has as few
    as possible, because the direct tests use both.

    Args:
        samples: the whole data set.
        settings: options of the search.
        copies: which samples stay together. Default: none.

    Raises:
        DataError: there are too few samples for a search.
        SymmetryError: a planted symmetry is not defined on the data.
    """
    planted = resolve(settings.plant, data_spec(samples))
    for symmetry in planted:
        symmetry.action(samples.domain)  # raises before any work starts
    available = len(samples.y)
    if samples.x_test is None:
        available = len(hold_out(samples.y, settings.seed, copies)[0])
    elif copies.left_out is not None:
        available -= int(copies.left_out.sum())
    fewest = len(samples.classes) or _FEWEST_OF_REGRESSION
    train_size = max(fewest, available - fewest)
    data = split(samples, train_size, fewest, settings.seed, copies)
    return plant(data, planted, settings.seed)


def ask(
    settings: SearchSettings,
    inputs_symmetric: bool = False,
    announce: Callable[[DataSet, Family, Sequence[str]], None] = lambda data, family, warned: None,
    on_tested: Callable[[], None] = lambda: None,
) -> Answers:
    """Read the data that the settings name, and test every candidate of their search.

    Args:
        settings: options of the search; those of training do not matter.
        inputs_symmetric: whether moved samples occur as often as samples.
        announce: called with the samples, the networks, which have the candidates, and warnings,
            before the first test.
        on_tested: called after each candidate; what it raises ends the tests.

    Raises:
        AutoequivariantError: the data or the settings cannot be used.
    """
    with make_executor(settings.executor) as executor:
        return _asked(settings, inputs_symmetric, announce, on_tested, executor)


def _asked(
    settings: SearchSettings,
    inputs_symmetric: bool,
    announce: Callable[[DataSet, Family, Sequence[str]], None],
    on_tested: Callable[[], None],
    executor: Executor,
) -> Answers:
    samples = read_samples(settings)
    found = candidates_to_ask(samples, settings)
    family, proposals, copies = found.family, found.proposals, found.copies
    data = known_samples(samples, settings, copies)
    notes = reading_notes(samples, settings.kind)
    del samples
    told = to_be_told(family.warnings, proposals, settings)
    announce(data, family, (*notes, *copies.warnings, *told))
    tests = ask_data(
        data,
        family,
        settings.seed,
        proposals,
        inputs_symmetric,
        on_tested,
        executor=executor,
    )
    known = joined(data)
    proposal = None
    # To the Gaussian process, rows are independent and columns numbers.
    if known.clusters is None and not data.categories:
        proposal = propose_for_table(
            known.x, known.y, len(data.classes), data.domain, family, tests.verdicts
        )
    return Answers.of(tests, family, proposal)
