"""Custom symmetries: their definition, notation and default names."""
