"""The fit: the network that is handed over and what it is compared with, trained in full."""
