"""The command line: parses, calls, prints. No science here."""

from __future__ import annotations

import errno
import io
import json
import math
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from autoequivariant.errors import AutoequivariantError, SettingsError
from autoequivariant.files import write_atomically
from autoequivariant.groups import (
    Domain,
    Lattice,
    Symmetry,
    layer_actions,
    parse_domain,
    parse_symmetries,
)

app = typer.Typer(
    add_completion=True,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Find the symmetries of a data set, and the network that has them.",
)

data_app = typer.Typer(no_args_is_help=True, help="Make data sets whose symmetries are known.")
app.add_typer(data_app, name="data")
reproduce_app = typer.Typer(no_args_is_help=True, help="Make a published paper's tables again.")
app.add_typer(reproduce_app, name="reproduce")

REFUSED, INTERRUPTED = 2, 130
MOST_COUNTED = 1_000_000


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # pictures on a terminal that has no blocks
    app()


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn errors that a user can mend into one sentence and an exit status."""
    try:
        yield
    except AutoequivariantError as error:
        print(f"aen: {error}", file=sys.stderr)
        raise typer.Exit(REFUSED) from None
    except KeyboardInterrupt:
        print("aen: interrupted; the same command goes on with what was recorded.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from None
    except OSError as error:
        if error.errno == errno.EPIPE:  # `aen ... | head`: nobody reads on, and nothing is wrong
            raise
        print(
            f"aen: {error.filename or 'what it prints'} cannot be written or read "
            f"({error.strerror or error}): free some space, or check the path.",
            file=sys.stderr,
        )
        raise typer.Exit(REFUSED) from None
    except (MemoryError, RuntimeError) as error:
        if isinstance(error, RuntimeError) and "memory" not in str(error):  # torch's, otherwise
            raise
        print(
            "aen: there is too little memory: give smaller --layers, fewer --channels or a smaller "
            "data set.",
            file=sys.stderr,
        )
        raise typer.Exit(REFUSED) from None


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"aen {version('autoequivariant')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Find the symmetries of a data set, and the network that has them."""


Data = Annotated[
    str,
    typer.Argument(
        help="digits, mnist, fashion_mnist, cifar10, svhn, emnist, kmnist, asl, a folder (IDX "
        "files or images by class), or an .npz"
    ),
]
Source = Annotated[
    Path | None,
    typer.Option(help="For mnist to asl: their files. Default: fetched from Hugging Face."),
]
Candidates = Annotated[
    str | None,
    typer.Option(help="Candidates, as in hflip,translate_x:4. Default: a list for the shape."),
]
Layers = Annotated[str | None, typer.Option(help="Hidden domains, as in 14x14,14x14.")]
Preset = Annotated[
    str | None, typer.Option(help="paper: shapes, shifts and training of arXiv 2104.04848.")
]
Kind = Annotated[
    str | None, typer.Option(help="grid, volume, sequence or features. Default: by the shape.")
]


@app.command()
def search(
    data: Data,
    source: Source = None,
    symmetries: Candidates = None,
    plant: Annotated[str, typer.Option(help="Symmetries to plant in the data first.")] = "",
    sampler: Annotated[
        str,
        typer.Option(
            help="auto, lattice, exhaustive, random, tpe, nsga2 or dqn. auto: lattice, or "
            "exhaustive for up to 32 networks."
        ),
    ] = "auto",
    objective: Annotated[
        str, typer.Option(help="accuracy, or accuracy,weights for the best of each size.")
    ] = "accuracy",
    widths: Annotated[
        str | None,
        typer.Option(help="With accuracy,weights: channels to search over, as in 1,2,4,8."),
    ] = None,
    network: Annotated[
        str,
        typer.Option(help="mlp, cnn, or auto: cnn for images of 16 pixels a side or more."),
    ] = "auto",
    augmentations: Annotated[
        str | None,
        typer.Option(
            help="Of a cnn, to search over: rotation,hflip,vflip,translation,scale,shear or none. "
            "Default: all."
        ),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(help="Of a cnn, to search over: small, medium, large. Default: small."),
    ] = None,
    body: Annotated[
        str | None, typer.Option(help="Of a cnn: paper or residual. Default: paper.")
    ] = None,
    pruner: Annotated[
        str | None,
        typer.Option(help="Gives up poor cnns early: none, median, quartile. Default: median."),
    ] = None,
    budget: Annotated[int, typer.Option(help="Most distinct networks to train.")] = 250,
    timeout: Annotated[
        str | None, typer.Option(help="Stop in time with the best so far: 90s, 10m.")
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(help="Default: about 400 steps; 4 for the paper.")
    ] = None,
    train_size: Annotated[int | None, typer.Option(help="Default: 4000, or what there is.")] = None,
    validation_size: Annotated[
        int | None, typer.Option(help="Default: 1000, or a quarter.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
    out: Annotated[Path | None, typer.Option(help="The run's folder. Default: runs/NAME.")] = None,
    preset: Preset = None,
    layers: Layers = None,
    channels: Annotated[int | None, typer.Option(help="Channels of each hidden layer.")] = None,
    final: Annotated[
        str | None,
        typer.Option(help="invariant or dense. Default: invariant; dense for the paper."),
    ] = None,
    kind: Kind = None,
    memory_limit: Annotated[
        float | None, typer.Option(help="GiB that training may take. Default: a quarter of all.")
    ] = None,
) -> None:
    """Search for the symmetries of DATA, and train the network that has them.

    The same command again goes on where it was; Ctrl-C ends it with the best so far.
    """
    # torch takes seconds to import: not for --help, nor for a misspelt option.
    import optuna

    from autoequivariant import search as searching
    from autoequivariant.report import print_outcome, print_problem
    from autoequivariant.report.live import LiveProgress

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    console = Console(highlight=False)
    with _refusals():
        settings = searching.SearchSettings(
            data=data,
            source=source,
            kind=kind,
            symmetries=_symmetries(symmetries),
            plant=parse_symmetries(plant),
            preset=preset,
            network=network,
            augmentations=_names(augmentations),
            sizes=_names(size),
            body=body,
            pruner=pruner,
            layers=_domains(layers),
            channels=channels,
            final=final,
            sampler=sampler,
            objective=objective,
            widths=_numbers(widths),
            budget=budget,
            timeout=None if timeout is None else searching.parse_duration(timeout),
            epochs=epochs,
            train_size=train_size,
            validation_size=validation_size,
            seed=seed,
            device=device,
            memory_limit=_bytes(memory_limit),
        )
        with LiveProgress(console) as progress:
            outcome = searching.search(settings, out, progress, partial(print_problem, console))
        print_outcome(console, outcome)
    if outcome.status == "interrupted":
        raise typer.Exit(INTERRUPTED)


@app.command()
def symmetries(
    data: Annotated[str | None, typer.Argument(help="A data set, to take the shape from.")] = None,
    shape: Annotated[
        str | None, typer.Option(help="28x28, 8x8x8, sequence:100 or features:64.")
    ] = None,
    layers: Layers = None,
    preset: Preset = None,
    symmetries: Candidates = None,
    kind: Kind = None,
    source: Source = None,
    limit: Annotated[int, typer.Option(help="Count at most so many distinct networks.")] = 2000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the candidates, what each does, and how many distinct networks they make."""
    from autoequivariant.data import read
    from autoequivariant.report import CandidateReport, print_candidates
    from autoequivariant.search import (
        SearchSettings,
        candidates_for,
        hidden_domains,
        kind_of_network,
    )

    console = Console(highlight=False)
    with _refusals():
        if (data is None) == (shape is None):
            raise SettingsError(
                "Give either a data set or --shape, such as aen symmetries --shape 28x28."
            )
        if not 1 <= limit <= MOST_COUNTED:
            raise SettingsError(f"--limit must be 1 to {MOST_COUNTED:,}, not {limit:,}.")
        if data is None and source is not None:
            raise SettingsError("--source belongs to a data set by name: give one, such as mnist.")
        domain = parse_domain(str(shape)) if data is None else read(data, kind, source).domain
        settings = SearchSettings(
            data=data or "",
            symmetries=_symmetries(symmetries),
            preset=preset,
            layers=_domains(layers),
        )
        candidates: tuple[Symmetry, ...] = candidates_for(domain, settings)
        hidden = hidden_domains(domain, candidates, settings)
        actions = layer_actions(candidates, domain, hidden, allow_improper=preset == "paper")
        report = CandidateReport(actions, Lattice(actions).networks(limit))
        if as_json:
            print(json.dumps(report.to_json(), indent=2))
        else:
            print_candidates(console, report)
            if kind_of_network(domain, settings) == "cnn":
                console.print(
                    "[dim]These are for MLPs (--network mlp). For images of this size aen search "
                    "takes group CNNs, with turns and mirrors alone: see --network there.[/]"
                )


def _bytes(gibibytes: float | None) -> int | None:
    if gibibytes is None:
        return None
    if not 0 < gibibytes < math.inf:
        raise SettingsError(f"--memory-limit must be more than 0 GiB, not {gibibytes:g}.")
    return max(1, int(gibibytes * 2**30))


@data_app.command()
def make(
    name: Annotated[str, typer.Argument(help="g-mnist, g-fashion-mnist or rotmnist.")],
    source: Annotated[Path, typer.Option(help="The folder with the originals' IDX files.")],
    out: Annotated[Path, typer.Option(help="A new or empty folder.")],
    setting: Annotated[
        str | None,
        typer.Option(
            help="Of g-mnist and g-fashion-mnist: none, one of the paper's twelve by name, or mix1 "
            "to mix5. Default: none."
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
) -> None:
    """Make G-MNIST or G-Fashion-MNIST (arXiv 2104.04848) or RotMNIST from the originals.

    A card beside the files says how.
    """
    from autoequivariant.data import make_data

    with _refusals():
        written = make_data(name, source, setting, seed, out)
    print(f"written to {out}: {', '.join(path.name for path in written)}")


@reproduce_app.callback()
def _reproduce() -> None:
    """Make a published paper's tables again."""


@reproduce_app.command()
def mlp(
    dataset: Annotated[str, typer.Option(help="mnist or fashion_mnist.")],
    source: Annotated[Path, typer.Option(help="The folder with its original IDX files.")],
    out: Annotated[
        Path | None, typer.Option(help="The folder. Default: runs/reproduce-mlp-DATASET.")
    ] = None,
    mixes: Annotated[
        str, typer.Option(help="Mixed settings to search, as in mix1,mix3; or all, or none.")
    ] = "all",
    sampler: Annotated[str, typer.Option(help="Of the searches, as in aen search.")] = "auto",
    budget: Annotated[int, typer.Option(help="Of each search, as in aen search.")] = 250,
    train_size: Annotated[
        int, typer.Option(help="Images that the networks of the tables are trained on.")
    ] = 10_000,
    epochs: Annotated[int, typer.Option(help="Passes over them.")] = 10,
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Make the MLP tables of arXiv 2104.04848: single symmetries and mixed settings.

    The same command again goes on where it was.
    """
    import optuna

    from autoequivariant.report import print_problem
    from autoequivariant.report.live import LiveProgress
    from autoequivariant.report.reproduction import print_reproduction
    from autoequivariant.report.reproduction_files import write_reproduction
    from autoequivariant.search.reproduction import reproduce
    from autoequivariant.search.reproduction_settings import ReproductionSettings, parse_mixes

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    console = Console(highlight=False)
    with _refusals():
        settings = ReproductionSettings(
            dataset=dataset,
            source=source,
            mixes=parse_mixes(mixes),
            sampler=sampler,
            budget=budget,
            train_size=train_size,
            epochs=epochs,
            seed=seed,
            device=device,
        )
        with LiveProgress(console) as progress:
            done = reproduce(settings, out, progress, partial(print_problem, console))
        print_reproduction(console, done.results, write_reproduction(done.results, done.folder))


@reproduce_app.command()
def cnn(
    dataset: Annotated[str, typer.Option(help="rotmnist or cifar10.")],
    source: Annotated[
        Path, typer.Option(help="MNIST's IDX files; or CIFAR-10, its binary files or an .npz.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="The folder. Default: runs/reproduce-cnn-DATASET.")
    ] = None,
    scale: Annotated[
        str, typer.Option(help="cpu: half an hour on two cores; gpu: larger and longer.")
    ] = "cpu",
    seed: Annotated[int, typer.Option(help="Of everything random.")] = 0,
    device: Annotated[str, typer.Option(help="cpu or cuda.")] = "cpu",
) -> None:
    """Compare the plain CNN, the best augmentation, and what a search finds (arXiv 2104.04848).

    The same command again goes on where it was.
    """
    import optuna

    from autoequivariant.report import print_problem
    from autoequivariant.report.live import LiveProgress
    from autoequivariant.report.reproduction_cnn import cnn_tables, print_cnn_reproduction
    from autoequivariant.search.reproduction_cnn import CNNReproductionSettings, reproduce_cnn

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    console = Console(highlight=False)
    with _refusals():
        settings = CNNReproductionSettings(dataset, source, scale, seed, device)
        with LiveProgress(console) as progress:
            done = reproduce_cnn(settings, out, progress, partial(print_problem, console))
        write_atomically(done.folder / "tables.md", cnn_tables(done.results).encode())
        print_cnn_reproduction(console, done.results, done.folder)


def _symmetries(text: str | None) -> tuple[Symmetry, ...] | None:
    """Read candidates; `none` is no candidate at all."""
    if text is None:
        return None
    return () if text.strip() == "none" else parse_symmetries(text)


def _numbers(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,9}(,\d{1,9})*", text):
        shown = text if len(text) < 50 else f"{text[:50]}..."
        raise SettingsError(f"--widths are numbers of channels, as in 1,2,4, not {shown!r}.")
    return tuple(int(part) for part in text.split(","))


def _names(text: str | None) -> tuple[str, ...] | None:
    """Read names with commas between them; `none` is no name at all."""
    if text is None:
        return None
    parts = (part.strip() for part in text.split(","))
    return tuple(dict.fromkeys(part for part in parts if part != "none"))


def _domains(text: str | None) -> tuple[Domain, ...] | None:
    return None if text is None else tuple(parse_domain(part) for part in text.split(","))
