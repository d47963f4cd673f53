"""The symmetries and the test samples of a run, for a model of another origin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from autoequivariant.errors import ModelError, RunError, SymmetryError
from autoequivariant.groups.custom.definition import candidate_of, resolve
from autoequivariant.groups.symmetry import Symmetry
from autoequivariant.inference.foreign import ForeignModel
from autoequivariant.inference.inputs import InferenceInput
from autoequivariant.inference.saved_model import open_saved


@dataclass(frozen=True, eq=False)
class RunSymmetries:
    """What a run hands to a model of another origin.

    Attributes:
        folder: of the run.
        generators: of the chosen network's symmetries, without partial ones.
        data: the test samples, with the names of classes and columns.
        outputs: names of the classes or targets, in the order of the run.
        is_classifier: whether they are classes.
    """

    folder: Path
    generators: tuple[Symmetry, ...]
    data: InferenceInput
    outputs: tuple[str, ...]
    is_classifier: bool

    def check_outputs(self, model: ForeignModel) -> None:
        """Raise `ModelError` if the symmetries move outputs that are others in the model."""
        count = len(self.outputs)
        moves = any(one.output_action(count) is not None for one in self.generators)
        named = model.function.classes
        if moves and (model.n_outputs != count or named not in (None, self.outputs)):
            raise ModelError(
                f"The symmetries of {self.folder} move outputs, and those of "
                f"{model.function.file.path} are not called as in the run, or in another order: "
                "name symmetries with --symmetries, and the data in place of the run."
            )


def symmetries_of_run(
    folder: Path, memory_limit: int | None = None, needs: bool = True
) -> RunSymmetries:
    """Read a run with results.

    Args:
        folder: of the run.
        memory_limit: as in `data.registry.read`.
        needs: whether it must have symmetries.

    Raises:
        RunError: it has none, or its data are gone or have changed.
        SymmetryError: its network has no symmetry, or partial ones alone.
    """
    saved = open_saved(folder)
    run = saved.run
    if run is None or run.results is None:
        raise RunError(f"{folder} holds no finished run: give one, or data with --symmetries.")
    candidates = resolve(map(candidate_of, run.typed_identity.symmetries), saved.spec)
    known = {str(one): one for one in candidates}
    found = (known.get(name) or Symmetry.parse(name) for name in run.results.best.generators)
    generators = tuple(one for one in found if one.level is None)  # outputs have no partial ones
    if needs and not generators:
        raise SymmetryError(
            f"The network of {folder} has no symmetry: name some with --symmetries."
        )
    description = saved.description
    data = replace(
        saved.samples(None, memory_limit=memory_limit),
        classes=description.classes,
        columns=description.columns,
        categories=description.categories,
    )
    return RunSymmetries(folder, generators, data, description.outputs, bool(description.classes))
