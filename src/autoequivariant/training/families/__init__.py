"""The kinds of networks that a search can train."""
