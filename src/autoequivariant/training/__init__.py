"""Training and scoring of networks, without a search."""

from autoequivariant.training.child import Child
from autoequivariant.training.evaluation import Evaluation
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.loop import Training

__all__ = ["Child", "Evaluation", "Evaluator", "Training"]
