"""Data sets: read from a source, split, and planted with a known symmetry."""

from autoequivariant.data.alike_columns import alike_columns
from autoequivariant.data.arrays import Arrays, as_numbers
from autoequivariant.data.folds import fold, fold_count, joined
from autoequivariant.data.frame import arrays_of_frame, check_columns
from autoequivariant.data.given import PARTS, Given, read_given
from autoequivariant.data.known import KNOWN, KnownData
from autoequivariant.data.layout import arrange
from autoequivariant.data.made import make_data
from autoequivariant.data.plant import plant
from autoequivariant.data.samples import Samples, make_samples
from autoequivariant.data.sources import NAMES, read
from autoequivariant.data.split import DataSet, Split, split
from autoequivariant.data.table import table_suffix
from autoequivariant.data.task import TASKS
from autoequivariant.data.wanted import Wanted

__all__ = [
    "KNOWN",
    "NAMES",
    "PARTS",
    "TASKS",
    "Arrays",
    "DataSet",
    "Given",
    "KnownData",
    "Samples",
    "Split",
    "Wanted",
    "alike_columns",
    "arrange",
    "arrays_of_frame",
    "as_numbers",
    "check_columns",
    "fold",
    "fold_count",
    "joined",
    "make_data",
    "make_samples",
    "plant",
    "read",
    "read_given",
    "split",
    "table_suffix",
]
