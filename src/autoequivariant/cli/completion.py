"""What a shell offers for a value: names, without reading any data; and the scripts for shells."""

from __future__ import annotations

from collections.abc import Sequence

from autoequivariant.errors import SettingsError
from autoequivariant.groups.actions import ACTIONS
from autoequivariant.searching.samplers.registry import sampler_names

SHELLS = ("bash", "zsh", "fish")
INSTALL, SHOW = "--install-completion", "--show-completion"


def complete_data(incomplete: str) -> list[str]:
    """Return data sets by name; where none begins so, the shell offers paths."""
    from autoequivariant.data.registry import data_names

    return [name for name in data_names() if name.startswith(incomplete)]


def complete_samplers(incomplete: str) -> list[str]:
    """Return the names of samplers."""
    return [name for name in sampler_names() if name.startswith(incomplete)]


def complete_symmetries(incomplete: str) -> list[str]:
    """Return what the list of symmetries so far may become by one more, each once."""
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    forms = [f"{name}:" if action.parameters else name for name, action in ACTIONS.items()]
    return [before + comma + form for form in forms if form.startswith(last) and form not in taken]


def complete_for_shell(arguments: Sequence[str]) -> str | None:
    """Do what `--show-completion SHELL` and `--install-completion SHELL` ask for.

    Typer's own options take no shell: they find out which one they are called from.

    Returns:
        What to print; None where the arguments ask for something else.

    Raises:
        SettingsError: there is no such shell.
    """
    if len(arguments) != 2 or arguments[0] not in (INSTALL, SHOW) or arguments[1].startswith("-"):
        return None
    option, shell = arguments
    if shell not in SHELLS:
        raise SettingsError(f"{option} knows {', '.join(SHELLS)}, not {shell!r}: give one of them.")
    # Here and not above: nothing else needs it. Typer documents neither, and has had both for long.
    from typer.completion import get_completion_script, install  # type: ignore[attr-defined]

    name, variable = "aen", "_AEN_COMPLETE"
    if option == SHOW:
        return str(get_completion_script(prog_name=name, complete_var=variable, shell=shell))
    _, path = install(shell, name, variable)
    return f"Written to {path}: completion works from the next {shell} on."
