"""What people read: made from plain records, after the work is done."""

from autoequivariant.report.symmetries import CandidateReport, print_candidates
from autoequivariant.report.text import print_outcome, print_problem

__all__ = ["CandidateReport", "print_candidates", "print_outcome", "print_problem"]
