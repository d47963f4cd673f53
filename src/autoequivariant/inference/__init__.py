"""Uses of a saved model: predict, evaluate, verify and export."""
