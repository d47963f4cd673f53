"""Options of the CNN reproduction, and how much it trains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from autoequivariant.data.registry import read, short_name
from autoequivariant.data.samples import Samples
from autoequivariant.errors import SettingsError
from autoequivariant.paper.reproduction import refuse, refuse_unknown
from autoequivariant.searching.settings.settings import SearchSettings
from autoequivariant.training.executors.options import ExecutorOptions

ORIGINALS = {"rotmnist": "mnist", "cifar10": "cifar10", "fashion_mnist": "fashion_mnist"}
"""The data sets, and the names under which their files are read."""
FILE = "file"
"""In place of a data set: any images, in a file or folder that `aen search` reads."""
BACKBONES = ("paper", "pyramid")


@dataclass(frozen=True)
class Scale:
    """How much a reproduction trains.

    Attributes:
        backbone: of all networks.
        sizes: that both searches try.
        budget: most networks in the search over groups and augmentations.
        augmentation_budget: most networks in the search over augmentations alone.
        train_size, epochs: of both searches. None: as in `aen search`.
        final_epochs: of the networks in the table, on all training images. None: as in
            `aen search`.
        reduced: what is smaller than in the paper, in words.
    """

    backbone: str
    sizes: tuple[str, ...]
    budget: int
    augmentation_budget: int
    train_size: int | None
    epochs: int | None
    final_epochs: int | None
    reduced: str


SCALES = {
    "cpu": Scale(
        backbone="paper",
        sizes=("small",),
        budget=32,
        augmentation_budget=16,
        train_size=4000,
        epochs=4,
        final_epochs=10,
        reduced="one size instead of two, 4,000 images and 4 epochs in the searches, at most 32 "
        "networks, 16 with augmentations alone, and 10 epochs for the networks of the table",
    ),
    "gpu": Scale(
        backbone="residual",
        sizes=("large",),
        budget=250,
        augmentation_budget=64,
        train_size=9000,
        epochs=10,
        final_epochs=100,
        reduced="nothing intentionally; 9,000 images and 10 epochs in the searches, 100 epochs for "
        "the networks of the table",
    ),
}
PYRAMID = Scale(
    backbone="pyramid",
    sizes=("small", "large"),
    budget=48,
    augmentation_budget=24,
    train_size=None,
    epochs=None,
    final_epochs=None,
    reduced="at most 5,000 images and about 200 steps in the searches, at most 48 networks, 24 "
    "with augmentations alone",
)
"""With the bodies and trainings that follow from the data (`training.families.cnn.recipe`)."""


@dataclass(frozen=True)
class CNNSettings:
    """Options of the CNN reproduction.

    Attributes:
        dataset: `rotmnist`, derived from MNIST; `cifar10`; `fashion_mnist`; or `file`, for others.
        source: the IDX files of MNIST or Fashion-MNIST; CIFAR-10 in a form that `aen search cifar10
            --source` reads; or images with a test set in any form that `aen search` reads.
        scale: of the paper's backbone: `cpu`, half an hour on two cores, or `gpu`. Default: `cpu`.
        seed: of all random numbers.
        device: `cpu` or `cuda`.
        backbone: `paper`, or `pyramid`, in two sizes. Default: `paper`.

    Raises:
        SettingsError: names every value that cannot be used.
    """

    dataset: str
    source: Path
    scale: str = "cpu"
    seed: int = 0
    device: str = "cpu"
    backbone: str = "paper"
    executor: ExecutorOptions = ExecutorOptions()

    def __post_init__(self) -> None:
        problems = [
            *refuse_unknown("--dataset", [self.dataset], (*ORIGINALS, FILE)),
            *refuse_unknown("--scale", [self.scale], SCALES),
            *refuse_unknown("--backbone", [self.backbone], BACKBONES),
        ]
        if self.backbone == "pyramid" and self.scale != "cpu":
            problems.append("--scale is of --backbone paper: use one of the two.")
        refuse(problems, lambda: SearchSettings(data=self.dataset, seed=self.seed))

    @property
    def amount(self) -> Scale:
        """How much is trained."""
        return PYRAMID if self.backbone == "pyramid" else SCALES[self.scale]

    @property
    def name(self) -> str:
        """The data set with the backbone, if that is not the paper's."""
        dataset = short_name(self.source) if self.dataset == FILE else self.dataset
        return dataset if self.backbone == "paper" else f"{dataset}-{self.backbone}"

    def read(self) -> Samples:
        """Read the data set, or what it is derived from.

        Raises:
            DataError: the source cannot be read.
            SettingsError: it does not exist.
        """
        if not self.source.exists():
            raise SettingsError(f"--source {str(self.source)!r} does not exist: check the path.")
        if self.dataset == FILE:
            return read(str(self.source))
        return read(ORIGINALS[self.dataset], source=self.source)

    def search(self, data: Path | None, with_symmetries: bool) -> SearchSettings:
        """Settings of a search.

        Args:
            data: the folder of the derived data set. None: the data set is read from `source`.
            with_symmetries: search over groups and augmentations, or augmentations alone.
        """
        scale = self.amount
        if data is None and self.dataset == FILE:
            data = self.source
        return SearchSettings(
            data=self.dataset if data is None else str(data),
            source=self.source if data is None else None,
            network="cnn",
            fit="none",
            tests=False,
            smallest=True,
            symmetries=None if with_symmetries else (),
            backbone=scale.backbone,
            sizes=scale.sizes,
            budget=scale.budget if with_symmetries else scale.augmentation_budget,
            train_size=scale.train_size,
            epochs=scale.epochs,
            seed=self.seed,
            device=self.device,
            executor=self.executor,
        )
