"""The seam for data sources: what a class must offer so that `read` and `aen` can use it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path

from autoequivariant.data.arrays import Arrays
from autoequivariant.data.input_spec import InputSpec, RawInput
from autoequivariant.memory import MemoryBudget


@dataclass(frozen=True)
class ReadOptions:
    """Options that some sources understand (`DataSource.options`), None if absent; and the memory.

    Attributes:
        source: where the files of a data set by name are.
        target: columns of a table to predict; each text is one name or several with commas.
        drop: columns of a table to leave out, written like `target`.
        memory: what reading may take; every source reserves memory before it allocates it.
    """

    source: Path | None = None
    target: tuple[str, ...] | None = None
    drop: tuple[str, ...] | None = None
    memory: MemoryBudget = field(default_factory=MemoryBudget)


class DataSource(ABC):
    """A place that data sets are read from, such as files of one format or a list of names.

    To add one, write a subclass in a file of its own and give it an entry in `registry.SOURCES`;
    names, completion, help and error messages follow from the attributes below. The first entry
    that recognises its data reads them.

    Attributes:
        name: the key in the registry; unique.
        names: data sets that this source reads by name; empty for one that reads paths.
        form: what to give, for messages, such as "an .npz file"; empty for one that has `names`.
        suffixes: endings of the files that it reads, in lower case; they are
            left out of the names of data sets and of runs.
        options: fields of `ReadOptions` that it understands; others are refused before `read`.
    """

    name: str
    names: tuple[str, ...] = ()
    form: str = ""
    suffixes: tuple[str, ...] = ()
    options: frozenset[str] = frozenset()

    def recognises(self, data: str | Path) -> bool:
        """Return whether this source reads `data`, quickly and without opening large files.

        Args:
            data: a text is a name or a path; a `Path` is never a name. The path need not exist
                (`existing_path`).

        Returns:
            Default: whether `data` is one of `names`, or a file that ends in one of `suffixes`.
        """
        if data in self.names:
            return True
        path = existing_path(data)
        return path is not None and bool(file_suffix(path, self.suffixes)) and path.is_file()

    @abstractmethod
    def read(self, data: str | Path, options: ReadOptions) -> Arrays:
        """Return the labelled samples of `data`, unchecked: `make_samples` checks them.

        The same data must give the same arrays in the same order every time. Nothing in a file may
        run code. A source reserves memory (`options.memory.reserve`) before it allocates what a
        file tells it to, so that a small file that inflates to a large one is refused at once.

        Raises:
            DataError: the data cannot be read; one sentence that names the file and the remedy.
            SettingsError: an option does not fit the data.
            OSError, MemoryError: as they come; `read` of the registry turns them into `DataError`.
        """

    def read_input(
        self, data: str | Path, spec: InputSpec, memory: MemoryBudget
    ) -> RawInput | None:
        """Return samples for a trained model, with or without labels.

        Args:
            data: as in `read`.
            spec: what the model expects.
            memory: as in `ReadOptions`.

        Returns:
            None if `data` is a labelled data set, for which `read` serves. Default: always None.

        Raises:
            DataError, SettingsError: as in `read`.
        """
        return None


def existing_path(data: str | Path) -> Path | None:
    """Return `data` as a path, or None if nothing is visible there."""
    try:
        return Path(data) if str(data) and Path(data).exists() else None
    except (OSError, ValueError):
        # A name too long or with a null byte cannot exist; a forbidden folder shows nothing.
        return None


def file_suffix(data: str | Path, suffixes: tuple[str, ...]) -> str:
    """Return the first of `suffixes` that a path ends in, whatever its case, or an empty text."""
    name = Path(data).name.lower()
    return next((suffix for suffix in suffixes if name.endswith(suffix)), "")
