"""The search over closed states: settings, space, samplers, study, selection and results.

Not `search`: that is the function `autoequivariant.search`.
"""

from autoequivariant.searching.data_spec import data_spec
from autoequivariant.searching.experiment import Experiment, make_experiment
from autoequivariant.searching.outcome import Outcome
from autoequivariant.searching.problem import Problem
from autoequivariant.searching.run import search
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.searching.settings.symmetry_file import read_candidates
from autoequivariant.searching.space import Space
from autoequivariant.searching.storage.study import SearchStudy

__all__ = [
    "Experiment",
    "Outcome",
    "Problem",
    "SearchSettings",
    "SearchStudy",
    "Space",
    "data_spec",
    "make_experiment",
    "read_candidates",
    "search",
]
