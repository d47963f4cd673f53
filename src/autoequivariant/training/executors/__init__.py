"""Executors: where the parts of a job run."""

from autoequivariant.training.executors.executor import Executor, OnStep
from autoequivariant.training.executors.local import LocalExecutor

__all__ = ["Executor", "LocalExecutor", "OnStep"]
