"""Warnings about copies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autoequivariant.data.messages import quoted


@dataclass(frozen=True)
class Pair:
    """Two samples by their indices.

    Attributes:
        first, second: an original and its copy; test samples are counted after train.
        how: the symmetry that moves the first to the second; `unmoved` for plain duplicates; None
            if it is a product of several.
    """

    first: int
    second: int
    how: str | None


def inside_warning(samples: int, clusters: int, contradictions: int, pairs: Sequence[Pair]) -> str:
    """Say which samples are copies of others and kept together.

    Args:
        samples: number of samples.
        clusters: number of different ones.
        contradictions: number of copies with another label.
        pairs: some of them.
    """
    copies = _counted(samples - clusters, "sample is a copy", "samples are copies")
    examples = _listed(f"{p.first} and {p.second}: {_how(p)}" for p in pairs)
    return (
        f"{copies} of others, moved by a candidate or unmoved (samples {examples}), so only "
        f"{clusters:,} of {samples:,} samples are independent: copies of a sample are kept in one "
        f"part of every split.{_contradictions(contradictions)}"
    )


def test_warning(
    copies: int, contradictions: int, n_train: int, pairs: Sequence[Pair], is_left_out: bool
) -> str:
    """Say which training samples are copies of test samples, and what is done about it.

    Args:
        copies: number of training samples.
        contradictions: number of them with another label.
        n_train: number of all training samples, after which the test samples are counted.
        pairs: a test sample, and a training sample that is its copy.
        is_left_out: whether they are left out of train.
    """
    subject = _counted(copies, "training sample is a copy", "training samples are copies")
    examples = _listed(f"test {p.first - n_train} and train {p.second}: {_how(p)}" for p in pairs)
    done = (
        "they are left out of training"
        if is_left_out
        else "they are too many to leave out, so the test score is too high: give the samples as "
        "one part, without a test set, and copies are kept together"
    )
    return (
        f"{subject} of test samples, moved by a candidate or unmoved ({examples}): {done}."
        f"{_contradictions(contradictions)}"
    )


def skipped_warning(names: Sequence[str], are_some_kept: bool) -> str:
    """Say that copies are not kept together, as too few clusters would be left.

    Args:
        names: the symmetries whose copies are split up.
        are_some_kept: whether plain duplicates are kept together.
    """
    if not are_some_kept:
        return (
            "Many samples are duplicates of a few, so duplicates are not kept in one part of a "
            "split: scores say how well these few are known, not how well new ones are predicted."
        )
    return (
        f"Many samples are a few moved by {quoted(names)}, so those that only these relate are not "
        "kept in one part of a split: where these symmetries hold, scores of networks without them "
        "are too high."
    )


def _contradictions(count: int) -> str:
    if not count:
        return ""
    have = "copy has" if count == 1 else "copies have"
    return (
        f" {count:,} {have} another label than the original: the labels contradict each other, or "
        "a candidate does not hold."
    )


def _counted(count: int, one: str, more: str) -> str:
    return f"1 {one}" if count == 1 else f"{count:,} {more}"


def _listed(texts: Iterable[str]) -> str:
    return "; ".join(texts)


def _how(pair: Pair) -> str:
    return "several candidates" if pair.how is None else pair.how
