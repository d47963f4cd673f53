"""A layer without a plain form is refused."""

import pytest
import torch
from torch import nn

from autoequivariant.errors import ModelError
from autoequivariant.nn.cnn.network import EquivariantCNN
from autoequivariant.nn.export.dense import to_dense
from autoequivariant.nn.export.onnx_graph import to_onnx

from ..export.networks import MEANING, cnn


def test_what_has_no_plain_form_is_refused() -> None:
    model = cnn("rot90")
    assert isinstance(model, EquivariantCNN)
    model.backbone.append(nn.Dropout())
    with pytest.raises(ModelError, match="Dropout has no plain form"):
        to_dense(model)
    with pytest.raises(ModelError, match="Sigmoid has no form in ONNX"):
        to_onnx(nn.Sequential(nn.Sigmoid()), torch.zeros(1, 2), MEANING, ())
