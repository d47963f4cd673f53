"""The fit of a chosen network: trained on all samples but test, saved, and scored on test once."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from autoequivariant.errors import ModelError
from autoequivariant.nn.io.model_files import save_model
from autoequivariant.searching.experiment import Experiment
from autoequivariant.searching.fit.final import train_final
from autoequivariant.searching.fit.tested import ScoredOnTest, tested_before, tested_of
from autoequivariant.searching.fit.trials import Trials
from autoequivariant.searching.fit.tuning import Tuning
from autoequivariant.searching.named import Selected
from autoequivariant.searching.sharing.store import Store
from autoequivariant.searching.storage.fit import FitRecord
from autoequivariant.searching.storage.run_folder import RunFolder
from autoequivariant.searching.storage.study import SearchStudy
from autoequivariant.searching.time_needed import seconds_to_train
from autoequivariant.training.clock import Clock, DeadlineReached
from autoequivariant.training.evaluator import Evaluator
from autoequivariant.training.executors.executor import Executor
from autoequivariant.training.families.model_files import load_model
from autoequivariant.training.progress import Progress


@dataclass(frozen=True)
class Fit:
    """Trains the network that is handed over, and its baseline; resumable.

    Attributes:
        experiment: the problem and its data.
        evaluator: trains networks in the search.
        study: where evaluations are recorded.
        folder: where the network is written.
        executor: what trains.
        clock, progress: stop the training, and show it.
        refits: full trainings of one network for which the caller needs a share of the time limit
            afterwards.
        store: where the work is shared with other processes. Default: nowhere.
    """

    experiment: Experiment
    evaluator: Evaluator
    study: SearchStudy
    folder: RunFolder
    executor: Executor
    clock: Clock
    progress: Progress
    refits: int
    store: Store | None = None

    @property
    def seconds(self) -> float:
        """Approximate seconds of the final training of a network and the baseline, and refits."""
        return self.seconds_of_one * (2 / min(2, self.executor.n_workers)) + self.seconds_of_refits

    @property
    def seconds_of_refits(self) -> float:
        """Approximate seconds of the refits."""
        return self.seconds_of_one * self.refits if self.refits else 0.0

    @cached_property
    def seconds_of_one(self) -> float:
        """Approximate seconds of a training of the baseline by the recipe, on one core."""
        problem, known = self.experiment.problem, self.experiment.known
        training = problem.full_training(len(known))
        evaluator = problem.evaluator(known, known, self.executor, training)
        return seconds_to_train(evaluator, problem.space.baseline)

    def tested(self, selected: Sequence[Selected]) -> ScoredOnTest:
        """Train and test a network, its baseline and others, unless an earlier process did.

        Args:
            selected: the network that is handed over, then the others.

        Raises:
            Interrupted: the user stopped the run.
        """
        problem, data = self.experiment.problem, self.experiment.data
        former = tested_before(problem, selected, self.folder.read_results())
        if former is not None and self._has_model():
            return former
        chosen, *others = [one.child for one in selected]
        baseline = problem.space.baseline_of(chosen)
        children = list(dict.fromkeys((chosen, baseline, *others)))
        rounds = self.evaluator.rounds(children) + self.refits
        checkpoints = self.folder.checkpoints
        trials = Trials(
            self.experiment,
            self.study,
            self.executor,
            self.clock,
            self.progress,
            checkpoints,
            self.store,
        )
        fitted = Tuning(trials).fitted(children, rounds)
        self.progress.stage("final", len(children))

        def on_part(part: float) -> None:
            # The final training ends even if the reserve was too short.
            with suppress(DeadlineReached):
                self.clock.check()
            self.progress.advance(part)

        final = train_final(
            self.experiment, chosen, fitted, self.executor, on_part, checkpoints, self.store
        )
        # A kill between the two writes must not leave old results beside a new model.
        self.folder.results.unlink(missing_ok=True)
        save_model(
            final.networks[chosen].model,
            self.folder.path,
            data.classes,
            str(data.train.x.dtype),
            data.targets,
            data.columns,
            data.categories,
        )
        own, plain, settings = fitted[chosen], fitted[baseline], problem.settings
        fit = FitRecord(
            settings.fits,
            self.experiment.known_size,
            own.training.epochs,
            plain.training.epochs,
            own.child.width,
            plain.child.width,
            own.training.weight_decay or None,
            plain.training.weight_decay or None,
            settings.fit_size,
            settings.fit_seconds if settings.fits == "full" else None,
            own.tried,
            min(final.networks[child].share for child in (chosen, baseline)),
        )
        return tested_of(self.experiment, selected, final, fit)

    def _has_model(self) -> bool:
        """Whether both model files are there and belong together; a kill may leave one of them."""
        try:
            load_model(self.folder.path)
        except ModelError:
            return False
        return True
