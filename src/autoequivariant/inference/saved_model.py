"""A saved model with its run, and the samples to use it on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.data.copies.find import find_copies
from autoequivariant.data.input_spec import InputSpec
from autoequivariant.errors import DataError, RunError, SettingsError
from autoequivariant.groups.custom.definition import DataSpec, candidate_of, resolve
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.inference.inputs import InferenceInput, read_inputs
from autoequivariant.nn.io.model_description import Description
from autoequivariant.nn.network import Network
from autoequivariant.runs.run import Run, open_run
from autoequivariant.searching.candidates import related
from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.experiment import read_samples, split_and_plant
from autoequivariant.searching.proposals import unseen
from autoequivariant.searching.storage.run_folder import CONFIG
from autoequivariant.training.families.model_files import load_model, read_description


@dataclass(frozen=True)
class SavedModel:
    """A saved model.

    Attributes:
        folder: holds the model.
        model: the network, in evaluation mode.
        description: contents of `model.json`.
        run: the run that made it; None if the folder holds only the two model files.
    """

    folder: Path
    model: Network
    description: Description
    run: Run | None

    def outputs(self, x: NDArray[Any]) -> Tensor:
        """Return logits, shape `(n, classes)`, or targets on the original scale, `(n, targets)`."""
        return self.model.outputs_of(x)

    def samples(
        self,
        data: str | None,
        part: str | None = None,
        source: Path | None = None,
        memory_limit: int | None = None,
    ) -> InferenceInput:
        """Read samples of the form that the model takes.

        Args:
            data: as in `read_inputs`. Default: the test samples of the run, with its planted
                symmetries.
            part, source: as in `read_inputs`.
            memory_limit: as in `read`. Default for the data of the run: the limit of its search.

        Raises:
            DataError: the samples cannot be read, or do not fit the model.
            RunError: `data` is None and there is no run, or its data have changed.
            SettingsError: an option does not suit the data.
        """
        if data is None:
            return self._checked(self._test_samples(part, source, memory_limit))
        try:
            samples = read_inputs(data, part, source, self._input_spec(), memory_limit)
        except SettingsError as error:
            if "cannot be read as" not in str(error):
                raise
            raise DataError(
                f"The samples of {data} do not fit the model in {self.folder}, which takes "
                f"{self._input_form()}: give samples of that shape, with the sample axis first."
            ) from error
        return self._checked(samples)

    @property
    def spec(self) -> DataSpec:
        """What the symmetries of the model act on."""
        network, description = self.description.network, self.description
        columns, outputs = description.columns, description.outputs
        return DataSpec(
            network.domain,
            columns,
            network.in_channels,
            outputs,
            bool(description.classes),
            categories=description.categories,
        )

    def _input_spec(self) -> InputSpec:
        description, run = self.description, self.run
        kind = description.network.domain.kind
        task = "regression" if description.targets else "classification"
        names = description.columns, description.targets, description.categories
        spec = InputSpec(kind, task, *names)
        if run is None:
            return spec
        return replace(
            spec,
            target=run.settings.target,
            drop=run.settings.drop,
            searched=(run.typed_identity.data_fingerprint, run.settings.seed),
            related=self._related(run),
            looked_at=any(one.saw_labels for one in run.proposals),
            data=run.settings.data,
        )

    def _related(self, run: Run) -> tuple[Symmetry, ...]:
        """Return the symmetries whose moved copies the search kept in one part."""
        spec = self.spec
        candidates = resolve(map(candidate_of, run.typed_identity.symmetries), spec)
        return related(candidates, spec, run.settings)

    def _test_samples(
        self, part: str | None, source: Path | None, memory_limit: int | None
    ) -> InferenceInput:
        if part not in (None, "test") or source is not None:
            raise SettingsError("--part and --source need DATA: name the data that they belong to.")
        run = self.run
        if run is None:
            raise RunError(
                f"{self.folder} holds a model without a run, so DATA has no default: name the data."
            )
        limit = memory_limit or run.memory_limit
        samples = read_samples(replace(run.settings, memory_limit=limit))
        run.refuse_other_data(samples.fingerprint())
        copies = find_copies(samples, self._related(run))
        copies = unseen(copies, run.proposals, samples, run.settings.seed)
        data = split_and_plant(samples, data_spec(samples), run.settings, copies)
        labels = np.array(data.classes)[data.test.y] if data.classes else data.test.y
        x = data.test.x
        return InferenceInput(data.name, "test", data.domain, x, np.arange(len(x)), labels)

    def _checked(self, samples: InferenceInput) -> InferenceInput:
        network, name = self.description.network, samples.name
        shape = (network.in_channels, *network.domain.shape)
        if samples.domain != network.domain or samples.x.shape[1:] != shape:
            raise DataError(
                f"The samples of {name} have shape {samples.x.shape[1:]} (channels first), and the "
                f"model in {self.folder} takes {self._input_form()}: give samples of that shape."
            )
        dtype = self.description.samples
        if dtype is not None and str(samples.x.dtype) != dtype:
            raise DataError(
                f"The samples of {name} are {samples.x.dtype}, and the model in {self.folder} "
                f"was trained on {dtype}, which may differ in scale: give samples of dtype {dtype} "
                "and the same scale."
            )
        return samples

    def _input_form(self) -> str:
        network = self.description.network
        channels = "1 channel" if network.in_channels == 1 else f"{network.in_channels} channels"
        return f"{network.domain} with {channels}"


def open_saved(folder: Path | str) -> SavedModel:
    """Load a model from the folder of a finished run, or of `model.json` and `model.safetensors`.

    Raises:
        RunError: the folder is neither, or the run has no model yet.
        ModelError: the model cannot be read.
    """
    path = Path(folder)
    is_bare = not (path / CONFIG).is_file() and (path / "model.json").is_file()
    run = None if is_bare else open_run(path)
    model = load_model(path) if run is None else run.model()
    return SavedModel(path, model, read_description(path), run)
