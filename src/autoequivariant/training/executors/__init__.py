"""Executors: where the parts of a job run."""

from autoequivariant.training.executors.executor import Executor, OnStep
from autoequivariant.training.executors.local import LocalExecutor
from autoequivariant.training.executors.options import ExecutorOptions
from autoequivariant.training.executors.registry import EXECUTORS, make_executor

__all__ = [
    "EXECUTORS",
    "Executor",
    "ExecutorOptions",
    "LocalExecutor",
    "OnStep",
    "make_executor",
]
