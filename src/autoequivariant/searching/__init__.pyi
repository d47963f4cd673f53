from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.problem import Problem, make_problem
from autoequivariant.searching.run import Outcome, search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.settings.symmetry_file import read_candidates
from autoequivariant.searching.space import Space
from autoequivariant.searching.storage.study import SearchStudy

__all__ = [
    "Outcome",
    "Problem",
    "SearchSettings",
    "SearchStudy",
    "Space",
    "data_spec",
    "make_problem",
    "read_candidates",
    "search",
]
