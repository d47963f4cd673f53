"""What the data say of each candidate, before any network is trained."""
