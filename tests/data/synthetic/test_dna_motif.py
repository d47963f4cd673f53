import numpy as np
import pytest

from autoequivariant.data.registry import read
from autoequivariant.data.synthetic.dna_motif import (
    BASES,
    MOTIF,
    holds,
    make_motif,
    make_motif_one_strand,
    reverse_complement,
    word,
)

BOTH, ONE = make_motif(), make_motif_one_strand()
PAIRS = {"A": "T", "C": "G", "G": "C", "T": "A"}


def texts(arrays):
    return ["".join(BASES[base] for base in strand) for strand in arrays.x.argmax(2)]


def other_strand(text):
    return "".join(PAIRS[base] for base in reversed(text))


def test_the_reverse_complement():
    text = "ACCGTTTA"
    found = reverse_complement(word(text))
    assert "".join(BASES[base] for base in found) == other_strand(text) == "TAAACGGT"
    assert other_strand(MOTIF) != MOTIF
    one_hot = np.eye(4)[word(text)]
    assert np.array_equal(one_hot[::-1, ::-1].argmax(1), found)
    strands = np.stack([word("ACCG"), word("CCGT")])
    assert holds(strands, word("ACC")).tolist() == [True, False]


@pytest.mark.parametrize("arrays", [BOTH, ONE])
def test_what_they_are(arrays):
    assert arrays.x.shape == (4000, 40, 4)
    assert (arrays.x.sum(2) == 1).all()
    assert (arrays.y == "present").sum() == 2000
    assert len(set(texts(arrays))) == 4000
    bases = arrays.x.mean((0, 1))
    assert np.abs(bases - bases[::-1]).max() < 0.02 or arrays is ONE


def test_labels_by_a_slow_twin():
    for arrays, words in ((BOTH, (MOTIF, other_strand(MOTIF))), (ONE, (MOTIF,))):
        held = [any(one in text for one in words) for text in texts(arrays)]
        assert np.array_equal(held, arrays.y == "present")


def test_the_reverse_complement_changes_no_label():
    held = [MOTIF in text or other_strand(MOTIF) in text for text in map(other_strand, texts(BOTH))]
    assert np.array_equal(held, BOTH.y == "present")


def test_places_are_as_often_on_both_sides():
    places = [text.find(MOTIF) for text in texts(BOTH) if MOTIF in text]
    others = [text.find(MOTIF) for text in map(other_strand, texts(BOTH)) if MOTIF in text]
    assert set(range(12, 22)) <= set(places)
    assert np.mean(places) == pytest.approx(np.mean(others), abs=0.5)
    assert len(places) == pytest.approx(len(others), abs=50)


def test_on_one_strand_the_reverse_complement_is_no_symmetry():
    """The control, and within `motif` reversal and complement alone."""
    held = np.array([MOTIF in other_strand(text) for text in texts(ONE)])
    assert held.sum() == 1000
    assert not held[ONE.y == "present"].any()
    for strands in (BOTH.x[:, ::-1], BOTH.x[:, :, ::-1]):
        moved = strands.argmax(2)
        words = word(MOTIF), reverse_complement(word(MOTIF))
        kept = holds(moved, words[0]) | holds(moved, words[1])
        assert kept[BOTH.y == "present"].mean() < 0.05


def test_they_are_sequences_with_a_channel_for_each_base():
    samples = read("motif")
    assert (str(samples.domain), samples.channels) == ("sequence:40", 4)
    assert np.array_equal(samples.x, BOTH.x.swapaxes(1, 2))
