"""What a search says of each candidate."""
