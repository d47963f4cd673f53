"""The direct tests: exact tests of the law and a residual test of the task."""
