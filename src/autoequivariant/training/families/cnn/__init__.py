"""Group CNNs as a kind of network."""
