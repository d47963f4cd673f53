"""Searching for the symmetries of a data set."""

from autoequivariant.search.choose import Choice
from autoequivariant.search.problem import (
    Problem,
    candidates_for,
    hidden_domains,
    make_problem,
)
from autoequivariant.search.progress import Progress
from autoequivariant.search.results import Leader
from autoequivariant.search.run import Outcome, search
from autoequivariant.search.settings import SearchSettings, parse_duration

__all__ = [
    "Choice",
    "Leader",
    "Outcome",
    "Problem",
    "Progress",
    "SearchSettings",
    "candidates_for",
    "hidden_domains",
    "make_problem",
    "parse_duration",
    "search",
]
