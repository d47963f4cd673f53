"""Does this machine compute the same bits as the one that recorded the golden runs?"""

import hashlib

import torch


def arithmetic() -> str:
    """Digest of a small training: products, reductions, elementwise functions and Adam."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    # Sizes at which processors differ: long sums, split into blocks, and reductions by vectors.
    x, y = (torch.randn(515, n, generator=generator) for n in (389, 37))
    shapes = ((389, 261), (261, 37))
    weights = [torch.randn(shape, generator=generator).requires_grad_() for shape in shapes]
    optimizer = torch.optim.Adam(weights, lr=1e-2, fused=True)
    for _ in range(10):
        hidden = torch.relu(x @ weights[0])
        scaled = hidden / hidden.square().mean().sqrt()
        loss = (torch.log_softmax(scaled @ weights[1], 1) * y).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    torch.set_num_threads(before)
    values = b"".join(weight.detach().numpy().tobytes() for weight in weights)
    return hashlib.sha256(values).hexdigest()
