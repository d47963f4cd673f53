"""Models about which nothing is known but what they compute: torch, scikit-learn, callables."""
