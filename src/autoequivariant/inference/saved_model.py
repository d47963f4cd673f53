"""A saved network, opened for use: with its run, where it lies in one, and samples that fit it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from autoequivariant.data.input_spec import InputSpec
from autoequivariant.errors import DataError, RunError, SettingsError
from autoequivariant.groups.custom.definition import DataSpec
from autoequivariant.inference.inputs import InferenceInput, read_inputs
from autoequivariant.nn.io.model_description import Description
from autoequivariant.nn.network import Network
from autoequivariant.runs.run import Run, open_run
from autoequivariant.searching.experiment import read_samples, split_and_plant
from autoequivariant.searching.storage.run_folder import CONFIG
from autoequivariant.training.families.model_files import load_model, read_description

_TOGETHER = 512


@dataclass(frozen=True)
class SavedModel:
    """A saved network.

    Attributes:
        folder: where it lies.
        model: in evaluation mode.
        description: what `model.json` says.
        run: the run that made it; None where only its two files are there.
    """

    folder: Path
    model: Network
    description: Description
    run: Run | None

    @torch.no_grad()
    def outputs(self, x: NDArray[Any]) -> Tensor:
        """Return logits, shape `(n, classes)`, or targets in their own scale, `(n, targets)`."""
        parts = [torch.from_numpy(x[k : k + _TOGETHER]) for k in range(0, len(x), _TOGETHER)]
        return torch.cat([self.model(part) for part in parts])

    def samples(
        self, data: str | None, part: str | None = None, source: Path | None = None
    ) -> InferenceInput:
        """Return samples that fit the network.

        Args:
            data: as in `read_inputs`. Default: the test samples of the run, planted as they were.
            part, source: as in `read_inputs`.

        Raises:
            DataError: they do not fit, or cannot be read.
            RunError: no data are given and there is no run, or its data are not what they were.
            SettingsError: an option does not fit the data.
        """
        if data is None:
            return self._fitting(self._own(part, source))
        try:
            given = read_inputs(data, part, source, self._wanted())
        except SettingsError as error:
            if "cannot be read as" not in str(error):
                raise
            raise DataError(
                f"The samples of {data} do not fit the model in {self.folder}, which takes "
                f"{self._form()}: give samples of that shape, the axis of samples first."
            ) from error
        return self._fitting(given)

    @property
    def spec(self) -> DataSpec:
        """What symmetries of the network act on."""
        network, description = self.description.network, self.description
        has_classes = bool(description.classes)
        return DataSpec(
            network.domain,
            description.columns,
            network.in_channels,
            description.outputs,
            has_classes,
        )

    def _wanted(self) -> InputSpec:
        description, run = self.description, self.run
        kind = description.network.domain.kind
        task = "regression" if description.targets else "classification"
        if run is None:
            return InputSpec(kind, task, description.columns, description.targets)
        return InputSpec(
            kind,
            task,
            description.columns,
            description.targets,
            run.settings.target,
            run.settings.drop,
            (run.typed_identity.data_fingerprint, run.settings.seed),
            run.settings.data,
        )

    def _own(self, part: str | None, source: Path | None) -> InferenceInput:
        if part not in (None, "test") or source is not None:
            raise SettingsError("--part and --source belong to data that are given: name them.")
        run = self.run
        if run is None:
            raise RunError(
                f"{self.folder} holds a model and no run, so it has no data of its own: give some."
            )
        samples = read_samples(run.settings)
        run.refuse_other_data(samples.fingerprint())
        data = split_and_plant(samples, run.settings)
        labels = np.array(data.classes)[data.test.y] if data.classes else data.test.y
        x = data.test.x
        return InferenceInput(data.name, "test", data.domain, x, np.arange(len(x)), labels)

    def _fitting(self, given: InferenceInput) -> InferenceInput:
        network = self.description.network
        wanted = (network.in_channels, *network.domain.shape)
        if given.domain != network.domain or given.x.shape[1:] != wanted:
            raise DataError(
                f"The samples of {given.name} have shape {given.x.shape[1:]} (channels first), and "
                f"the model in {self.folder} takes {self._form()}: give samples of that shape."
            )
        kind = self.description.samples
        if kind is not None and str(given.x.dtype) != kind:
            raise DataError(
                f"The samples of {given.name} are {given.x.dtype}, and the model in {self.folder} "
                f"was trained on {kind}, which may differ in scale: give them as {kind}, of the "
                "same scale."
            )
        return given

    def _form(self) -> str:
        network = self.description.network
        channels = "1 channel" if network.in_channels == 1 else f"{network.in_channels} channels"
        return f"{network.domain} with {channels}"


def open_saved(folder: Path | str) -> SavedModel:
    """Open the folder of a finished run, or one that holds `model.json` and `model.safetensors`.

    Raises:
        RunError: it is neither, or the run has no model yet.
        ModelError: the model cannot be read.
    """
    path = Path(folder)
    is_bare = not (path / CONFIG).is_file() and (path / "model.json").is_file()
    run = None if is_bare else open_run(path)
    model = load_model(path) if run is None else run.model()
    return SavedModel(path, model, read_description(path), run)
