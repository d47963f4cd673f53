"""What a search found, as frozen records; rendering comes after."""

from autoequivariant.report.findings.summary import Findings, findings_of

__all__ = ["Findings", "findings_of"]
