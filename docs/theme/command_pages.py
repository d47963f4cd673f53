"""The page with every command and option, generated from the commands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from autoequivariant.cli.completion import NamesInHelp


def command_page(app: typer.Typer, name: str) -> str:
    """Return Markdown with the help, arguments, options and defaults of each command.

    Args:
        app: the command line.
        name: of the program.
    """
    head = (
        "# Every option\n\n"
        "What `--help` prints. [The command line](../command_line.md) says more about each "
        "command.\n\n"
    )
    return head + "\n".join(
        section(*found) for found in commands(typer.main.get_command(app), name)
    )


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    """Yield each command that can be run, by its full name, and the program for its options."""
    inner = getattr(command, "commands", None)
    if inner is None or " " not in name:
        yield name, command
    for word, child in (inner or {}).items():
        if not child.hidden:
            yield from commands(child, f"{name} {word}")


def section(name: str, command: Any) -> str:
    """Return the section of one command."""
    if isinstance(command, NamesInHelp):
        command.fill_in_names()
    shown = [parameter for parameter in command.params if not parameter.hidden]
    options = [parameter for parameter in shown if parameter.opts[0].startswith("-")]
    arguments = [parameter for parameter in shown if parameter not in options]
    takes = [argument.name.upper() for argument in arguments]
    usage = " ".join([name, *takes, "[OPTIONS]", *["COMMAND"] * hasattr(command, "commands")])
    parts = [f"## `{name}`", _text(command.help), f"```text\n{usage}\n```"]
    if arguments:
        rows = [(f"`{a.name.upper()}`", _default(a), _text(a.help)) for a in arguments]
        parts.append(_table("argument", rows))
    if options:
        rows = [(", ".join(f"`{o}`" for o in p.opts), _default(p), _text(p.help)) for p in options]
        parts.append(_table("option", rows))
    return "\n\n".join(parts) + "\n"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    if parameter.default in (None, False, ""):
        return "flag" if getattr(parameter, "is_flag", False) else ""
    return f"`{parameter.default}`"


def _table(what: str, rows: list[tuple[str, str, str]]) -> str:
    lines = [(what, "default", "meaning"), ("---", "---", "---"), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines
    )


def _text(help_text: str | None) -> str:
    return (help_text or "").replace("<", "&lt;")
