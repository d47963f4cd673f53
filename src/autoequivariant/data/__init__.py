"""Data sets: read from a source, checked, split, and planted with known symmetries."""

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.plant import plant
from autoequivariant.data.registry import SOURCES, read
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.data.source import DataSource, ReadOptions
from autoequivariant.data.split import DataSet, Split, split

__all__ = [
    "SOURCES",
    "Arrays",
    "DataSet",
    "DataSource",
    "ReadOptions",
    "Samples",
    "Split",
    "make_samples",
    "plant",
    "read",
    "split",
]
