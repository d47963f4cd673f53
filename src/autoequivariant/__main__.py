"""`python -m autoequivariant` is `aen`."""

from __future__ import annotations

import sys

from autoequivariant.signals import exit_status, handle_stop_signals, stop_signal


def main() -> None:
    """Run the command line; a signal to stop ends it with 128 plus its number, at any moment."""
    handle_stop_signals()
    try:
        from autoequivariant.memory import suit_training

        suit_training()
        from autoequivariant.cli import main as run

        run()
    except KeyboardInterrupt:
        sys.exit(exit_status())
    except SystemExit as end:
        if stop_signal() is None:
            raise
        if not end.code:
            from autoequivariant.cli.console import complain

            complain("interrupted, after everything was written.")
        sys.exit(exit_status())


if __name__ == "__main__":
    main()
