"""Moved copies and outputs moved back, against NumPy."""

import pytest
import torch

from autoequivariant.nn.symmetrize.orbit import Orbit, signed

from .cases import CASES, acted


@pytest.mark.parametrize("name", CASES)
def test_gathers_move_as_permutations_do(name: str) -> None:
    case = CASES[name]
    elements, x = case.elements(), case.samples()
    orbit = Orbit(elements, case.shape)
    assert len(orbit) == len(elements)
    y = torch.randn(len(x), *case.outputs).double()
    moved, back = orbit.moved(x), orbit.moved_back(y.flatten(1)[:, None])
    for number, element in enumerate(elements):
        there = acted(element, x, False)
        assert torch.equal(moved[:, number].view_as(x), there)
        numbers = torch.full((len(x),), number)
        assert torch.equal(orbit.moved_by(x, numbers), there)
        home = back[:, number] if orbit.moves_outputs else back[:, 0]
        assert torch.equal(home.view_as(y), acted(element.inverse(), y, True))
        forth = orbit.outputs_moved_by(y.flatten(1), numbers)
        assert torch.equal(forth.view_as(y), acted(element, y, True))


def test_parts_cover_all_elements_once(monkeypatch: pytest.MonkeyPatch) -> None:
    case = CASES["shifts"]
    orbit, x = Orbit(case.elements(), case.shape), case.samples(5)
    assert list(orbit.parts(x, True)) == [slice(0, 12)]
    monkeypatch.setattr("autoequivariant.nn.symmetrize.orbit._MOST_COPIES", 25)
    parts = list(orbit.parts(x, False))
    assert parts == [slice(0, 5), slice(5, 10), slice(10, 12)]
    assert list(orbit.parts(x, True)) == [slice(0, 12)]


def test_tables_follow_a_conversion_and_belong_to_no_state() -> None:
    case = CASES["targets negated"]
    orbit = Orbit(case.elements(), case.shape)
    assert not orbit.state_dict()
    assert len(list(orbit.buffers())) == 4
    assert all(buffer.dtype in (torch.int64, torch.int8) for buffer in orbit.double().buffers())
    assert all(buffer.is_meta for buffer in orbit.to("meta").buffers())


@pytest.mark.parametrize(
    ("dtype", "result"),
    [
        (torch.uint8, torch.float32),
        (torch.bool, torch.float32),
        (torch.int16, torch.int16),
        (torch.float64, torch.float64),
    ],
)
def test_types_with_a_sign(dtype: torch.dtype, result: torch.dtype) -> None:
    assert signed(torch.ones(2, dtype=dtype)).dtype == result
