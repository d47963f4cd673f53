"""Names for completion and help, and the completion scripts of shells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from typer.core import TyperCommand

from autoequivariant.errors import SettingsError
from autoequivariant.groups.actions import ACTIONS

SHELLS = ("bash", "zsh", "fish")
INSTALL, SHOW = "--install-completion", "--show-completion"


class NamesInHelp(TyperCommand):
    """A command whose help names what the registries hold.

    `{data sets}` and `{samplers}` in a help text are replaced when it is shown, because the
    registries take seconds to import.
    """

    def fill_in_names(self) -> None:
        """Replace them; `--help` does it, and so must whatever else reads the help texts."""
        names = {"{data sets}": data_names, "{samplers}": sampler_names}
        for parameter in self.params:
            for mark, found in names.items():
                text = getattr(parameter, "help", None) or ""
                if mark in text:
                    parameter.help = text.replace(mark, ", ".join(found()))  # type: ignore[attr-defined]

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """See `click.Command.format_help`."""
        self.fill_in_names()
        super().format_help(ctx, formatter)


def data_names() -> tuple[str, ...]:
    """Return the names of the data sets."""
    from autoequivariant.data import registry

    return registry.data_names()


def sampler_names() -> tuple[str, ...]:
    """Return the names of the samplers."""
    from autoequivariant.searching.samplers import registry

    return registry.sampler_names()


def complete_data(incomplete: str) -> list[str]:
    """Complete the name of a data set; if none matches, the shell completes paths."""
    return [name for name in data_names() if name.startswith(incomplete)]


def complete_samplers(incomplete: str) -> list[str]:
    """Complete the name of a sampler."""
    return [name for name in sampler_names() if name.startswith(incomplete)]


def complete_executors(incomplete: str) -> list[str]:
    """Complete the name of an executor."""
    from autoequivariant.training.executors.registry import EXECUTORS

    return [name for name in EXECUTORS if name.startswith(incomplete)]


def complete_storage(incomplete: str) -> list[str]:
    """Complete the kind of a store."""
    forms = ("postgresql://", "sqlite:///", "journal:")
    return [form for form in forms if form.startswith(incomplete)]


def complete_methods(incomplete: str) -> list[str]:
    """Complete a way of making a model equivariant."""
    methods = ("average", "canonical", "sample")
    return [method for method in methods if method.startswith(incomplete)]


def complete_symmetries(incomplete: str) -> list[str]:
    """Complete the last of several symmetries, by one that the others do not name."""
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    forms = [f"{name}:" if action.parameters else name for name, action in ACTIONS.items()]
    return [before + comma + form for form in forms if form.startswith(last) and form not in taken]


def complete_for_shell(arguments: Sequence[str]) -> str | None:
    """Handle `--show-completion SHELL` and `--install-completion SHELL`.

    Typer's own options take no shell: they detect the one they are called from.

    Returns:
        What to print; None if the arguments are others.

    Raises:
        SettingsError: the shell is unknown.
    """
    if len(arguments) != 2 or arguments[0] not in (INSTALL, SHOW) or arguments[1].startswith("-"):
        return None
    option, shell = arguments
    if shell not in SHELLS:
        raise SettingsError(f"{option} must be one of {', '.join(SHELLS)}; got {shell!r}.")
    # Imported here, because nothing else needs it. Typer has long had both, undocumented.
    from typer.completion import get_completion_script, install  # type: ignore[attr-defined]

    name, variable = "aen", "_AEN_COMPLETE"
    if option == SHOW:
        return str(get_completion_script(prog_name=name, complete_var=variable, shell=shell))
    _, path = install(shell, name, variable)
    return f"Written to {path}: completion works in the next {shell} session."
