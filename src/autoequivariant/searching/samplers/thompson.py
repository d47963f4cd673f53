"""Thompson sampling, where closed states are too many to list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import product

import numpy as np

from autoequivariant.searching.samplers.climbing import Climber
from autoequivariant.searching.samplers.effects import Effects, FloatArray, Quadratic
from autoequivariant.searching.space import Space
from autoequivariant.training.child import Child

STARTS = 12
"""Leading networks from which each ascent starts."""
RANDOM_STARTS = 4
EXPECTED_EVERY = 4
"""One of so many proposals is the best expected one, not that of a function drawn at random."""
DRAWS_TO_END = 8
"""Functions whose optima say how far the best state is expected to be ahead."""
_DENSITY = 0.3  # of random starts


class Thompson:
    """Proposes the optimum of a function that is drawn from the posterior of `Effects`.

    So a proposal differs from the leading networks in all parameters that may still improve them,
    and its score tells of all their pairs. The optimum is climbed to, from the leading networks and
    from random states. One in `EXPECTED_EVERY` proposals is the optimum of the posterior mean.
    Thompson (1933); with effects of pairs: Baptista and Poloczek (2018).

    Args:
        space: what is searched.
        n_samples: number of samples behind each score: it sets the noise.
        seed: of the drawn functions.
        growth: variances are estimated again once there are so many times as many scores. Default:
            with each new score.
    """

    def __init__(self, space: Space, n_samples: int, seed: int, growth: float = 1.0) -> None:
        self._space = space
        self._n_samples = n_samples
        self._seed = seed
        self._growth = growth
        self._fitted: tuple[dict[Child, float], Effects] | None = None
        self._estimated: tuple[int, Effects] | None = None

    def propose(self, scored: Mapping[Child, float], running: Sequence[Child]) -> Child | None:
        """Return the network to train next; None if all that the ascents lead to are seen.

        Args:
            scored: networks with their scores, larger being better; at least one.
            running: networks that are being trained.
        """
        model = self._model(scored)
        number = len(scored) + len(running)
        rng = np.random.default_rng((self._seed, number))
        function = model.draw(rng) if number % EXPECTED_EVERY else model.mean
        seen = dict.fromkeys([*scored, *running])
        pool = [one for one in self._optima(model, function, seen, rng) if one not in seen]
        if not pool:
            return None
        return pool[int(function(self._columns(pool)).argmax())]

    def expected_gain(self, scored: Mapping[Child, float], running: Sequence[Child]) -> float:
        """Return how far the best state is expected to be ahead of the best of those seen.

        That is the mean over functions drawn from the posterior, each with its own optimum.
        """
        model = self._model(scored)
        rng = np.random.default_rng((self._seed, len(scored) + len(running), DRAWS_TO_END))
        seen = dict.fromkeys([*scored, *running])
        known = self._columns(list(seen))
        gains = []
        for function in [model.draw(rng) for _ in range(DRAWS_TO_END)]:
            optima = self._columns(self._optima(model, function, seen, rng))
            gains.append(max(0.0, float(function(optima).max() - function(known).max())))
        return float(np.mean(gains))

    def _optima(
        self,
        model: Effects,
        function: Quadratic,
        seen: Iterable[Child],
        rng: np.random.Generator,
    ) -> list[Child]:
        """Return the networks to which ascents lead, each once."""
        z = self._columns(list(seen))
        leading = np.argsort(-model.mean(z), kind="stable")[:STARTS]
        n = len(self._space.numbers)
        at_random = self._climber.completed(rng.random((RANDOM_STARTS, n)) < _DENSITY)
        starts = np.concatenate([z[leading, :n], 2.0 * at_random - 1])
        found: dict[bytes, FloatArray] = {}
        for start, width in product(starts, self._width_columns):
            end = self._climber.climb(function, np.concatenate([start, width]))
            found[end.tobytes()] = end
        return list(dict.fromkeys(self._child(end) for end in found.values()))

    def _model(self, scored: Mapping[Child, float]) -> Effects:
        """Fit a model, or return the last one: scores do not change within a batch."""
        if self._fitted is None or self._fitted[0] != scored:
            y = np.array(list(scored.values()))
            noise = float((y * (1 - y)).clip(0).mean()) / self._n_samples + 1e-8
            last = self._estimated
            is_new = last is None or len(scored) >= self._growth * last[0]
            like = None if last is None or is_new else last[1]
            model = Effects(self._columns(list(scored)), y, noise, like)
            if is_new:
                self._estimated = len(scored), model
            self._fitted = dict(scored), model
        return self._fitted[1]

    @cached_property
    def _climber(self) -> Climber:
        space = self._space
        always = np.isin(space.numbers, space.baseline.members)
        alone = [space.child({number}).members for number in space.numbers]
        implied = np.array([np.isin(space.numbers, members) for members in alone])
        implied[~np.diag(implied)] = False  # cannot be on
        return Climber(implied.reshape(len(alone), len(alone)), always)

    @cached_property
    def _width_columns(self) -> FloatArray:
        """A column for each width, if there are several."""
        widths = self._space.widths if self._space.has_widths else ()
        return 2 * np.eye(len(widths)) - 1 if widths else np.zeros((1, 0))

    def _columns(self, children: Sequence[Child]) -> FloatArray:
        """Return 1 for each member and the width, and -1 for what a child is not."""
        space = self._space
        place = {number: column for column, number in enumerate(space.numbers)}
        z = np.full((len(children), len(place)), -1.0)
        for row, child in zip(z, children, strict=True):
            row[[place[number] for number in child.members]] = 1
        widths = [space.widths.index(c.width) if space.has_widths else 0 for c in children]
        return np.hstack([z, self._width_columns[widths]])

    def _child(self, z: FloatArray) -> Child:
        space = self._space
        on = [number for number, value in zip(space.numbers, z, strict=False) if value > 0]
        width = space.widths[int(z[len(space.numbers) :].argmax())] if space.has_widths else None
        return space.child(on, width)
