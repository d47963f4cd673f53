"""What `model.json` says of a network: read, and checked before anything large is made of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autoequivariant.errors import ModelError
from autoequivariant.jsonio import Fields, parse_object, shown
from autoequivariant.nn.cnn.description import CNNDescription
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.io.tensor_header import TensorForm
from autoequivariant.nn.mlp.description import MOST_ENTRIES, MLPDescription
from autoequivariant.nn.mlp.network import EquivariantMLP

FORMAT = 3
MOST_BYTES = 2**24
"""Of `model.json`."""
MOST_NAMES = 10**5
"""Of classes, targets or columns."""
SAMPLE_TYPES = ("uint8", "float32")
_NAMES = ("classes", "targets", "columns")

Model = EquivariantMLP | EquivariantCNN
Plan = MLPDescription | CNNDescription
PLANS: dict[str, type[MLPDescription] | type[CNNDescription]] = {
    "mlp": MLPDescription,
    "cnn": CNNDescription,
}


@dataclass(frozen=True)
class Description:
    """What `model.json` says.

    Attributes:
        plan: the network.
        classes: names of the classes, in the order of the outputs; none of regression.
        n_parameters: number of trainable numbers.
        samples: type of the samples that it was trained on, `uint8` or `float32`; None where it was
            not noted.
        targets: of regression, names of the outputs.
        columns: of a table, names of its columns, where they have names.
    """

    plan: Plan
    classes: tuple[str, ...]
    n_parameters: int
    samples: str | None = None
    targets: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs: classes, or targets."""
        return self.classes or self.targets

    @classmethod
    def of(
        cls,
        model: Model,
        classes: tuple[str, ...] = (),
        samples: str | None = None,
        targets: tuple[str, ...] = (),
        columns: tuple[str, ...] = (),
    ) -> Description:
        """Return the description of a network."""
        plan = (
            CNNDescription.of(model)
            if isinstance(model, EquivariantCNN)
            else MLPDescription.of(model)
        )
        return cls(plan, classes, model.n_parameters, samples, targets, columns)

    def to_json(self) -> str:
        """Return the text of `model.json`."""
        record: dict[str, Any] = {"format": FORMAT, **self.plan.to_json()}
        for name in _NAMES:
            if names := getattr(self, name):
                record[name] = list(names)
        record["n_parameters"] = self.n_parameters
        if self.samples is not None:
            record["samples"] = self.samples
        return json.dumps(record, indent=2) + "\n"

    @classmethod
    def parse(cls, content: bytes) -> Description:
        """Read what `to_json` wrote; nothing in it is trusted.

        Raises:
            AutoequivariantError: a field is missing, unknown, of another type or out of range.
        """
        fields = Fields(parse_object(content, "model.json"), "model.json")
        form = fields.value("format")
        if form != FORMAT:
            raise ModelError(f"its format is {shown(form)}, not {FORMAT}")
        plan_of = PLANS[fields.choice("network", PLANS)]
        classes, targets, columns = (_names(fields, name) for name in _NAMES)
        if bool(classes) == bool(targets):
            raise ModelError("it needs classes or targets, and not both")
        plan = plan_of.read(fields, classes or targets, bool(classes))
        if columns and len(columns) != plan.domain.size:
            raise ModelError(f"its {plan.domain} has {len(columns)} names of columns")
        samples = fields.choice("samples", SAMPLE_TYPES) if fields.has("samples") else None
        n_parameters = fields.whole("n_parameters", 1, MOST_ENTRIES)
        fields.refuse_others()
        return cls(plan, classes, n_parameters, samples, targets, columns)

    def build(self) -> Model:
        """Make the network; its weights are random."""
        model = self.plan.build()
        if self.targets:
            model.rescale([0.0] * len(self.targets), [1.0] * len(self.targets))
        return model

    def refuse(self, found: Mapping[str, TensorForm]) -> None:
        """Refuse tensors that are not this network's, before it is made.

        Raises:
            ModelError: names the first that does not fit.
        """
        scaled = {}
        if self.targets:
            form = TensorForm("F32", (len(self.targets),))
            scaled = {"output_mean": form, "output_scale": form}
        self.plan.refuse(found, scaled)


def _names(fields: Fields, key: str) -> tuple[str, ...]:
    names = fields.texts(key) if fields.has(key) else ()
    if len(names) > MOST_NAMES:
        raise ModelError(f"it has {len(names):,} {key}, more than {MOST_NAMES:,}")
    if len(set(names)) < len(names):
        raise ModelError(f"two of its {key} have one name")
    return names
