import numpy as np

from autoequivariant.data.tables.exchangeable_columns import exchangeable_columns

NORMAL = np.random.default_rng(0).normal(size=(500, 6))


def test_columns_of_one_scale_are_one_group():
    assert exchangeable_columns(NORMAL) == ((0, 1, 2, 3, 4, 5),)
    assert exchangeable_columns(NORMAL[:, :1]) == ()


def test_means_and_spreads_tell_columns_apart():
    moved = NORMAL * [1, 1, 1, 9, 9, 1] + [0, 0, 0, 0, 0, 5]
    assert exchangeable_columns(moved) == ((0, 1, 2), (3, 4))
    assert exchangeable_columns(moved.reshape(500, 1, 6)) == ((0, 1, 2), (3, 4))


def test_constant_columns_belong_to_no_group():
    assert exchangeable_columns(NORMAL * [1, 0, 0, 1, 1, 1]) == ((0, 3, 4, 5),)


LETTERS, COLOURS = ("A", "C", "G"), ("blue", "red")


def test_columns_of_one_alphabet_and_similar_frequencies_are_one_group():
    rng = np.random.default_rng(0)
    often, seldom = [0.6, 0.3, 0.1], [0.1, 0.3, 0.6]
    x = np.stack([rng.choice(3, 500, p=p) for p in (often, often, seldom, often, seldom)], axis=1)
    x = np.concatenate([x, rng.integers(0, 2, (500, 2)), NORMAL[:, :2], np.ones((500, 2))], axis=1)
    categories = (*[LETTERS] * 5, *[COLOURS] * 2, (), (), LETTERS, LETTERS)
    assert exchangeable_columns(x, categories) == ((0, 1, 3), (2, 4), (5, 6), (7, 8))
    assert exchangeable_columns(x, (*[LETTERS] * 2, ("A", "D"), *categories[3:]))[0] == (0, 1, 3)
