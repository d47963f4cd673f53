"""Law 4 from each layer to the next, told in terms of the user's symmetries and shapes.

What one layer cannot tell apart, no later one can. So the action on each hidden domain, and that on
the outputs, is compared with the action on the layer before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autoequivariant.errors import ActionError
from autoequivariant.groups.closure.compatibility import incompatibility
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry


@dataclass(frozen=True)
class LayerCheck:
    """What is wrong with the candidates' actions, if anything.

    Attributes:
        candidates: the symmetries.
        domains: input first, then the hidden domains.
        columns: for each of them how each candidate acts there; then how on the outputs, where any
            candidate moves them.
    """

    candidates: Sequence[Symmetry]
    domains: Sequence[Domain]
    columns: Sequence[Sequence[Permutation]]

    def contradictions(self) -> list[str]:
        """Warn of candidates that contradict each other on the outputs.

        A search may ask which of these is the right one.

        Raises:
            ActionError: one contradicts itself.
        """
        if not self._moves_outputs:
            return []
        inputs, outputs = self.columns[0], self.columns[-1]
        unequal = self._unequal(inputs, outputs)
        if unequal is not None:
            symmetry, before, after = unequal
            raise ActionError(
                f"{symmetry} has order {before} on {self.domains[0]} but order {after} on the "
                "outputs: done so often, it would leave samples as they are and still move their "
                "outputs."
            )
        if incompatibility(inputs, outputs) is None:
            return []
        return [
            "Some candidates contradict each other: together they leave samples as they are and "
            "still move their outputs, so a network that has them all cannot tell those outputs "
            "apart."
        ]

    def troubles(self, contradict: bool) -> list[str]:
        """Say where a layer moves more than the one before it, which breaks law 4.

        Args:
            contradict: whether candidates contradict each other on the outputs already: then no
                hidden domain can carry them all to the outputs.
        """
        found = []
        for number, (source, layer) in enumerate(pairwise(self.domains)):
            if number == 0 or source != layer:
                found.append(self._between(number))
        if self._moves_outputs:
            found.append(self._before_outputs(contradict))
        return [trouble for trouble in found if trouble]

    def loss(self) -> str | None:
        """Say what the first layer, which comes before any nonlinearity, adds up and cannot see."""
        for s, inp, out in zip(self.candidates, *self.columns[:2], strict=True):
            if inp.order() != out.order():
                times = "once" if out.order() == 1 else f"{out.order()} times in a row"
                return (
                    f"{s} has order {inp.order()} on {self.domains[0]} but order {out.order()} on "
                    f"{self.domains[1]}, so a network that has it cannot see what it changes when "
                    f"done {times}"
                )
        return None

    @property
    def _moves_outputs(self) -> bool:
        return len(self.columns) > len(self.domains)

    def _unequal(
        self, inputs: Sequence[Permutation], outputs: Sequence[Permutation]
    ) -> tuple[Symmetry, int, int] | None:
        """A candidate that some power leaves still on `inputs` and not on `outputs`; its orders."""
        for symmetry, inp, out in zip(self.candidates, inputs, outputs, strict=True):
            if inp.order() % out.order():
                return symmetry, inp.order(), out.order()
        return None

    def _between(self, number: int) -> str | None:
        source, layer = self.domains[number : number + 2]
        inputs, outputs = self.columns[number : number + 2]
        unequal = self._unequal(inputs, outputs)
        if unequal is not None:
            symmetry, before, after = unequal
            return (
                f"{symmetry} has order {before} on {source} but order {after} on {layer}, so the "
                "layer between them would share weights under a larger group than "
                f"{source if number else 'the input'} has, and not see positions"
            )
        if incompatibility(inputs, outputs) is None:
            return None
        return (
            f"The symmetries act on {layer} not as an image of how they act on {source}: some "
            f"product of them moves nothing on {source} but something on {layer}"
        )

    def _before_outputs(self, contradict: bool) -> str | None:
        layer = self.domains[-1]
        inputs, outputs = self.columns[-2:]
        unequal = self._unequal(inputs, outputs)
        if unequal is not None:
            symmetry, before, after = unequal
            return (
                f"{symmetry} has order {before} on {layer} but order {after} on the outputs, so a "
                "network that has it could not tell those outputs apart"
            )
        if contradict or incompatibility(inputs, outputs) is None:
            return None
        return (
            f"The symmetries act on the outputs not as an image of how they act on {layer}: some "
            f"product of them moves nothing on {layer} but some outputs, so a network that has "
            "them all could not tell those outputs apart"
        )
