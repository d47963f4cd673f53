"""Use of a saved model."""
