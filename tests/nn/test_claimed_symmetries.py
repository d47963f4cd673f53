"""Networks claim the symmetries that their weights have, and no others."""

from autoequivariant.groups.closure.layer_actions import layer_actions
from autoequivariant.groups.domain import Grid
from autoequivariant.groups.symmetry import parse_symmetries
from autoequivariant.nn.mlp.architecture import MLPArchitecture
from autoequivariant.nn.mlp.network import EquivariantMLP

from .export.networks import cnn, mlp, own


def test_what_is_claimed() -> None:
    assert cnn("rot90").claims().names == ("rot90", "rot180")
    assert cnn("").claims().names == ()
    measured = cnn("rot90").claims(parse_symmetries("hflip,rot90"))
    assert list(measured.inputs) == ["rot90", "rot180", "hflip"] and not measured.hidden
    dense = mlp("grid", "dense").claims()
    assert dense.names == ("rot90", "hflip") and dense.hidden and dense.outputs is not None
    candidates = parse_symmetries("rot90,hflip,vflip")
    architecture = MLPArchitecture(layer_actions(candidates, Grid(4, 4), [Grid(2, 2)]), 1, (1,), 2)
    assert EquivariantMLP(architecture, (0, 1)).claims().names == (
        "rot90",
        "hflip",
        "vflip",
    )


def test_what_is_claimed_of_outputs_that_move() -> None:
    claims = own("players").claims()
    assert claims.outputs is not None
    assert claims.outputs["players"].image.tolist() == [0, 2, 1]
