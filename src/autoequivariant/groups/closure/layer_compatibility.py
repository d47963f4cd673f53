"""Law 4 from each layer to the next, reported in terms of the user's symmetries and shapes.

What one layer cannot distinguish, no later layer can. The action on each hidden domain, and that on
the outputs, is therefore compared with the action on the layer before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autoequivariant.errors import ActionError
from autoequivariant.groups.closure.compatibility import is_homomorphic_image
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry


@dataclass(frozen=True)
class LayerCheck:
    """The candidates' actions on all layers, to be checked against law 4.

    Attributes:
        candidates: the symmetries.
        domains: of the input, then of the hidden layers.
        actions: for each domain, how each candidate acts on it; then how each acts on the outputs,
            if any candidate moves them.
    """

    candidates: Sequence[Symmetry]
    domains: Sequence[Domain]
    actions: Sequence[Sequence[Permutation]]

    def contradictions(self) -> list[str]:
        """Warn about candidates that contradict each other on the outputs.

        This is allowed, since a search may be run to find out which of them is right.

        Raises:
            ActionError: a single candidate contradicts itself.
        """
        if not self._moves_outputs:
            return []
        inputs, outputs = self.actions[0], self.actions[-1]
        mismatch = self._order_mismatch(inputs, outputs)
        if mismatch is not None:
            symmetry, before, after = mismatch
            raise ActionError(
                f"{symmetry} has order {before} on {self.domains[0]} but order {after} on the "
                f"outputs: applied {before} times, it would leave samples unchanged but move their "
                "outputs."
            )
        if is_homomorphic_image(inputs, outputs):
            return []
        return [
            "Some candidates contradict each other: some product of them leaves samples unchanged "
            "but moves their outputs, so a network with all of them cannot distinguish those "
            "outputs."
        ]

    def violations(self, contradict: bool) -> list[str]:
        """Describe each layer whose action is not a homomorphic image of the one before (law 4).

        Args:
            contradict: whether candidates contradict each other on the outputs; then no hidden
                domain can be compatible with all of them.
        """
        found = [
            self._hidden_violation(number)
            for number, (source, layer) in enumerate(pairwise(self.domains))
            if number == 0 or source != layer
        ]
        if self._moves_outputs:
            found.append(self._output_violation(contradict))
        return [violation for violation in found if violation]

    def loss(self) -> str | None:
        """Describe what the first layer sums, before any nonlinearity, and so cannot see."""
        for s, inp, out in zip(self.candidates, *self.actions[:2], strict=True):
            if inp.order() != out.order():
                times = "once" if out.order() == 1 else f"{out.order()} times"
                return (
                    f"{s} has order {inp.order()} on {self.domains[0]} but order {out.order()} on "
                    f"{self.domains[1]}, so a network that has it cannot see what applying it "
                    f"{times} changes"
                )
        return None

    @property
    def _moves_outputs(self) -> bool:
        return len(self.actions) > len(self.domains)

    def _order_mismatch(
        self, inputs: Sequence[Permutation], outputs: Sequence[Permutation]
    ) -> tuple[Symmetry, int, int] | None:
        """A candidate whose order on `outputs` does not divide that on `inputs`; both orders."""
        for symmetry, inp, out in zip(self.candidates, inputs, outputs, strict=True):
            if inp.order() % out.order():
                return symmetry, inp.order(), out.order()
        return None

    def _hidden_violation(self, number: int) -> str | None:
        source, layer = self.domains[number : number + 2]
        inputs, outputs = self.actions[number : number + 2]
        mismatch = self._order_mismatch(inputs, outputs)
        if mismatch is not None:
            symmetry, before, after = mismatch
            return (
                f"{symmetry} has order {before} on {source} but order {after} on {layer}, so the "
                "layer between them would share weights under a larger group than "
                f"{source if number else 'the input'} has and be blind to position"
            )
        if is_homomorphic_image(inputs, outputs):
            return None
        return (
            f"The action on {layer} is not a homomorphic image of the action on {source}: some "
            f"product of the symmetries is trivial on {source} but not on {layer}"
        )

    def _output_violation(self, contradict: bool) -> str | None:
        layer = self.domains[-1]
        inputs, outputs = self.actions[-2:]
        mismatch = self._order_mismatch(inputs, outputs)
        if mismatch is not None:
            symmetry, before, after = mismatch
            return (
                f"{symmetry} has order {before} on {layer} but order {after} on the outputs, so a "
                "network that has it cannot distinguish those outputs"
            )
        if contradict or is_homomorphic_image(inputs, outputs):
            return None
        return (
            f"The action on the outputs is not a homomorphic image of the action on {layer}: some "
            f"product of the symmetries is trivial on {layer} but moves outputs, so a network with "
            "all of them cannot distinguish those outputs"
        )
