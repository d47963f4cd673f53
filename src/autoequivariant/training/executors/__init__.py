"""Executors: where the parts of a job run."""
