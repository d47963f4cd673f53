"""Law 4 from each layer to the next, reported in terms of the user's symmetries and shapes.

What one layer cannot distinguish, no later layer can. The action on each hidden domain, and that on
the outputs, is therefore compared with the action on the layer before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autoequivariant.errors import ActionError
from autoequivariant.groups.closure.compatibility import is_homomorphic_image
from autoequivariant.groups.domain import Domain
from autoequivariant.groups.permutation import Permutation
from autoequivariant.groups.symmetry import Symmetry

CONTRADICTION = (
    "Some candidates contradict each other: some product of them leaves samples unchanged but "
    "moves their outputs, so a network with all of them cannot distinguish those outputs."
)
_MISMATCH = "{} has order {} on {} but order {} on {}"


def check_alone(symmetry: Symmetry, place: object, inp: Permutation, out: Permutation) -> None:
    """Check that a candidate does not contradict itself on the outputs.

    Args:
        symmetry: the candidate.
        place: what samples are on, in words.
        inp, out: its actions on samples and on outputs.

    Raises:
        ActionError: some power of it moves outputs alone.
    """
    if inp.order() % out.order():
        mismatch = _MISMATCH.format(symmetry, inp.order(), place, out.order(), "the outputs")
        raise ActionError(
            f"{mismatch}, so it contradicts itself (some power of it leaves samples unchanged but "
            "moves their outputs): correct its `outputs`, or leave it out."
        )


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
        pairs = zip(self.candidates, self.actions[0], self.actions[-1], strict=True)
        for symmetry, inp, out in pairs:
            check_alone(symmetry, self.domains[0], inp, out)
        if is_homomorphic_image(self.actions[0], self.actions[-1]):
            return []
        return [CONTRADICTION]

    def violations(self, contradict: bool) -> list[str]:
        """Describe each layer whose action is not a homomorphic image of the one before (law 4).

        Args:
            contradict: whether candidates contradict each other on the outputs; then no hidden
                domain can be compatible with all of them.
        """
        places = self._places
        found = [
            self._violation(number, contradict)
            for number in range(len(places) - 1)
            if number == 0 or places[number] != places[number + 1]
        ]
        return [violation for violation in found if violation is not None]

    def loss(self) -> str | None:
        """Describe what the first layer sums, before any nonlinearity, and so cannot see."""
        for symmetry, inp, out in zip(self.candidates, *self.actions[:2], strict=True):
            if inp.order() != out.order():
                times = "once" if out.order() == 1 else f"{out.order()} times"
                return (
                    f"{symmetry} has order {inp.order()} on {self.domains[0]} but order "
                    f"{out.order()} on {self.domains[1]}, so a network that has it cannot see what "
                    f"applying it {times} changes"
                )
        return None

    @property
    def _moves_outputs(self) -> bool:
        return len(self.actions) > len(self.domains)

    @property
    def _places(self) -> list[str]:
        """What candidates act on, in words."""
        return [*map(str, self.domains), *(["the outputs"] if self._moves_outputs else [])]

    def _order_mismatch(self, first: int, second: int) -> str | None:
        """Describe a candidate whose order on `second` does not divide that on `first`."""
        pairs = zip(self.candidates, self.actions[first], self.actions[second], strict=True)
        for symmetry, inp, out in pairs:
            if inp.order() % out.order():
                places = self._places[first], self._places[second]
                return _MISMATCH.format(symmetry, inp.order(), places[0], out.order(), places[1])
        return None

    def _violation(self, number: int, contradict: bool) -> str | None:
        source, layer = self._places[number : number + 2]
        is_output = number + 1 == len(self.domains)
        mismatch = self._order_mismatch(number, number + 1)
        if mismatch is not None and is_output:
            return f"{mismatch}, so a network that has it cannot distinguish those outputs"
        if mismatch is not None:
            return (
                f"{mismatch}, so the layer between them would share weights under a larger group "
                f"than {source if number else 'the input'} has and be blind to position"
            )
        if is_output and contradict:
            return None
        if is_homomorphic_image(self.actions[number], self.actions[number + 1]):
            return None
        effect = ", so a network with all of them cannot distinguish those outputs"
        return (
            f"The action on {layer} is not a homomorphic image of the action on {source}: some "
            f"product of the symmetries is trivial on {source} but not on {layer}"
            f"{effect if is_output else ''}"
        )
