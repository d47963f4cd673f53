"""The command line in this process."""

from typer.testing import CliRunner

from autoequivariant.cli import app


def aen(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, (done.stderr, done.exception)
    return done.stderr if code else done.stdout
