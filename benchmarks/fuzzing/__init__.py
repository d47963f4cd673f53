"""What `benchmarks/fuzz.py` is made of: valid files, mutations, and a watch over the program."""
