"""What is said of the chosen network's symmetries: what holds, what helps, what is left out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autoequivariant.errors import RunError
from autoequivariant.evidence.verdict import Trained, Verdict
from autoequivariant.report.render.formatting import R2, gap, gap_interval
from autoequivariant.report.render.symmetry_names import listed, strongest
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.storage.results import Results

Names = tuple[str, ...]


@dataclass(frozen=True)
class Claims:
    """The candidates of a finished search, in groups; no candidate is in two.

    Attributes:
        holds_and_helps: built in; they hold, and networks with them predict better.
        holds: built in; they hold, or follow from what holds.
        helps: built in; undecided, but networks with them predict better; or follow from these.
        built_in: built in only for the smallest network: undecided, and not shown to help.
        harmful: hold, but are left out because networks with them predict worse.
        idle: undecided and left out because networks with them do not predict better.
        superfluous: undecided and left out because they do not help beside what is built in, though
            they do without it.
        left_out: hold, but the chosen network is another.
        measured: sentences on what the use of symmetries that are built in was measured beside, if
            not the others.
        was_asked: whether the data were asked.
    """

    holds_and_helps: Names = ()
    holds: Names = ()
    helps: Names = ()
    built_in: Names = ()
    harmful: Names = ()
    idle: Names = ()
    superfluous: Names = ()
    left_out: Names = ()
    measured: Names = ()
    was_asked: bool = True

    @property
    def groups(self) -> tuple[str, ...]:
        """What holds or helps, one text for each group, such as `undecided, but helps: reverse`."""
        groups = {
            "holds and helps": self.holds_and_helps,
            "holds": self.holds,
            "undecided, but helps": self.helps,
        }
        return tuple(f"{word}: {listed(names)}" for word, names in groups.items() if names)

    @property
    def headline(self) -> str:
        """All groups, or one sentence that there are none."""
        if self.groups:
            return "; ".join(self.groups)
        if self.harmful or self.left_out:
            return "What holds does not make networks better, so none of it is built in."
        if self.was_asked:
            return "No candidate holds, and none is shown to help."
        return "The data were not asked, and no candidate is shown to help."

    @property
    def notes(self) -> tuple[str, ...]:
        """What is built in or left out beside the headline, in sentences."""
        notes = {
            "Undecided and not shown to help, built in for the smallest network": self.built_in,
            "Holds, but networks with it predict worse, so it is left out": self.harmful,
            "Undecided and of no use, so it is left out": self.idle,
            "Undecided and of no use beside what is built in, so it is left out": self.superfluous,
            "Holds, but a network without it is chosen": self.left_out,
        }
        texts = tuple(f"{text}: {listed(names)}." for text, names in notes.items() if names)
        return (*texts, *self.measured)


def claims_of(problem: Problem, results: Results) -> Claims:
    """Return what is said of the network of a finished search.

    Raises:
        RunError: the results name a symmetry that was not searched.
    """
    verdicts = dict(enumerate(results.verdicts))
    numbers = {one.name: number for number, one in verdicts.items()}
    for name in (*results.best.symmetries, *results.dropped):
        if name not in numbers:
            raise RunError(
                f"results.json names {name!r}, which was not searched: give the whole folder of "
                "one run."
            )
    members = {numbers[name] for name in results.best.symmetries}
    dropped = {numbers[name] for name in results.dropped} - members
    holding = {n for n, one in verdicts.items() if one.verdict == "holds"}
    helpful = {n for n in members if verdicts[n].use == "helps"}
    idle = dropped - holding
    superfluous = {n for n in idle if verdicts[n].use == "helps"}
    follows = problem.family.closure(holding & members) & members
    held = (holding | follows) & members
    more = problem.family.closure(held | helpful) & members - held

    def names(some: Iterable[int]) -> Names:
        return strongest([verdicts[number].name for number in sorted(some)])

    return Claims(
        holds_and_helps=names(holding & helpful),
        holds=names(held - (holding & helpful)),
        helps=names(more if helpful - held else ()),
        built_in=names(members - held - (more if helpful - held else set())),
        harmful=names(dropped & holding),
        idle=names(idle - superfluous),
        superfluous=names(superfluous),
        left_out=names(holding - members - dropped),
        measured=_measured([verdicts[number] for number in sorted(helpful)]),
        was_asked=problem.settings.tests,
    )


def _measured(verdicts: Iterable[Verdict]) -> Names:
    found: dict[Trained, list[str]] = {}
    for one in verdicts:
        if one.trained is not None and one.trained.measured:
            found.setdefault(one.trained, []).append(one.name)
    return tuple(
        f"The use of {listed(names)} is {trained.measured}: the loss is lower by "
        f"{gap(trained.difference, R2)} ({gap_interval(trained.interval, R2)})."
        for trained, names in found.items()
    )
