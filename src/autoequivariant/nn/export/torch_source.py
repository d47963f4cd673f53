"""A plain network as a Python file that needs only torch and safetensors, beside its weights."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from safetensors.torch import load, save
from torch import nn

from autoequivariant.nn.export.signature import Names, Signature
from autoequivariant.nn.export.torch_modules import (
    CircularPad,
    GroupMax,
    Normalise,
    OneHot,
    Reorder,
    Residual,
    Segments,
)

_OURS: tuple[type[nn.Module], ...] = (
    Normalise,
    OneHot,
    Segments,
    CircularPad,
    GroupMax,
    Reorder,
    Residual,
)
_ARGUMENTS: dict[type[nn.Module], Callable[[Any], str]] = {
    # What torch prints of it has arguments that older versions do not take.
    **dict.fromkeys(
        (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d),
        lambda layer: f"{layer.num_features}, eps={layer.eps}",
    ),
    **dict.fromkeys(
        (nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d),
        lambda layer: f"{layer.extra_repr()}, count_include_pad={layer.count_include_pad}",
    ),
    nn.Flatten: lambda layer: "",
}
_COLUMNS = {
    "logits": "column `k` holds the scores of class `CLASSES[k]`.",
    "targets": "column `k` holds `TARGETS[k]` in its own scale.",
}
_CODES = """
Text is given as codes: `CATEGORIES[c][k]` is the value of column `c` with code `k`; a column of
numbers has none. A missing value is an empty text."""
_SOURCE = '''"""A network of `aen export` in plain PyTorch. It needs only torch and safetensors.

It takes samples as they are in the data set, {samples}, and returns {outputs},
(n, {count}); {column}{codes}
{symmetries}
    from {stem} import load

    {outputs} = load()(samples)
"""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

{names}

{modules}

def build() -> nn.Sequential:
    """Make the network; its weights are random."""
    return {network}


def load(weights: str | Path = Path(__file__).with_suffix(".safetensors")) -> nn.Sequential:
    """Read the network, in evaluation mode."""
    network = build()
    network.load_state_dict(load_file(weights))
    return network.eval()
'''


def source_of(
    network: nn.Sequential, stem: str, samples: str, signature: Signature, symmetries: str
) -> str:
    """Return the text of a Python file that makes a network of `to_dense`.

    Args:
        network: what `to_dense` returned.
        stem: name of the file without its ending.
        samples: type and shape of the samples, in words.
        signature: names of inputs and outputs.
        symmetries: sentences on them; empty for none.
    """
    used = [kind for kind in _OURS if any(isinstance(m, kind) for m in network.modules())]
    return _SOURCE.format(
        samples=samples,
        outputs=signature.outputs,
        count=len(signature.classes or signature.targets),
        column=_COLUMNS[signature.outputs],
        codes=_CODES if signature.categories else "",
        symmetries=_harmless(symmetries) + "\n" * bool(symmetries),
        stem=stem,
        names="\n".join(f"{what.upper()} = {_literal(n)}" for what, n in signature.known.items()),
        modules="".join(f"\n{inspect.getsource(kind)}\n" for kind in used),
        network=_constructor(network, 1),
    )


def weights_of(network: nn.Sequential) -> bytes:
    """Return the weights of a plain network as the contents of a safetensors file."""
    return save({name: value.contiguous() for name, value in network.state_dict().items()})


def network_from(source: str, weights: bytes) -> nn.Sequential:
    """Make the network from the results of `source_of` and `weights_of`, to check them."""
    names: dict[str, Any] = {"__name__": "exported", "__file__": "exported.py"}
    exec(compile(source, "exported.py", "exec"), names)  # our own text, written just now
    network = names["build"]()
    if not isinstance(network, nn.Sequential):
        raise TypeError(f"the exported file builds a {type(network).__name__}")
    network.load_state_dict(load(weights))
    return network.eval()


def _harmless(text: str) -> str:
    """A text that is safe in a docstring, whatever names are in it."""
    printable = "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
    return printable.replace("\\", "/").replace('"', "'")


def _literal(names: Names) -> str:
    """The names as a tuple; no name can end its string and go on as code."""
    lines = "".join(f"    {ascii(name)},\n" for name in names)
    return f"(\n{lines})"


def _constructor(module: nn.Module, depth: int) -> str:
    kind = type(module)
    prefix = "" if kind in _OURS else "nn."
    indent = "    " * (depth + 1)
    if isinstance(module, nn.Sequential | Residual):
        parts = [_constructor(part, depth + 1) for part in module.children()]
        if not parts:
            return "nn.Sequential()"
        inner = "".join(f"{indent}{part},\n" for part in parts)
        return f"{prefix}{kind.__name__}(\n{inner}{'    ' * depth})"
    write = _ARGUMENTS.get(kind)
    arguments = module.extra_repr() if write is None else write(module)
    return f"{prefix}{kind.__name__}({arguments})"
