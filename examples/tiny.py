"""The whole idea on one page: which symmetries does a labelled data set have?

Random elements of a group, unknown to the search, transform scikit-learn's digits. The search
trains each distinct equivariant network once. The smallest network that is about as accurate as
the best one has the symmetries of the data. After Basu et al., arXiv 2104.04848.

    python examples/tiny.py          (about 15 seconds; needs numpy, torch and scikit-learn)
"""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch.nn.functional import cross_entropy

# --- Symmetries: permutations of the pixels of the input (8x8) and of hidden maps (4x4). ----------


def swap_halves(x: np.ndarray, axis: int) -> np.ndarray:
    return np.roll(x, x.shape[axis] // 2, axis)


CANDIDATES = {
    "rot90": np.rot90,
    "hflip": np.fliplr,
    "vflip": np.flipud,
    "shift_y": lambda x: np.roll(x, len(x) // 4, 0),
    "swap_left_right": lambda x: swap_halves(x, 1),
    "swap_top_bottom": lambda x: swap_halves(x, 0),
}
PLANTED = ("hflip", "swap_left_right")
INPUT, HIDDEN = 8, 4  # sides; the hidden action is a homomorphic image of the input action


def action(name: str, side: int) -> np.ndarray:
    """The index array `p` with `moved.ravel() == image.ravel()[p]`."""
    return CANDIDATES[name](np.arange(side**2).reshape(side, side)).ravel()


# --- Orbits: pairs (output, input) that the generators map to each other share one weight. --------


def orbits(generators: list[np.ndarray], n: int) -> np.ndarray:
    """Label the orbits of 0..n-1: each index takes the smallest label that it can reach."""
    labels, before = np.arange(n), None
    while not np.array_equal(labels, before):
        before = labels.copy()
        for generator in generators:
            labels = np.minimum(labels, labels[generator])
    return np.unique(labels, return_inverse=True)[1]


def on_pairs(out: np.ndarray, inp: np.ndarray) -> np.ndarray:
    return (out[:, None] * inp.size + inp).ravel()


def layers(state: frozenset[str]) -> list[np.ndarray]:
    """Orbits of the weights of two layers, input -> hidden -> hidden, and of hidden pixels."""
    ins = [action(name, INPUT) for name in state]
    outs = [action(name, HIDDEN) for name in state]
    n, m = INPUT**2, HIDDEN**2
    first = orbits([on_pairs(o, i) for o, i in zip(outs, ins, strict=True)], m * n)
    second = orbits([on_pairs(o, o) for o in outs], m * m)
    return [first.reshape(m, n), second.reshape(m, m), orbits(outs, m)]


def closure(state: frozenset[str]) -> frozenset[str]:
    """All candidates that change no orbit when added: the network has them anyway."""
    now = layers(state)
    implied = (c for c in CANDIDATES if all(map(np.array_equal, layers(state | {c}), now)))
    return state | frozenset(implied)


def closed_states() -> list[frozenset[str]]:
    """All closed states (one for each distinct network), by adding one candidate at a time."""
    found = [closure(frozenset())]
    for state in found:  # the list grows during the iteration
        for name in CANDIDATES:
            if (larger := closure(state | {name})) not in found:
                found.append(larger)
    return found


# --- A network that shares its weights within the orbits of a state. ------------------------------


class Network(torch.nn.Module):
    def __init__(self, state: frozenset[str], width: int = 12) -> None:
        super().__init__()
        self.labels = [torch.from_numpy(labels) for labels in layers(state)]
        first, second, pixels = (int(labels.max()) + 1 for labels in self.labels)
        self.first = torch.nn.Parameter(torch.randn(width, 1, first) / INPUT)
        self.second = torch.nn.Parameter(torch.randn(width, width, second) / width)
        self.bias = torch.nn.Parameter(torch.zeros(2, width, pixels))
        self.last = torch.nn.Linear(width * pixels, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pixels = self.labels[2]
        x = x[:, None]  # (batch, channel, pixel)
        for k, weight in enumerate((self.first, self.second)):
            shared = weight[..., self.labels[k]]
            x = torch.einsum("oijn,bin->boj", shared, x) + self.bias[k][:, pixels]
            x = x.relu()
        pool = torch.nn.functional.one_hot(pixels).float()
        return self.last((x @ (pool / pool.sum(0))).flatten(1))  # invariant: means over orbits


def train(state: frozenset[str], data: list[torch.Tensor], seed: int) -> tuple[int, np.ndarray]:
    """Train one network; return its number of parameters and which validation images are right."""
    x, y, x_validation, y_validation = data
    torch.manual_seed(seed)
    net = Network(state)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(20):
        for batch in torch.randperm(len(x)).split(100):
            optimizer.zero_grad()
            cross_entropy(net(x[batch]), y[batch]).backward()
            optimizer.step()
    right = net(x_validation).argmax(1) == y_validation
    return sum(p.numel() for p in net.parameters()), right.numpy()


def planted_digits() -> list[torch.Tensor]:
    """Training and validation digits, each moved by a random product of the planted symmetries."""
    rng = np.random.default_rng(0)
    x, y = load_digits(return_X_y=True)
    order = rng.permutation(len(x))
    x, y = (x[order] - x.mean()) / x.std(), y[order]
    for name in PLANTED * 2:
        moved = rng.random(len(x)) < 0.5
        x[moved] = x[moved][:, action(name, INPUT)]
    x, y = torch.from_numpy(x).float(), torch.from_numpy(y)
    return [x[:900], y[:900], x[900:], y[900:]]


def main() -> None:
    torch.set_num_threads(1)
    data = planted_digits()
    states = closed_states()
    print(f"{2 ** len(CANDIDATES)} states are {len(states)} distinct networks.\n")
    scored = [(*train(state, data, seed=0), state) for state in states]
    scored.sort(key=lambda row: row[1].mean(), reverse=True)
    print(f"{'validation':>10} {'parameters':>10}  symmetries")
    for n_parameters, right, state in scored[:8]:
        print(f"{right.mean():>10.3f} {n_parameters:>10}  {', '.join(sorted(state)) or 'none'}")
    best = scored[0][1].astype(float)
    # The smallest network whose paired difference from the best is at most one standard error.
    close = [r for r in scored if (d := best - r[1]).mean() <= d.std() / len(d) ** 0.5]
    n_parameters, right, state = min(close, key=lambda row: row[0])
    print(f"\nPlanted: {', '.join(sorted(PLANTED))}")
    print(f"Found:   {', '.join(sorted(state))} ({n_parameters} parameters, {right.mean():.3f})")


if __name__ == "__main__":
    main()
