"""From drafts to proposals."""

from autoequivariant.proposing.names.draft import Draft, exchanged, finished, ring

from .moved import actions, moves

COLUMNS = ("a", "b, c", " d", "e\n")


def test_a_draft_names_columns_whatever_their_names() -> None:
    (one,) = finished([Draft("n", "r", ((0, 1), (2, 3)))], COLUMNS, (), ("u", "v"))
    assert moves(one, COLUMNS) == {"a": "b, c", "b, c": "a", " d": "e\n", "e\n": " d"}
    assert (one.source, one.reason, one.saw_labels) == ("names", "r", False)


def test_outputs_move_too() -> None:
    drafts = [
        Draft("stay", "r", ((0, 1),)),
        Draft("exchange", "r", ((0, 1),), ((0, 1),)),
        Draft("change sign", "r", ((0, 1),), negates=True),
    ]
    found = finished(drafts, COLUMNS, (), ("u", "v"))
    on_outputs = [outputs for _, outputs in actions(found, COLUMNS, ("u", "v"), False).values()]
    assert on_outputs[0] is None
    assert on_outputs[1] is not None and on_outputs[1].image.tolist() == [1, 0]
    assert on_outputs[2] is not None and on_outputs[2].signs.tolist() == [-1, -1]


def test_what_does_the_same_is_proposed_once_and_names_differ() -> None:
    drafts = [
        Draft("n", "first", ((0, 1), (2, 3))),
        Draft("m", "again", ((3, 2), (1, 0))),
        Draft("a swap has its own name", "other", ((0, 1),)),
        Draft("none", "nothing", ()),
        Draft("n" * 50, "long", ((0, 2),)),
        Draft("n" * 50 + "m", "long", ((0, 3),)),
        Draft("x,\x1b", "y\n" * 100, ((1, 3, 2),)),
        Draft("x", "named alike", ((1, 2, 3),)),
        Draft("x", "named alike", ((0, 2, 3),)),
    ]
    found = finished(drafts, COLUMNS, (), ())
    names = [str(one.candidate) for one in found]
    assert [one.reason for one in found[:4]] == ["first", "other", "long", "long"]
    assert names[:4] == ["n", "swap a <-> b c", "swap:0-2", "swap:0-3"]  # names have no commas
    assert len(set(names)) == len(names)
    assert all(len(name) <= 40 and name.isprintable() and "," not in name for name in names)
    assert all(len(one.reason) <= 100 and one.reason.isprintable() for one in found)


def test_columns_of_text_are_exchanged_with_the_same_values_alone() -> None:
    drafts = [Draft(f"{one}", "r", ((0, one),)) for one in (1, 2, 3)]
    found = finished(drafts, COLUMNS, (("x", "y"), ("x", "y"), (), ("x", "z")), ())
    assert [str(one.candidate) for one in found] == ["swap a <-> b c"]


def test_exchange_and_ring_move_lists_of_columns() -> None:
    assert exchanged([0, 1], [2, 3]) == ((0, 2), (1, 3))
    assert ring([[0, 1], [2, 3], [4, 5]]) == ((0, 2, 4), (1, 3, 5))
