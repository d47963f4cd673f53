"""What a search found, as frozen records that are computed first and rendered after."""

from autoequivariant.report.findings.summary import Findings, findings_of

__all__ = ["Findings", "findings_of"]
