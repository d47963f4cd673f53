"""Signed permutations of a domain's indices.

One convention throughout: `image[i]` is the image of index `i`, so
`(g.x)[image[i]] = signs[i] * x[i]`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from autoequivariant.errors import SymmetryError

IntArray = NDArray[np.int64]
SignArray = NDArray[np.int8]


class Permutation:
    """A bijection of `0..n-1` with a sign for each index: an immutable, hashable value.

    Args:
        image: `image[i]` is the image of index `i`; shape `(n,)`.
        signs: `+1` or `-1`, the factor on the value that moves from index `i`; shape `(n,)`.
            Default: all `+1`.

    Raises:
        SymmetryError: `image` is not a bijection, or `signs` does not match it.
    """

    __slots__ = ("image", "signs")
    image: IntArray
    signs: SignArray

    def __init__(self, image: ArrayLike, signs: ArrayLike | None = None) -> None:
        images = np.asarray(image)
        if images.ndim != 1 or not np.array_equal(np.sort(images), np.arange(images.size)):
            raise SymmetryError(
                "The image array of a permutation must contain each index from 0 to n-1 exactly "
                "once."
            )
        factors = np.ones(images.size, np.int8) if signs is None else np.asarray(signs)
        if factors.shape != images.shape or not np.all((factors == 1) | (factors == -1)):
            raise SymmetryError("The signs of a permutation must be +1 or -1, one for each index.")
        object.__setattr__(self, "image", _read_only(images.astype(np.int64)))
        object.__setattr__(self, "signs", _read_only(factors.astype(np.int8)))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("a Permutation is immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        return (Permutation, (np.asarray(self.image), np.asarray(self.signs)))

    @classmethod
    def identity(cls, size: int) -> Permutation:
        """The identity on `size` indices."""
        return cls(np.arange(size))

    @classmethod
    def kron(cls, first: Permutation, second: Permutation) -> Permutation:
        """The product action on pairs `(i, j)`, row-major: `first` moves `i`, `second` moves `j`.

        Its matrix is the Kronecker product of the two matrices.
        """
        image = (first.image[:, None] * second.size + second.image).reshape(-1)
        return cls(image, np.outer(first.signs, second.signs).reshape(-1))

    @property
    def size(self) -> int:
        """Number of indices."""
        return int(self.image.size)

    @property
    def is_signed(self) -> bool:
        """Whether any sign is negative."""
        return bool(np.any(self.signs < 0))

    @property
    def is_identity(self) -> bool:
        """Whether every index is fixed, with sign +1."""
        return not self.is_signed and bool(np.array_equal(self.image, np.arange(self.size)))

    def inverse(self) -> Permutation:
        """The inverse permutation."""
        back = np.empty_like(self.image)
        back[self.image] = np.arange(self.size)
        return Permutation(back, self.signs[back])

    def __matmul__(self, other: Permutation) -> Permutation:
        """`(g @ h)` applies `h` first: `(g @ h).x = g.(h.x)`."""
        if self.size != other.size:
            raise SymmetryError(
                f"Permutations of {self.size} and of {other.size} indices cannot be multiplied."
            )
        return Permutation(self.image[other.image], self.signs[other.image] * other.signs)

    def __pow__(self, exponent: int) -> Permutation:
        base = self if exponent >= 0 else self.inverse()
        result = Permutation.identity(self.size)
        for bit in bin(abs(exponent))[:1:-1]:
            if bit == "1":
                result = result @ base
            base = base @ base
        return result

    def apply(self, x: NDArray[Any]) -> NDArray[Any]:
        """Return `g.x`, acting on the last axis of `x`, shape `(..., n)`.

        Raises:
            SymmetryError: the last axis does not have length `n`, or the permutation has signs and
                `x` is unsigned.
        """
        if x.shape[-1] != self.size:
            raise SymmetryError(
                f"A permutation of {self.size} indices cannot act on {x.shape[-1]} values."
            )
        if self.is_signed and np.issubdtype(x.dtype, np.unsignedinteger):
            raise SymmetryError(
                f"Values of type {x.dtype} cannot change sign: convert them to a signed type."
            )
        back = self.inverse()
        moved = x[..., back.image]
        return moved * back.signs.astype(x.dtype) if self.is_signed else moved

    def order(self) -> int:
        """The smallest positive exponent whose power is the identity."""
        from scipy.sparse import coo_array  # here: `--help` has no use for it
        from scipy.sparse.csgraph import connected_components

        cover = self.double_cover() if self.is_signed else self
        n = cover.size
        graph = coo_array((np.ones(n, np.int8), (np.arange(n), cover.image)), shape=(n, n))
        _, cycle = connected_components(graph, directed=False)
        return math.lcm(*(int(length) for length in np.unique(np.bincount(cycle))))

    def double_cover(self) -> Permutation:
        """The same action without signs, on `2n` points: `i` is `+x[i]` and `n + i` is `-x[i]`."""
        n = self.size
        flip = np.where(self.signs < 0, n, 0)
        return Permutation(np.concatenate([self.image + flip, self.image + n - flip]))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Permutation)
            and np.array_equal(self.image, other.image)
            and np.array_equal(self.signs, other.signs)
        )

    def __hash__(self) -> int:
        return hash((self.image.tobytes(), self.signs.tobytes()))

    def __repr__(self) -> str:
        signs = f", signs={self.signs.tolist()}" if self.is_signed else ""
        return f"Permutation({self.image.tolist()}{signs})"


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array
