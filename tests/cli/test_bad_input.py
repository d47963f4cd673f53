"""Bad input gets one clear sentence, exit status 2, and leaves nothing; beside it a good twin."""

import json
import os
import shutil
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import optuna
import pytest
from PIL import Image
from typer.testing import CliRunner

from autoequivariant.cli import app
from autoequivariant.files import is_partial_write

SMALL = ["--layers", "2x2", "--channels", "1", "--epochs", "1", "--symmetries", "hflip"]
SIZES = ["--train-size", "20", "--validation-size", "10"]
RNG = np.random.default_rng(0)
X = RNG.integers(0, 255, (60, 4, 4), np.uint8)
Y = (np.arange(60) % 2).astype(np.uint8)


def aen(*arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, arguments)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout, done.stderr


def check_refused(code: int, printed: str, complaint: str, phrases: list[str]) -> None:
    assert code == 2, complaint
    assert printed == "" or printed.startswith("data: ")  # what a search names first
    assert complaint.startswith("aen: ")
    assert complaint.endswith((".\n", "?\n"))
    assert complaint.count("\n") == 1
    assert "Traceback" not in complaint
    for phrase in phrases:
        assert phrase in complaint


def contents(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with its bytes, and every folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
    }


# --- data -----------------------------------------------------------------------------------------

Maker = Callable[[Path], str]


def npz(**arrays: object) -> Maker:
    def make(folder: Path) -> str:
        path = folder / "set.npz"
        np.savez(path, **arrays)  # type: ignore[arg-type]
        return str(path)

    return make


def idx(images: bytes, labels: bytes) -> Maker:
    def make(folder: Path) -> str:
        (folder / "train-images-idx3-ubyte").write_bytes(images)
        (folder / "train-labels-idx1-ubyte").write_bytes(labels)
        return str(folder) + "/"

    return make


def pictures(sizes: dict[str, tuple[int, int]], labels: tuple[str, ...] = ("a", "ß")) -> Maker:
    def make(folder: Path) -> str:
        for label in labels:
            (folder / label).mkdir()
            for number in range(20):
                size = sizes.get(f"{label}/{number}", (4, 4))
                pixels = RNG.integers(0, 255, size[::-1], np.uint8)
                Image.fromarray(pixels).save(folder / label / f"{number}.png")
        return str(folder)

    return make


def plain_file(folder: Path) -> str:
    (folder / "set.txt").write_text("1,2\n")
    return str(folder / "set.txt")


def csv_table(text: str) -> Maker:
    def make(folder: Path) -> str:
        (folder / "set.csv").write_text(text)
        return str(folder / "set.csv")

    return make


IMAGES = struct.pack(">4B3I", 0, 0, 8, 3, 60, 4, 4) + X.tobytes()
LABELS = struct.pack(">4BI", 0, 0, 8, 1, 60) + Y.tobytes()
NAN, INFINITE = X.astype(np.float32), X.astype(np.float32)
NAN[7, 0, 0], INFINITE[8, 1, 1] = np.nan, np.inf
TABLE = "a,b,y\n" + "".join(f"{k * 0.5},{k % 7},{'mn'[k % 2]}\n" for k in range(60))
OBJECTS = np.array([{"a": 1}] * 60, dtype=object)

GOOD_DATA: dict[str, Maker] = {
    "npz": npz(x_train=X, y_train=Y),
    "npz with test": npz(x_train=X, y_train=Y, x_test=X[:10], y_test=Y[:10]),
    "idx": idx(IMAGES, LABELS),
    "images": pictures({}),
    "digits": lambda folder: "digits",
}

BAD_DATA: dict[str, tuple[Maker, list[str]]] = {
    "not there": (
        lambda folder: str(folder / "nothere"),
        ["nothere", "give digits, tic_tac_toe,", "a table (", "an .npz"],
    ),
    "almost digits": (lambda folder: "digts", ["did you mean digits"]),
    "no name": (lambda folder: "", ["There is no data set or path ''"]),
    "empty folder": (lambda folder: str(folder), ["holds no data set", "one folder of images"]),
    "a table without a target": (
        csv_table(TABLE),
        ["set.csv", "3 columns (a, b, y)", "--target y"],
    ),
    "another file": (plain_file, ["set.txt", "no data set in a known format", "an .npz file"]),
    "idx cut short": (idx(IMAGES[:-1], LABELS), ["train-images", "cut short", "fetch it again"]),
    "idx header cut": (idx(IMAGES[:3], LABELS), ["train-images", "cut short"]),
    "idx magic": (idx(b"\x01" + IMAGES[1:], LABELS), ["wrong magic number", "01 00 08 03"]),
    "idx swapped": (idx(LABELS, IMAGES), ["wrong magic number for images"]),
    "npz pickled": (npz(x_train=OBJECTS, y_train=Y), ["x_train", "pickled", "save it as"]),
    "npz pickled y": (npz(x_train=X, y_train=OBJECTS), ["y_train", "pickled"]),
    "npz without x": (npz(x=X, y_train=Y), ["has no x_train", "name its arrays"]),
    "unequal sizes": (pictures({"a/3": (5, 4)}), ["unequal size", "3.png", "5x4", "resize"]),
    "nan": (npz(x_train=NAN, y_train=Y), ["NaN or infinite", "sample 7", "leave"]),
    "infinite": (npz(x_train=INFINITE, y_train=Y), ["NaN or infinite", "sample 8"]),
    "labels too few": (npz(x_train=X, y_train=Y[:-1]), ["60 train samples", "59 train labels"]),
    "one class": (npz(x_train=X, y_train=Y * 0), ["only one class, '0'", "two classes or more"]),
    "one class folder": (pictures({}, ("a",)), ["only one class, 'a'"]),
    "too few": (npz(x_train=X[:30], y_train=Y[:30]), ["20", "10", "30", "ask for less"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", GOOD_DATA)
def test_data_that_can_be_used(case: str, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    data = GOOD_DATA[case](tmp_path / "data")
    code, printed, complaint = aen(
        "search", data, *SMALL, *SIZES, "--out", str(tmp_path / "deep" / "out")
    )
    assert (code, complaint) == (0, "")
    assert "test samples, used once" in printed


TABLES = [
    (["--target", "y"], TABLE, []),
    (["--target", "y", "--drop", "b"], TABLE, []),
    (["--target", "b", "--drop", "y", "--task", "classification"], TABLE, []),
    (["--target", "a", "--drop", "y"], TABLE, []),
    (["--target", "Y"], TABLE, ["no column 'Y'", "--target", "did you mean 'y'"]),
    (["--target", "b"], TABLE, ["'negate'", "column 'y', which is text", "leave that column"]),
    (["--target", "y"], TABLE + ",1,m\n", ["column 'a'", "missing values, in 1 of 61 rows"]),
    (["--target", "y", "--drop", "a"], TABLE + ",1,m\n", []),
]


@pytest.mark.parametrize(("options", "text", "phrases"), TABLES, ids=range(len(TABLES)))
def test_tables(options: list[str], text: str, phrases: list[str], tmp_path: Path) -> None:
    data, out = csv_table(text)(tmp_path), tmp_path / "out"
    quick = ["--symmetries", "negate", "--epochs", "1", "--channels", "1", *SIZES]
    answer = aen("search", data, *options, *quick, "--out", str(out))
    if not phrases:
        assert answer[::2] == (0, "")
        return
    check_refused(*answer, phrases)
    assert not out.exists()


@pytest.mark.parametrize("case", BAD_DATA)
def test_data_that_cannot_be_used(case: str, tmp_path: Path) -> None:
    make, phrases = BAD_DATA[case]
    (tmp_path / "data").mkdir()
    data = make(tmp_path / "data")
    before = contents(tmp_path)
    answer = aen("search", data, *SMALL, *SIZES, "--out", str(tmp_path / "deep" / "out"))
    check_refused(*answer, phrases)
    assert contents(tmp_path) == before


# --- options --------------------------------------------------------------------------------------

BAD_OPTIONS = [
    (["--symmetries", "hflpi"], ["hflpi", "did you mean hflip"]),
    (["--symmetries", "hflip,vlfip,rot09"], ["vlfip", "vflip", "rot09", "rot90"]),
    (["--symmetries", "translate_x"], ["translate_x:STEP"]),
    (["--symmetries", "translate_x:y"], ["after the colon", "translate_x:4"]),
    (["--symmetries", "translate_x:8"], ["translate_x:8 is not defined on 8x8"]),
    (["--symmetries", ""], ["--symmetries names no candidate", "such as hflip"]),
    (["--symmetries", "swap:0-1"], ["swap:0-1 is not defined on 8x8"]),
    (["--plant", "rot_90"], ["rot_90", "did you mean rot90"]),
    (["--plant", "swap:0-1"], ["swap:0-1 is not defined on 8x8"]),
    (
        ["--layers", "3x3", "--symmetries", "swap_left_right"],
        ["swap_left_right", "3x3", "equal halves"],
    ),
    (["--layers", "4x6", "--symmetries", "rot90"], ["rot90", "4x6", "two equal sides"]),
    (["--layers", ""], ["Shape '' is not understood", "28x28"]),
    (["--layers", "4y4"], ["'4y4'"]),
    (["--layers", "0x4"], ["1 or more; got 0"]),
    (["--layers", "4000x4000"], ["before sharing", "smaller --layers"]),
    (["--layers", "9999x9999"], ["'9999x9999' has more than 16,777,216 indices"]),
    (["--layers", f"{'9' * 5000}x9"], ["has more than 16,777,216 indices"]),
    (["--channels", "99999999"], ["GiB", "fewer --channels"]),
    (["--channels", "9" * 400], ["--channels must be at most 1,000,000,000; got a number of more"]),
    (["--memory-limit", "0.00000001"], ["--memory-limit", "raise it"]),
    (["--memory-limit", "nan"], ["--memory-limit must be", "got nan: leave it out"]),
    (["--memory-limit", "1e300"], ["as in 8; got 1e+300: leave it out for a quarter of"]),
    (["--memory-limit", "-1"], ["--memory-limit must be", "got -1: leave it out"]),
    (["--budget", "0"], ["--budget must be 1 or more; got 0"]),
    (["--budget", "9" * 30], ["--budget must be at most 1,000,000"]),
    (["--epochs", "-1", "--seed", "-2"], ["--epochs must be 1 or more", "--seed must be 0"]),
    (
        ["--sampler", "tpo"],
        ["--sampler must be one of auto, lattice,", "tpe, nsga2, dqn; got 'tpo'"],
    ),
    (["--objective", "size"], ["--objective must be one of score, score,parameters; got 'size'"]),
    (["--objective", "score,parameters", "--sampler", "dqn"], ["--sampler dqn handles one"]),
    (["--objective", "score,parameters", "--widths", "1,2"], []),
    (["--fit-time", "1m"], ["--fit-time requires --fit full: add that, or leave the time out."]),
    (["--fit", "full", "--fit-time", "1m"], []),
    (["--widths", "1,2"], ["--widths requires --objective score,parameters: add that"]),
    (
        ["--objective", "score,parameters", "--widths", "1,0"],
        ["--widths must be numbers from 1 to"],
    ),
    (["--objective", "score,parameters", "--widths", "wide"], ["--widths", "1,2,4; got 'wide'"]),
    (["--objective", "score,parameters", "--widths", ""], ["--widths", "1,2,4; got ''"]),
    (["--objective", "score,parameters", "--widths", "1,-2"], ["--widths", "got '1,-2'"]),
    (["--objective", "score,parameters", "--widths", "9" * 5000], ["--widths", "got '9999"]),
    (["--objective", "score,parameters", "--widths", "99999999"], ["GiB"]),
    (["--final", "soft"], ["--final must be one of"]),
    (["--preset", ""], ["--preset must be one of paper"]),
    (["--preset", "paper", "--layers", "4x4", "--symmetries", "hflip,,"], []),
    (["--kind", "gird"], ["did you mean grid"]),
    (["--task", "rank"], ["--task must be one of classification, regression; got 'rank'"]),
    (["--task", "classification"], []),
    (["--target", "y"], ["--target is for a table", "digits", "leave it out"]),
    (["--drop", "y"], ["--drop is for a table"]),
    (["--target", ""], ["--target names no column"]),
    (["--kind", "volume"], ["cannot be read as volume"]),
    (["--device", "tpu"], ["--device must be cpu or cuda; got 'tpu'"]),
    (["--timeout", "soon"], ["'soon'", "90s, 10m or 1h30m"]),
    (["--timeout", "-5"], ["'-5'"]),
    (["--timeout", ""], ["''"]),
    (["--train-size", "2000"], ["2000", "ask for less"]),
    (["--validation-size", "1420", "--train-size", "20"], ["1440", "ask for less"]),
    (["--train-size", "3"], ["at least 10"]),
    (["--train-size", "0"], ["--train-size must be 1 or more"]),
]


@pytest.mark.parametrize(
    ("options", "phrases"), BAD_OPTIONS, ids=lambda value: " ".join(value)[:60]
)
def test_options_that_cannot_be_used(
    options: list[str], phrases: list[str], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    answer = aen("search", "digits", *SMALL, *SIZES, *options, "--out", str(out))
    if not phrases:  # the twin: odd, but sound
        assert answer[::2] == (0, "")
        return
    check_refused(*answer, phrases)
    assert not out.exists()


def test_the_preset_of_the_paper_is_for_its_shape(tmp_path: Path) -> None:
    answer = aen("search", "digits", "--preset", "paper", "--out", str(tmp_path / "out"))
    check_refused(
        *answer, ["--preset paper needs images of 28x28 or --layers", "got samples on 8x8"]
    )


def test_cuda_where_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    answer = aen("search", "digits", "--device", "cuda", "--out", str(tmp_path / "out"))
    check_refused(*answer, ["no CUDA device", "use --device cpu"])


@pytest.mark.parametrize(
    "arguments",
    [["search"], ["search", "digits", "--budget", "many"], ["serch", "digits"], ["search", "-x"]],
)
def test_what_is_no_command_exits_with_2(arguments: list[str]) -> None:
    code, printed, complaint = aen(*arguments)
    assert (code, printed) == (2, "")
    assert "Traceback" not in complaint


# --- the run's folder -----------------------------------------------------------------------------


def search_in(out: Path, *more: str) -> tuple[int, str, str]:
    return aen("search", "digits", *SMALL, *SIZES, "--out", str(out), *more)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("finished") / "run"
    assert search_in(out)[0] == 0
    return out


@pytest.fixture
def run(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "run")
    return tmp_path / "run"


OTHERS = [
    (["--seed", "1"], ["seed was 0 and is now 1"]),
    (["--epochs", "2"], ["epochs was 1 and is now 2"]),
    (["--plant", "vflip"], ["plant was none and is now vflip"]),
    (["--symmetries", "vflip,rot90"], ["symmetries was hflip and is now vflip,rot90"]),
    (["--sampler", "tpe"], ["sampler was auto and is now tpe"]),
    (["--final", "dense"], ["final was invariant and is now dense"]),
    (["--layers", "4x4"], ["layers was 2x2 and is now 4x4"]),
    (["--channels", "2"], ["channels was 1 and is now 2"]),
    (
        ["--objective", "score,parameters"],
        ["objective was score and is now score,parameters", "widths was 1 and is now 1,2,4"],
    ),
    (["--kind", "sequence", "--layers", "sequence:2", "--symmetries", "reverse"], ["domain was"]),
    (
        ["--train-size", "21", "--validation-size", "11", "--seed", "5"],
        ["train size was 20 and is now 21", "validation size was 10 and is now 11", "seed was 0"],
    ),
]


@pytest.mark.parametrize(("options", "phrases"), OTHERS, ids=lambda value: " ".join(value)[:60])
def test_a_folder_of_another_search(options: list[str], phrases: list[str], run: Path) -> None:
    before = contents(run)
    phrases = [*phrases, str(run), "holds another search", f"such as {run}-2"]
    check_refused(*search_in(run, *options), phrases)
    assert contents(run) == before


@pytest.mark.parametrize("options", [[], ["--budget", "99"], ["--timeout", "9m"]])
def test_a_folder_of_the_same_search(options: list[str], run: Path) -> None:
    assert search_in(run, *options)[::2] == (0, "")


def test_a_folder_of_a_search_in_other_data(run: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, x in ((first, X), (second, 255 - X)):
        folder.mkdir()
        npz(x_train=x, y_train=Y)(folder)
    out = ["--out", str(tmp_path / "out"), *SMALL, *SIZES]
    assert aen("search", f"{first}/set.npz", *out)[0] == 0
    check_refused(*aen("search", f"{second}/set.npz", *out), ["contents of the data"])
    check_refused(*aen("search", "digits", *out), ["data was set and is now digits"])
    shutil.move(first, tmp_path / "moved")
    assert aen("search", f"{tmp_path}/moved/set.npz", *out)[0] == 0


def test_an_out_that_is_no_folder_of_a_search(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").write_text("mine")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "config.json").write_text('{"search": 3}')
    before = contents(tmp_path)
    for name, phrases in (
        ("file", ["file cannot be used", "choose another --out"]),
        ("file/below", ["below cannot be used", "choose another --out"]),
        ("full", ["full holds other files and no search", "choose another --out"]),
        ("foreign", ["config.json cannot be read as the settings of a search"]),
        ("n" * 300, ["cannot be used", "choose another --out"]),
    ):
        check_refused(*search_in(tmp_path / name), phrases)
    check_refused(*search_in(Path("/proc/run")), ["/proc/run cannot be used"])
    assert contents(tmp_path) == before
    (tmp_path / "empty").mkdir()
    assert search_in(tmp_path / "empty")[0] == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="not here: a user who may not write everywhere")
def test_an_out_that_may_not_be_written(tmp_path: Path) -> None:
    for mode in (0o500, 0o000):
        tmp_path.chmod(mode)
        check_refused(*search_in(tmp_path / "run"), ["Permission denied", "choose another --out"])
        tmp_path.chmod(0o700)
    assert search_in(tmp_path / "run")[0] == 0


@pytest.mark.parametrize("name", ["what? {a}%20#[b]", "[/]", "ü ß", "dots.and.more"])
def test_an_out_with_an_odd_name(name: str, tmp_path: Path) -> None:
    for _ in range(2):
        code, printed, _ = search_in(tmp_path / name)
        assert code == 0
        assert name in printed.replace("\n", "")
    assert (tmp_path / name / "study.db").exists()


def overwrite(path: Path) -> None:
    path.write_bytes(b"garbage" * 1000)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:20480] = b"\xff" * 16384
    path.write_bytes(content)


def other_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE books (title TEXT)")
        connection.commit()


def other_study(path: Path) -> None:
    path.unlink()
    storage = optuna.storages.RDBStorage(f"sqlite:///{path}")
    study = optuna.create_study(storage=storage, study_name="aen", direction="maximize")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    storage.remove_session()
    storage.engine.dispose()


def folder_instead(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGES = [overwrite, cut, flip_pages, other_database, other_study, folder_instead]


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_study_that_is_corrupt(damage: Callable[[Path], None], run: Path) -> None:
    damage(run / "study.db")
    before = contents(run)
    check_refused(*search_in(run), ["study.db cannot be used as a study", "choose another --out"])
    after = contents(run)
    if damage is other_study:  # opened, which SQLite notes in the file
        del before["study.db"], after["study.db"]
    assert after == before


def test_a_study_that_was_moved_away_or_never_begun(run: Path) -> None:
    answer = json.loads((run / "results.json").read_text())["best"]
    (run / "study.db").unlink()
    assert search_in(run)[0] == 0
    (run / "study.db").write_bytes(b"")  # what a kill at the first moment leaves
    assert search_in(run)[0] == 0
    assert json.loads((run / "results.json").read_text())["best"] == answer


def test_settings_that_a_kill_left_half_written(tmp_path: Path) -> None:
    (tmp_path / ".config.json.part").write_text('{"sea')
    assert search_in(tmp_path)[0] == 0


# --- a full disk ----------------------------------------------------------------------------------


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A real file system; call it with a size such as 100k."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4k", "tmpfs", str(place)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("not here: the right to mount a small file system")

    def resize(size: str) -> Path:
        remount = ["mount", "-o", f"remount,size={size}", str(place)]
        subprocess.run(remount, check=True, capture_output=True)
        return place

    yield resize
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.slow
def test_a_disk_that_is_full_at_any_time(tiny_disk: Callable[[str], Path]) -> None:
    place = tiny_disk("4k")
    (place / "filler").write_bytes(b"0" * 4096)
    check_refused(*search_in(place / "run"), ["config.json", "free some space"])
    assert not (place / "run").exists()
    for size in ("40k", "120k", "240k"):
        code, _, complaint = search_in(tiny_disk(size) / "run")
        check_refused(code, "", complaint, ["study.db", "free some space", "nothing recorded"])
    code, _, complaint = search_in(tiny_disk("8m") / "run")
    assert (code, complaint) == (0, "")


@pytest.mark.parametrize("name", ["model.safetensors", "model.json", "results.json"])
def test_a_disk_that_is_full_at_the_end(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, opened = tmp_path / "run", Path.open

    def full(self: Path, *arguments: str, **named: str) -> object:
        if is_partial_write(self, name):
            raise OSError(28, "No space left on device")
        return opened(self, *arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        code, _, complaint = search_in(out)
    check_refused(code, "", complaint, [name, "No space left", "free some space"])
    assert not (out / name).exists()
    assert search_in(out)[::2] == (0, "")
    assert (out / name).exists()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="not here: /dev/full")
def test_output_that_cannot_be_written() -> None:
    command = [sys.executable, "-m", "autoequivariant", "symmetries", "--shape", "8x8"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    check_refused(done.returncode, "", done.stderr, ["No space left", "free some space"])


# --- once more through the real command -----------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "phrases"),
    [
        (["search", "nothere"], ["nothere"]),
        (["search", "digits", "--symmetries", "hflpi"], ["did you mean hflip"]),
        (["symmetries", "--shape", "3x5", "--symmetries", "rot90"], ["rot90", "3x5"]),
    ],
)
def test_the_real_command(arguments: list[str], phrases: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autoequivariant", *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    check_refused(done.returncode, done.stdout, done.stderr, phrases)
    assert list(tmp_path.iterdir()) == []
