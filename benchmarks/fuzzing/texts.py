"""YAML files and options of the command line that the user writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from autoequivariant.candidates.symmetry_file import read_candidates
from autoequivariant.cli.options import parse_bytes, parse_candidates, parse_domains, parse_numbers
from autoequivariant.errors import SymmetryError
from autoequivariant.groups.custom.definition import DataSpec, resolve
from autoequivariant.groups.domain import Features, Grid, Sequence, Volume, parse_domain
from autoequivariant.searching.settings.duration import parse_duration
from fuzzing.kind import Kind
from fuzzing.mutate import Rng, changed_tokens, changed_words, damaged, odd_text, pick

_SPECS = (
    DataSpec(Features(6), ("a", "b", "c", "d", "e", "f"), outputs=("x", "y", "z")),
    DataSpec(Grid(8, 8), channels=3, outputs=("0", "1", "2")),
    DataSpec(Sequence(12), channels=4, outputs=("u",), has_classes=False, is_one_hot=True),
    DataSpec(Volume(4, 4, 4), outputs=("0", "1")),
)
_VALID = {
    "table": """\
- swap: a <-> b, c <-> d
- ring: [a, b, c]
- name: mirror
  negate: all
  outputs: {swap: x <-> y}
- cycles: (0 1)(2 4)
- cycles: [[0, 3], [1, 4, 2]]
- [1, 0, 2, 3, 4, 5]
- image: [1, 0, 2, 3, 4, 5]
  signs: [1, 1, 1, 1, 1, -1]
""",
    "image": """\
symmetries:
  - hflip
  - translate_x:2
  - like: rot90
    channels: {ring: 0 1 2}
  - {swap: 0 <-> 63, outputs: {cycles: (0 1 2)}}
""",
    "sequence": "- reverse\n- like: reverse\n  channels: {swap: 0 <-> 3, cycles: (1 2)}\n",
    "volume": "- cube\n",
}
_WORDS = (
    *(
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        ",",
        "\n",
        "\n  ",
        "&a ",
        "*a",
        "<<: ",
        "? ",
        "|",
        ">",
        "---",
    ),
    *("!!int ", "!!bool ", "!!timestamp ", "!!map ", "!!set ", "!!float ", "!!null ", "!!binary "),
    *("!!omap ", "!!pairs ", "!!str ", "!!python/object:os.system ", "!x ", "!", "%YAML 9.9\n"),
    *("swap", "ring", "cycles", "image", "signs", "negate", "like", "channels", "outputs", "name"),
    *("a", "b", "x", "0", "1", "-1", "1.5", "1e9", ".inf", ".nan", "0x1f", "0o17", "0b1", "1_0"),
    *("2020-01-01", "1:30", "yes", "no", "null", "~", "''", '""', '"\\x00"', "<->", "(0 1)", "all"),
    *("hflip", "square", "translate_x:3", "rot90", "0x" + "f" * 5000, "9" * 5000, "#", "\t", "\0"),
)


def _use(candidates: Any) -> None:
    """Let candidates act on data of every kind; refused only if they fit none."""
    errors = []
    for spec in _SPECS:
        try:
            found = resolve(candidates, spec)
            for symmetry in found:
                symmetry.action(spec.domain)
                symmetry.channel_action(spec.channels)
                symmetry.output_action(len(spec.outputs))
                str(symmetry.description)
        except SymmetryError as error:
            errors.append(error)
    if len(errors) == len(_SPECS):
        raise errors[-1]


class Yaml(Kind):
    """`--symmetries mine.yaml`."""

    name, share = "yaml", 12

    def make(self, folder: Path) -> None:
        for name, text in _VALID.items():
            (folder / f"{name}.yaml").write_text(text)

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        content = pick(rng, sorted(corpus.iterdir())).read_bytes()
        how = rng.random()
        if how < 0.2:
            content = damaged(rng, content)
        elif how < 0.9:
            change = changed_tokens if how < 0.7 else changed_words
            content = change(rng, content.decode(), _WORDS).encode("utf-8", "surrogatepass")
        elif how < 0.98:
            lines = [pick(rng, _WORDS) for _ in range(int(rng.integers(1, 20)))]
            content = ("- " + " ".join(lines)).encode("utf-8", "surrogatepass")
        else:
            content = str(pick(rng, _LARGE)()).encode()
        (case / "mine.yaml").write_bytes(content)

    def feed(self, rng: Rng, case: Path) -> None:
        _use(read_candidates(str(case / "mine.yaml")))


_LARGE: tuple[Callable[[], str], ...] = (
    lambda: "- a\n" * 2_500_000,
    lambda: "- {" + ", ".join(f"k{k}: 1" for k in range(40_000)) + "}\n",
    lambda: "- {" + ", ".join("k: 1" for _ in range(40_000)) + "}\n",
    lambda: "- hflip\n" * 100_000,
    lambda: "".join(f"- translate_x:{k}\n" for k in range(100_000)),
    lambda: "- " * 100_000,
    lambda: "[" * 100_000,
    lambda: "- ring: [" + ", ".join(map(str, range(100_000))) + "]\n",
    lambda: "- ring: " + " ".join(map(str, range(100_000))) + "\n",
    lambda: "- swap: " + ", ".join(f"a{k} <-> b{k}" for k in range(50_000)) + "\n",
    lambda: "- cycles: " + "(0 1)" * 100_000 + "\n",
    lambda: "- name: " + "x" * 5_000_000 + "\n  swap: a <-> b\n",
    lambda: "".join(f"- swap: a{k} <-> b\n" for k in range(50_000)),
)


class Options(Kind):
    """Texts of `--symmetries`, `--shape`, `--layers`, `--widths`, `--timeout`, `--memory-limit`."""

    name, share = "options", 6
    _valid: tuple[tuple[str, str], ...] = (
        ("symmetries", "hflip,vflip,translate_x:2,square,rot90"),
        ("symmetries", "swap:0-1,ring:0-1-2,perm"),
        ("shape", "28x28"),
        ("shape", "sequence:100"),
        ("layers", "14x14,14x14"),
        ("layers", "features:64,features:64"),
        ("widths", "1,2,4"),
        ("timeout", "1h30m"),
        ("memory", "8"),
    )
    _words = (
        *(",", ":", "x", "-", "+", ".", "e", "h", "m", "s", " ", "0", "9", "1e9", "99999", "inf"),
        *("nan", "hflip", "cube", "translate_x:", "features:", "sequence:", "9" * 5000, "٣", "²"),
        *("swap:", "perm:", "none", "all", "1" * 20),
    )

    def make(self, folder: Path) -> None:
        (folder / "none").write_text("")

    def mutate(self, rng: Rng, corpus: Path, case: Path) -> None:
        option, text = pick(rng, self._valid)
        change = pick(rng, (changed_tokens, changed_words))
        text = change(rng, text, self._words) if rng.random() < 0.9 else odd_text(rng)
        content = f"{option}\n{text}".encode("utf-8", "surrogatepass")
        (case / "option.txt").write_bytes(content)

    def feed(self, rng: Rng, case: Path) -> None:
        content = (case / "option.txt").read_bytes().decode("utf-8", "surrogatepass")
        option, _, text = content.partition("\n")
        if option == "symmetries":
            _use(parse_candidates(text) or ())
        elif option == "shape":
            str(parse_domain(text))
        elif option == "layers":
            [str(domain) for domain in parse_domains(text) or ()]
        elif option == "widths":
            parse_numbers(text)
        elif option == "timeout":
            parse_duration(text)
        else:
            try:
                number = float(text)
            except ValueError:
                return  # the parser of options refuses it
            parse_bytes(number)
