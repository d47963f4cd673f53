"""Which states are the same network, and which hidden layers every candidate can act on."""
