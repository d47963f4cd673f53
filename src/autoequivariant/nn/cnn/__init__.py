"""Group CNNs."""
