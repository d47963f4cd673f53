"""`python -m autoequivariant` is `aen`."""

from autoequivariant.cli import main

main()
