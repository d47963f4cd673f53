"""Runs loaded from disk, and replayed without training."""

from autoequivariant.runs.replay import Replay, replay_run
from autoequivariant.runs.run import Run, open_run

__all__ = ["Replay", "Run", "open_run", "replay_run"]
