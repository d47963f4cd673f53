"""Progress that is heard on its way."""

from autoequivariant.training.progress import HeardProgress, NoProgress, PrefixedProgress


class Told(NoProgress):
    def __init__(self) -> None:
        self.stages: list[str] = []
        self.done = 0.0

    def stage(self, name: str, total: int, unit: str = "network") -> None:
        self.stages.append(name)

    def advance(self, networks: float) -> None:
        self.done += networks


def test_progress_is_heard_and_passed_on_and_waiting_is_none() -> None:
    told, heard = Told(), list[float]()
    progress = PrefixedProgress(HeardProgress(told, lambda: heard.append(told.done)), "mix1")
    progress.stage("search", 2)
    for part in (0.0, 0.5, 0.0, 1.5):
        progress.advance(part)
    assert (told.stages, told.done) == (["mix1 search"], 2.0)
    assert heard == [0.0, 0.0, 0.5]
