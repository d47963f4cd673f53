"""Candidates as people write them: names, ready lists, mappings and YAML files."""
