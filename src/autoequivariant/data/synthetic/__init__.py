"""Generated data sets with known symmetries."""
