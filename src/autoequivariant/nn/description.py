"""What `model.json` says of a network: read, and checked before anything large is made of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from autoequivariant.errors import ModelError
from autoequivariant.nn.cnn import EquivariantCNN
from autoequivariant.nn.cnn_plan import CNNPlan
from autoequivariant.nn.mlp_plan import MOST_ENTRIES, MLPPlan
from autoequivariant.nn.networks import EquivariantMLP
from autoequivariant.nn.strict_json import Fields, parse_object, shown

FORMAT = 2
MOST_BYTES = 2**20
"""Of `model.json`."""
MOST_CLASSES = 10**5
SAMPLE_TYPES = ("uint8", "float32")

Model = EquivariantMLP | EquivariantCNN
Plan = MLPPlan | CNNPlan
PLANS: dict[str, type[MLPPlan] | type[CNNPlan]] = {"mlp": MLPPlan, "cnn": CNNPlan}


@dataclass(frozen=True)
class Description:
    """What `model.json` says.

    Attributes:
        plan: the network.
        classes: names of the classes, in the order of the outputs.
        weights: number of trainable numbers.
        samples: type of the samples that it was trained on, `uint8` or `float32`; None where it was
            not noted.
    """

    plan: Plan
    classes: tuple[str, ...]
    weights: int
    samples: str | None = None

    @classmethod
    def of(cls, model: Model, classes: tuple[str, ...], samples: str | None) -> Description:
        """Return the description of a network."""
        plan = CNNPlan.of(model) if isinstance(model, EquivariantCNN) else MLPPlan.of(model)
        return cls(plan, classes, model.weight_count, samples)

    def to_json(self) -> str:
        """Return the text of `model.json`."""
        record = {
            "format": FORMAT,
            **self.plan.to_json(),
            "classes": list(self.classes),
            "weights": self.weights,
        }
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
        classes = fields.texts("classes")
        if not 1 <= len(classes) <= MOST_CLASSES:
            raise ModelError(f"it needs a class, and at most {MOST_CLASSES:,}, not {len(classes)}")
        if len(set(classes)) < len(classes):
            raise ModelError("two of its classes have one name")
        plan = plan_of.read(fields, len(classes))
        samples = fields.choice("samples", SAMPLE_TYPES) if fields.has("samples") else None
        weights = fields.whole("weights", 1, MOST_ENTRIES)
        fields.refuse_others()
        return cls(plan, classes, weights, samples)
