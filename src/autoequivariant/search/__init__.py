"""Searching for the symmetries of a data set."""

from autoequivariant.search.acted import acted_on
from autoequivariant.search.child import Child
from autoequivariant.search.choose import Choice, Finalist
from autoequivariant.search.mlp_problem import candidates_for, hidden_domains
from autoequivariant.search.open_run import Run, open_run
from autoequivariant.search.problem import Problem, kind_of_network, make_problem
from autoequivariant.search.progress import Progress
from autoequivariant.search.results import LEADING_ROWS, Leader
from autoequivariant.search.run import Outcome, search
from autoequivariant.search.settings import SearchSettings, parse_duration
from autoequivariant.search.space import Space
from autoequivariant.search.study import SearchStudy
from autoequivariant.search.symmetry_file import read_candidates

__all__ = [
    "LEADING_ROWS",
    "Child",
    "Choice",
    "Finalist",
    "Leader",
    "Outcome",
    "Problem",
    "Progress",
    "Run",
    "SearchSettings",
    "SearchStudy",
    "Space",
    "acted_on",
    "candidates_for",
    "hidden_domains",
    "kind_of_network",
    "make_problem",
    "open_run",
    "parse_duration",
    "read_candidates",
    "search",
]
