"""Trained networks as processes share them: the files of a saved model, in the store."""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from dataclasses import asdict, replace
from pathlib import Path

from autoequivariant.data.split import DataSet
from autoequivariant.nn.io.model_files import DESCRIPTION, WEIGHTS, save_model
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.sharing.records import Record
from autoequivariant.searching.sharing.work import Work
from autoequivariant.training.evaluation import Evaluation, keyed_record, read_keyed
from autoequivariant.training.families.family import TrainedNetwork
from autoequivariant.training.families.model_files import load_model
from autoequivariant.training.singles import Single

MOST_BYTES = 2**25
"""Largest network that processes share; a larger one is trained by each of them."""
CHUNK_BYTES = 2**20


def networks(problem: Problem, data: DataSet) -> Work[Single, TrainedNetwork]:
    """Return how networks are shared that are trained on `Experiment.known`, in full.

    Args:
        problem: what is searched.
        data: its data.
    """

    def encode(single: Single, network: TrainedNetwork) -> Record | None:
        content = model_to_bytes(network, data)
        if network.share < 1 or len(content) > MOST_BYTES:
            return None
        scored = Evaluation(network.scores, network.n_parameters, network.seconds)
        parts = range(0, len(content), CHUNK_BYTES)
        return Record(
            keyed_record(single.child.key, scored),
            problem.values(scored),
            chunks=[base64.b64encode(content[k : k + CHUNK_BYTES]).decode() for k in parts],
        )

    def decode(single: Single, record: Record) -> TrainedNetwork:
        key, scored = read_keyed(record.content)
        content = b"".join(base64.b64decode(chunk, validate=True) for chunk in record.chunks)
        if key != single.child.key or scored.scores.size != len(data.test):
            raise ValueError("it holds a network under the key of another")
        return model_from_bytes(content, scored)

    return Work(network_key, encode, decode)


def is_shared(problem: Problem, single: Single) -> bool:
    """Whether a network can be shared: it is not too large, and not trained within a time limit."""
    few = problem.family.count_parameters(single.child.generators, single.child.width)
    return single.training.seconds is None and 4 * few <= MOST_BYTES


def network_key(single: Single) -> str:
    """Return the key of a network: all that decides its parameters, besides the search."""
    recipe = asdict(replace(single.training, seconds=None, checkpoints=None))
    plain = json.dumps([single.child.key, single.replicate, recipe], sort_keys=True)
    return f"trained {hashlib.sha256(plain.encode()).hexdigest()[:16]}"


def model_to_bytes(network: TrainedNetwork, data: DataSet) -> bytes:
    """Return the files of a saved model as one text: the description, a line break, the weights."""
    with tempfile.TemporaryDirectory() as folder:
        weights, description = save_model(
            network.model,
            Path(folder),
            data.classes,
            targets=data.targets,
            columns=data.columns,
            categories=data.categories,
        )
        plain = json.dumps(json.loads(description.read_bytes()))
        return plain.encode() + b"\n" + weights.read_bytes()


def model_from_bytes(content: bytes, scored: Evaluation) -> TrainedNetwork:
    """Read what `model_to_bytes` returned; `ModelError` if it is something else."""
    description, _, weights = content.partition(b"\n")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / DESCRIPTION).write_bytes(description)
        (Path(folder) / WEIGHTS).write_bytes(weights)
        model = load_model(folder)
    if model.n_parameters != scored.n_parameters:
        raise ValueError("it holds a network of another size")
    return TrainedNetwork(model, scored.scores, scored.n_parameters, scored.seconds)
