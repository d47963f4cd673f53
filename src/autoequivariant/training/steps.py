"""The steps of a training, which resume at its checkpoint: one loop for all kinds of networks."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import wraps
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from autoequivariant.training.checkpoint import Checkpoint, Progress
from autoequivariant.training.executors.executor import OnStep
from autoequivariant.training.pace import Pace

_MOMENTS = ("exp_avg", "exp_avg_sq")
_STEP = "step"


def _not_compiled(step: Callable[..., Any]) -> Callable[..., Any]:
    """Return the step of an optimizer without what is around it for torch's compiler."""
    bare = inspect.unwrap(step)

    @wraps(bare)
    def plain(self: Optimizer, closure: Callable[[], float] | None = None) -> Any:
        with torch.no_grad():
            return bare(self, closure)

    return plain


class _NotCompiled:
    """Methods of an optimizer that torch excludes from compilation, as they are without that.

    For the exclusion torch imports its compiler when one is first called, which takes a second in
    each process, and every step would go through it.
    """

    add_param_group: Any = inspect.unwrap(Optimizer.add_param_group)
    load_state_dict: Any = inspect.unwrap(Optimizer.load_state_dict)
    state_dict: Any = inspect.unwrap(Optimizer.state_dict)
    zero_grad: Any = inspect.unwrap(Optimizer.zero_grad)


class Adam(_NotCompiled, torch.optim.Adam):
    """See `torch.optim.Adam`."""

    step: Any = _not_compiled(torch.optim.Adam.step)


class AdamW(_NotCompiled, torch.optim.AdamW):
    """See `torch.optim.AdamW`."""

    step: Any = _not_compiled(torch.optim.AdamW.step)


@dataclass(frozen=True)
class Trained:
    """What a training changes.

    Attributes:
        model: its parameters and buffers.
        optimizer: Adam or AdamW, before its first step.
        schedule: of the learning rate; its next rate follows from the last one and its position.
    """

    model: nn.Module
    optimizer: Optimizer
    schedule: LRScheduler


def training_steps(
    trained: Trained,
    batches: Iterable[Tensor],
    differentiate: Callable[[Tensor], None],
    pace: Pace,
    on_step: OnStep,
    checkpoint: Checkpoint,
    skip: Callable[[Tensor], None] = lambda batch: None,
) -> Iterator[int]:
    """Make the steps of a training, and yield after each how many have been made.

    A training with a checkpoint resumes there. Its random numbers are drawn anew, so that the
    checkpoint need not hold the state of a generator.

    Args:
        trained: what is trained.
        batches: indices of the samples of each step, from the first step on.
        differentiate: sets the gradients of the parameters on a batch.
        pace: when to stop, and how fast the schedule moves on.
        on_step: called before every step with 1, and first with the number of steps of the
            checkpoint; an exception that it raises stops the training and leaves a checkpoint.
        checkpoint: of this training.
        skip: draws the random numbers of `differentiate` for a step that is not made again.
            Default: there are none.
    """
    start = time.perf_counter()
    _resume(trained, pace, checkpoint)

    def keep() -> None:
        if pace.done:
            rates = tuple(float(group["lr"]) for group in trained.optimizer.param_groups)
            seconds = checkpoint.seconds + time.perf_counter() - start
            progress = Progress(pace.done, pace.position, rates, seconds)
            checkpoint.write(_tensors(trained), progress)

    made = pace.done
    if made:
        on_step(made)
    for number, batch in enumerate(batches):
        if number < made:
            skip(batch)
            continue
        if pace.is_over:
            break
        try:
            on_step(1)
        except BaseException:
            keep()
            raise
        differentiate(batch)
        trained.optimizer.step()
        for _ in range(pace.advance()):
            trained.schedule.step()
        if checkpoint.is_due:
            keep()
        yield pace.done
    checkpoint.share = pace.share
    keep()  # networks that were trained before wait for the last one to be recorded


def _tensors(trained: Trained) -> dict[str, Tensor]:
    """What a checkpoint holds of the model and the optimizer."""
    state = trained.optimizer.state_dict()["state"]
    return _of_model(trained.model) | {
        f"optimizer.{number}.{name}": moment
        for number, moments in state.items()
        for name, moment in moments.items()
    }


def _of_model(model: nn.Module) -> dict[str, Tensor]:
    return {f"model.{name}": tensor for name, tensor in model.state_dict().items()}


def _parameters(optimizer: Optimizer) -> list[Tensor]:
    return list(chain.from_iterable(group["params"] for group in optimizer.param_groups))


def _resume(trained: Trained, pace: Pace, checkpoint: Checkpoint) -> None:
    """Continue where the checkpoint is, if there is one that fits."""
    model, optimizer = trained.model, trained.optimizer
    initial, parameters = _of_model(model), _parameters(optimizer)
    expected = initial | {
        f"optimizer.{number}.{name}": torch.zeros(()) if name == _STEP else parameter
        for number, parameter in enumerate(parameters)
        for name in (_STEP, *_MOMENTS)
    }
    found = checkpoint.read(initial, expected)
    if found is None:
        return
    tensors, progress = found
    if not pace.can_resume(progress.done, progress.position) or len(progress.rates) != len(
        optimizer.param_groups
    ):
        return
    model.load_state_dict({name: tensors[f"model.{name}"] for name in model.state_dict()})
    state = {
        number: {name: tensors[f"optimizer.{number}.{name}"] for name in (_STEP, *_MOMENTS)}
        for number in range(len(parameters))
    }
    optimizer.load_state_dict(optimizer.state_dict() | {"state": state})
    for group, rate in zip(optimizer.param_groups, progress.rates, strict=True):
        group["lr"] = rate
    pace.resume(progress.done, progress.position)
    moved = round(progress.position)
    trained.schedule.load_state_dict({"last_epoch": moved, "_step_count": moved + 1})
    checkpoint.seconds = progress.seconds
