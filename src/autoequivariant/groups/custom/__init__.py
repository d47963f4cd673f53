"""Custom symmetries: definition, notation and default names."""
