"""The table of the CNN reproduction, made from its records."""

from __future__ import annotations

from typing import Any

from rich.console import RenderableType

from autoequivariant.paper.tables import markdown, printed
from autoequivariant.report.findings.table import Table, columns
from autoequivariant.report.render.formatting import interval, named, percent

CNN_TITLES = {"rotmnist": "RotMNIST", "cifar10": "CIFAR-10", "fashion_mnist": "Fashion-MNIST"}


def cnn_markdown(results: dict[str, Any]) -> str:
    """Return the table and its context as Markdown."""
    search, alone = results["searches"]["search"], results["searches"]["augmentations"]
    parts = [
        f"Trained on {results['train_size']:,} images for {results['epochs']} epochs, "
        f"{results['backbone']} backbone; scored on {results['test_size']:,} test images; "
        f"seed {results['seed']}. The search trained {search['networks_trained']} of "
        f"{search['distinct_networks']} networks, the search over augmentations alone "
        f"{alone['networks_trained']} of {alone['distinct_networks']}. "
        f"Reduced: {results['reduced']}.",
        markdown(_table(results)),
        *_importance(results),
    ]
    return "\n\n".join(parts) + "\n"


def cnn_title(results: dict[str, Any]) -> str:
    """Return the name of the data set; of one in a file, the short name of that file."""
    dataset: str = results["dataset"].removesuffix(f"-{results['backbone']}")
    return CNN_TITLES.get(dataset, dataset)


def cnn_files(results: dict[str, Any]) -> dict[str, str]:
    """Return the files to write beside the records, by name."""
    return {"tables.md": cnn_markdown(results)}


def cnn_summary(results: dict[str, Any]) -> list[RenderableType]:
    """Return what to print."""
    title = f"{cnn_title(results)}, {results['test_size']:,} test images"
    return [printed(_table(results), title), *_importance(results)]


def _table(results: dict[str, Any]) -> Table:
    rows = tuple(
        (
            row["network"],
            named(row["symmetries"], row["generators"], row["augmentations"]),
            f"{row['n_parameters']:,}",
            percent(row["test_score"]),
            interval(row["test_interval"]),
        )
        for row in results["networks"]
    )
    texts = ("network", "symmetries and augmentations")
    return Table("", columns(texts, ("parameters", "test", "95% interval")), rows)


def _importance(results: dict[str, Any]) -> list[str]:
    shares = (results["importance"] or {}).items()
    listed = ", ".join(f"{name} {percent(share)}" for name, share in shares)
    text = (
        f"Importance for validation accuracy (fANOVA over the search): {listed}. "
        "The paper finds that the group matters most."
    )
    return [text] if listed else []
