"""What people read: made from plain records, after the work is done."""

from autoequivariant.report.render.candidate_table import CandidateReport, print_candidates
from autoequivariant.report.render.search_text import print_outcome, print_problem

__all__ = ["CandidateReport", "print_candidates", "print_outcome", "print_problem"]
