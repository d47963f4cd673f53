"""Reports of finished work: plain findings, rendered for the terminal and as a page."""

from autoequivariant.report.render.candidate_table import CandidateReport, print_candidates
from autoequivariant.report.render.search_text import print_outcome, print_problem

__all__ = ["CandidateReport", "print_candidates", "print_outcome", "print_problem"]
