"""Put found symmetries into a model that a user already has."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import Any

import torch
from torch import Tensor, nn

from autoequivariant.errors import SettingsError, printable, shown
from autoequivariant.nn.acting import OUTPUTS_PER, some_candidates
from autoequivariant.nn.any_model.samples import columns_of
from autoequivariant.nn.claimed_symmetries import TOLERANCES
from autoequivariant.nn.symmetrize.measured import error_of, precision_of
from autoequivariant.nn.symmetrize.methods import Average, Canonical, Weighted
from autoequivariant.nn.symmetrize.orbit_weights import OrbitWeights
from autoequivariant.nn.symmetrize.outputs import evaluating
from autoequivariant.nn.symmetrize.samples import samples_for
from autoequivariant.nn.symmetrize.symmetrized import Claim, Method, Symmetrized

METHODS = ("average", "lambda", "canonical", "sample")
_MEMBERS = 16
_CHECKED = 2  # samples


def symmetrize(
    module: nn.Module,
    symmetries: Any,
    method: str = "average",
    *,
    samples: Any = None,
    outputs: Sequence[str] | None = None,
    outputs_per: str = "sample",
    kind: str | None = None,
    columns: Sequence[str] = (),
    members: int | None = None,
    weights: nn.Module | None = None,
    seed: int = 0,
) -> Symmetrized:
    """Wrap a model in a module that has given symmetries, whatever the model has learned.

    The model is not copied and its parameters remain trainable: while the wrapped model is
    fine-tuned, its symmetries stay. They are exact, up to rounding, with all methods but `sample`.
    Random layers such as dropout break them in training.

    Args:
        module: maps samples, shape `(n, features)`, `(n, height, width)` or
            `(n, channels, *shape)`, channels first, to outputs, shape `(n, outputs)` or `(n,)`.
        symmetries: a text such as `rot90,hflip`, a ready list such as `square`, the path of a YAML
            file, `Symmetry` objects, mappings such as `{"swap": "left <-> right"}`, or several of
            these. Those that move outputs say so, as in `{"like": "hflip", "outputs": {"swap":
            "left <-> right"}}`, or `{"negate": "all", "outputs": "negate"}`.
        method: how outputs are combined.

            - `average`: the mean over all moved copies of a sample, each output moved back
              (equi-tuning, Basu et al. 2023, https://arxiv.org/abs/2210.06475). The module takes
              as many samples as the group has elements, at most 4,096.
            - `lambda`: a weighted mean, whose weights a small network learns; it starts as the mean
              (lambda-equitune, Basu et al. 2023, https://arxiv.org/abs/2305.09900).
            - `canonical`: the output for the lexicographically largest of the moved copies, moved
              back (canonicalisation, Kaba et al. 2023, https://arxiv.org/abs/2211.06489). The
              module takes one sample. If all permutations of equal blocks of values, or free signs,
              make up the group, it may have any size. Outputs jump where copies tie.
            - `sample`: the mean over a few random elements of a group of any size. It is not exact;
              its error is measured on `samples`, and warned of if it is more than rounding.
        samples: a few samples as the module takes them: a tensor, an array or a data frame. If
            given, everything is checked at once. Default: the shape is taken from the first input.
            `lambda`, without `weights`, and `sample` need them.
        outputs: names of the classes or targets, for symmetries that name them. Default: `0`, `1`
            and so on.
        outputs_per: what an output belongs to: `sample`; `position`, as in segmentation, where
            outputs of shape `(n, outputs, *shape)` move with the positions of the input; or
            `value`, as in denoising, where outputs have the shape of the input and move, with
            channels and signs, as it does. Default: `sample`.
        kind: `grid`, `sequence`, `features`, `volume` or `pairs`. Default: by the number of axes,
            three being images with channels.
        columns: names of the columns of a table, for symmetries that name them. Default: those of a
            data frame.
        members: of `sample`, the number of elements, at most 65,536. Default: 16.
        weights: of `lambda`, a module that maps samples to `(n, 1)`: a softmax over the moved
            copies turns its outputs into weights. Default: a small network.
        seed: of the elements of `sample`, and of the network of `lambda`.

    Returns:
        A module with the input and output of the given one. Its state has the given module's
        parameters under `module.`, and those of `lambda` under `method.`.

    Raises:
        SettingsError: an argument is invalid, the group is too large for the method, or the module
            does not return outputs of the declared form.
        SymmetryError: names the symmetry that is unknown, or not defined on the samples.

    Example:
        >>> import torch
        >>> from autoequivariant import symmetrize
        >>> model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
        >>> symmetric = symmetrize(model, "rot90,hflip")
        >>> x = torch.randn(5, 1, 8, 8)
        >>> torch.allclose(symmetric(x), symmetric(x.rot90(1, (2, 3))), atol=1e-5)
        True
    """
    _check(module, method, outputs_per, members, weights, seed)
    if samples is None and method == "sample":
        raise SettingsError(
            "method='sample' needs a few samples to measure its error: give samples=."
        )
    names = None if outputs is None else _names(outputs, "outputs")
    named = _names(columns, "columns") or columns_of(samples)
    claim = Claim(some_candidates(symmetries), names, outputs_per, kind, named)
    x = None if samples is None else samples_for(module, samples)
    count = (_MEMBERS if members is None else members) if method == "sample" else None
    made = Symmetrized(module, claim, method, _method(method, weights, x, seed), count, seed)
    if x is not None:
        with evaluating(made), torch.no_grad():
            made(x[:_CHECKED])
    if method == "sample" and x is not None:
        made.error = error_of(made, made.group(x), x)
        if made.error.error > TOLERANCES[precision_of(x)]:
            _warn_of(made)
    return made


def _warn_of(made: Symmetrized) -> None:
    warnings.warn(
        printable(
            f"A mean over {made.members} elements is not exact: its equivariance error is "
            f"{made.error}, as a share of the spread of the outputs; more members make it smaller, "
            "and method='average' or 'canonical' is exact where the group allows it."
        ),
        UserWarning,
        stacklevel=3,
    )


def _method(name: str, weights: nn.Module | None, x: Tensor | None, seed: int) -> Method:
    if name == "canonical":
        return Canonical()
    if name != "lambda":
        return Average()
    if weights is not None:
        return Weighted(weights)
    if x is None:
        raise SettingsError(
            "method='lambda' needs a few samples to shape the network of its weights: give "
            "samples=, or weights=."
        )
    return Weighted(OrbitWeights.on(x, seed))


def _names(given: Any, argument: str) -> tuple[str, ...]:
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise SettingsError(f"{argument} must be a list of names; got {shown(given)}.")
    names = tuple(map(str, given))
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise SettingsError(f"{argument} names {shown(twice[0])} more than once.")
    return names


def _check(
    module: Any, method: Any, outputs_per: Any, members: Any, weights: Any, seed: Any
) -> None:
    if not isinstance(module, nn.Module):
        raise SettingsError(f"module must be a torch.nn.Module; got {shown(module)}.")
    if method not in METHODS:
        raise SettingsError(f"method must be one of {', '.join(METHODS)}; got {shown(method)}.")
    if outputs_per not in OUTPUTS_PER:
        raise SettingsError(
            f"outputs_per must be one of {', '.join(OUTPUTS_PER)}; got {shown(outputs_per)}."
        )
    if not isinstance(seed, Integral) or int(seed) < 0:
        raise SettingsError(f"seed must be an integer of 0 or more; got {shown(seed)}.")
    if members is not None and method != "sample":
        raise SettingsError("members belongs to method='sample': leave it out.")
    if weights is not None and method != "lambda":
        raise SettingsError("weights belongs to method='lambda': leave it out.")
    if weights is not None and not isinstance(weights, nn.Module):
        raise SettingsError(f"weights must be a torch.nn.Module; got {shown(weights)}.")
