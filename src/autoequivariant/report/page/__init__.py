"""The report as one HTML file that loads nothing: templates, style and script."""

from autoequivariant.report.page.write import REPORT, report_html, write_report

__all__ = ["REPORT", "report_html", "write_report"]
