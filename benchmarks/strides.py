"""At which sizes of images a C4 network with strides is equivariant: escnn's, and plain torch.

    python benchmarks/strides.py export networks
    python benchmarks/strides.py measure networks

A convolution with stride 2 starts at the top left pixel. It ends at the bottom right one if the
side is odd, here with kernels of odd sides. Otherwise it skips the last row and column, samples
turned images at other pixels, and is not equivariant, whatever its layers are called
(https://github.com/QUVA-Lab/e2cnn/issues/36). escnn's network has two such layers, so sides have
to be odd twice: 33, 37, 41. Plain torch has one.

escnn 1.0 needs NumPy 1 and a Fortran compiler, and autoequivariant NumPy 2. So the first command
runs in an environment of its own, as in `escnn_peer.py`, and writes each network as dense
convolutions in TorchScript; it checks that they compute what escnn does. The second runs in the
environment of this package, and also measures a network of plain torch with turned kernels.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

SIDES = range(32, 42)
CHANNELS, KERNEL, CLASSES = 3, 5, 10
SAMPLES = 16
DIFFERENCE = 1e-6


class Turned(nn.Module):
    """One kernel in four rotations, with stride 2, pooled over rotations and pixels."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(0)
        kernel = torch.randn(CLASSES, CHANNELS, KERNEL, KERNEL, generator=generator)
        turned = [torch.rot90(kernel, turns, (2, 3)) for turns in range(4)]
        self.register_buffer("kernels", torch.cat(turned))

    def forward(self, x: Tensor) -> Tensor:
        maps = nn.functional.conv2d(x, self.kernels, stride=2, padding=1).relu()
        return maps.unflatten(1, (4, CLASSES)).amax(1).mean((2, 3))


def export(folder: Path) -> None:
    """Write escnn's networks."""
    import escnn

    space = escnn.gspaces.rot2dOnR2(4)
    read = escnn.nn.FieldType(space, CHANNELS * [space.trivial_repr])
    fields = [escnn.nn.FieldType(space, n * [space.regular_repr]) for n in (8, 16)]
    torch.manual_seed(0)
    layers: list[nn.Module] = []
    into = read
    for out in fields:
        layers += [
            escnn.nn.R2Conv(into, out, KERNEL, stride=2, padding=2, bias=False),
            escnn.nn.ReLU(out),
        ]
        into = out
    body = escnn.nn.SequentialModule(*layers, escnn.nn.GroupPooling(into)).eval()
    dense = nn.Sequential(body.export(), nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    x = torch.randn(4, CHANNELS, 33, 33)
    with torch.no_grad():
        own = body(escnn.nn.GeometricTensor(x, read)).tensor.mean((2, 3))
        away = float((dense(x) - own).abs().max() / own.abs().max())
    if away > DIFFERENCE:
        raise SystemExit(f"the dense network differs from escnn's by {away:.1e}")
    folder.mkdir(parents=True, exist_ok=True)
    torch.jit.script(dense).save(folder / "escnn_c4.pt")


def measure(folder: Path) -> None:
    """Print a row for each side."""
    from autoequivariant import equivariance_error

    networks = {"escnn": torch.jit.load(folder / "escnn_c4.pt"), "plain torch": Turned()}
    print("| side | escnn, two strides | plain torch, one stride |\n| --: | --- | --- |")
    for side in SIDES:
        generator = torch.Generator().manual_seed(side)
        x = torch.randn(SAMPLES, CHANNELS, side, side, generator=generator)
        cells = [cell(equivariance_error(one, "rot90", x)["rot90"]) for one in networks.values()]
        print(f"| {side} | {' | '.join(cells)} |", flush=True)


def cell(found: Any) -> str:
    """Return the error in float32, and whether it is more than rounding."""
    from autoequivariant.nn.claimed_symmetries import TOLERANCES

    holds = found.float32 <= TOLERANCES[torch.float32]
    return f"{found.float32:.1e}{'' if holds else ', fails'}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("command", choices=["export", "measure"])
    parser.add_argument("folder", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    {"export": export, "measure": measure}[arguments.command](arguments.folder)


if __name__ == "__main__":
    main()
