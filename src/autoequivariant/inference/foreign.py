"""An ONNX model of any origin, with samples to measure it on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autoequivariant.data.input_spec import InputSpec
from autoequivariant.data.messages import check_choice, quoted
from autoequivariant.data.registry import read
from autoequivariant.errors import DataError
from autoequivariant.groups.domain import Features
from autoequivariant.inference.inputs import PARTS, InferenceInput, part_of, read_inputs
from autoequivariant.nn.acting import Acting
from autoequivariant.nn.any_model.measure import TASKS
from autoequivariant.nn.any_model.samples import GivenSamples
from autoequivariant.nn.onnx_models.function import OnnxFunction
from autoequivariant.nn.onnx_models.model_file import ModelFile, read_model_file

MOST_SAMPLES = 256
"""A model is measured on this many samples at most, the first ones."""
ENDING = ".onnx"


@dataclass(frozen=True)
class DataOptions:
    """How to read the samples: the options of the command line.

    Attributes:
        part, source: as in `read_inputs`.
        kind, target, drop, task, memory_limit: as in `data.registry.read`.
    """

    part: str | None = None
    source: Path | None = None
    kind: str | None = None
    target: tuple[str, ...] | None = None
    drop: tuple[str, ...] | None = None
    task: str | None = None
    memory_limit: int | None = None


@dataclass(frozen=True)
class ModelOptions:
    """How to run the model: the options of the command line.

    Attributes:
        output, layout, divide: as in `OnnxFunction`.
    """

    output: str | None = None
    layout: str | None = None
    divide: float = 1.0


@dataclass(frozen=True, eq=False)
class ForeignModel:
    """An ONNX model and samples that it takes.

    Attributes:
        function: the model.
        data: the samples, with labels if there are any.
        is_classifier: whether outputs are classes.
        n_outputs: number of outputs.
    """

    function: OnnxFunction
    data: InferenceInput
    is_classifier: bool
    n_outputs: int

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the outputs: those of the file, else those of the data, else numbers."""
        named = (self.function.classes or (), self.data.classes if self.is_classifier else ())
        numbers = tuple(map(str, range(self.n_outputs)))
        return next((names for names in named if len(names) == self.n_outputs), numbers)

    @property
    def samples(self) -> GivenSamples:
        """The samples that it is measured on, shape `(n, channels, *domain.shape)`."""
        x = self.data.x[:MOST_SAMPLES]
        return GivenSamples(x, x)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing about how the model was run, in sentences."""
        notes, function = [], self.function
        if function.others:
            notes.append(
                f"output {function.output} is measured; --output chooses another: "
                f"{quoted(function.others)}."
            )
        kinds = self.data.x.dtype.kind, np.dtype(function.dtype).kind
        if kinds == ("u", "f") and function.divide == 1.0:
            notes.append(
                "the samples are bytes and the model takes floats, so it is given 0 to 255: "
                "--divide 255 is for models that were trained on 0 to 1."
            )
        if function.layout.name.startswith("flat") and len(self.data.x[0]) > 1:
            notes.append(
                f"samples are given with --layout {function.layout.name}; --layout "
                "flat-channels-last is for channels that were the last axis."
            )
        return tuple(notes)

    def acting(self, symmetries: Any) -> Acting:
        """Return how symmetries act on the samples and outputs.

        Raises:
            SymmetryError: names the one that does not fit.
        """
        shape = shape_of(self.data)
        return Acting.on(
            symmetries,
            shape,
            self.classes,
            kind=self.data.domain.kind,
            columns=self.data.columns,
            has_classes=self.is_classifier,
        )


def open_foreign(
    path: Path, data: InferenceInput, task: str | None, options: ModelOptions
) -> ForeignModel:
    """Return an ONNX model on samples that it takes.

    Args:
        path: of the file.
        data: the samples.
        task: `classification` or `regression`. Default: classification if there are two outputs or
            more, or the data have classes.
        options: how to run it.

    Raises:
        AutoequivariantError: the file cannot be used, or not on these samples.
    """
    check_choice("--task", task, TASKS)
    return foreign_model(read_model_file(path), data, task, options)


def foreign_model(
    file: ModelFile, data: InferenceInput, task: str | None, options: ModelOptions
) -> ForeignModel:
    """Return a model that was read already; see `open_foreign`."""
    texts = [name for name, own in zip(data.columns, data.categories, strict=False) if own]
    if texts:
        raise DataError(
            f"{data.name} has columns of text ({quoted(texts)}), and how {file.path} codes them is "
            "not known: give a table of the numbers that it takes."
        )
    function = OnnxFunction(file, data.x, options.output, options.layout, options.divide)
    (first,) = function.run(data.x[:1], [function.output])
    n_outputs = int(np.prod(first.shape[1:]))
    is_classifier = n_outputs > 1 if task is None else task == TASKS[0]
    return ForeignModel(function, data, is_classifier, n_outputs)


def read_for_model(data: str, options: DataOptions) -> InferenceInput:
    """Read samples, with labels if there are any.

    Raises:
        DataError, SettingsError: as in `read_inputs` and `data.registry.read`.
    """
    check_choice("--part", options.part, PARTS)
    check_choice("--task", options.task, TASKS)
    if options.target is None:
        spec = InputSpec(options.kind, options.task, drop=options.drop, any_labels=True)
        return read_inputs(data, options.part, options.source, spec, options.memory_limit)
    samples = read(
        data,
        options.kind,
        options.source,
        options.target,
        options.task,
        options.drop,
        options.memory_limit,
    )
    return part_of(samples, data, options.part, InputSpec())


def shape_of(data: InferenceInput) -> tuple[int, ...]:
    """Return the shape of a sample as symmetries see it: a table has no channels."""
    shape = data.x.shape[1:]
    return shape[1:] if isinstance(data.domain, Features) else shape
