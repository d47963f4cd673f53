"""YAML as plain values: what is read, what is refused and where, and how much of a file is read."""

from itertools import pairwise
from typing import Any

import pytest
import yaml

from autoequivariant.candidates import plain_yaml
from autoequivariant.candidates.plain_yaml import read_yaml
from autoequivariant.errors import SettingsError

MOST = 10_000


def read(text: str) -> Any:
    return read_yaml(text, "mine.yaml", MOST)


READ = [
    ("", None),
    ("# a comment", None),
    ("--- a\n...\n", "a"),
    ("- a\n- 'b'\n- |\n  c\n", ["a", "b", "c\n"]),
    ("{a: 1, b: [x, {c: ~}]}", {"a": 1, "b": ["x", {"c": None}]}),
    ("[~, null, '', ]", [None, None, ""]),
    ("- ", [None]),
    ("[true, No, on, 'yes', y]", [True, False, True, "yes", "y"]),
    ("[1, -2, +3, 0x1f, 0b11, 017, 1_000, 1:30, '1']", [1, -2, 3, 31, 3, 15, 1000, 90, "1"]),
    ("[1.5, -1.0e+3, .5, 1e3]", [1.5, -1000.0, 0.5, "1e3"]),
    ("[2026-01-01, 2026-01-01T00:00:00Z]", ["2026-01-01", "2026-01-01T00:00:00Z"]),
    ("- &x {negate: 0}", [{"negate": 0}]),  # an anchor that nothing refers to
    ("{<<: a, =: b}", {"<<": "a", "=": "b"}),
    ("- ٣", ["٣"]),
]


@pytest.mark.parametrize("loader", ["with libyaml", "without"])
@pytest.mark.parametrize(("text", "value"), READ)
def test_plain_values(text: str, value: Any, loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if loader == "without":
        monkeypatch.setattr(plain_yaml, "_LOADER", yaml.SafeLoader)
    found = read(text)
    assert found == value and repr(found) == repr(value)  # 1 == True


DIGITS = "9" * 18
REFUSED = [
    ('- !!int ""', '- ""', "entry 1, line 1: it has the tag 'tag:yaml.org,2002:int'"),
    ("- !!bool x", "- x", "it has the tag"),
    ("- !!timestamp x", "- 2026-01-01", "it has the tag"),
    ("- a\n- !!map [1]", "- a\n- [1]", "entry 2, line 2: it has the tag"),
    ("- ! a", "- '! a'", "it has the tag '!'"),
    ("- !!python/name:os.system x", "- os.system", "it has the tag"),
    ("- {[]: 1}", "- {'[]': 1}", "entry 1, line 1: the key a list of 0 is not text"),
    ("- a\n-\n  b: 1\n  1: 2", "- {'1': 2}", "entry 2, line 4: the key 1 is not text"),
    ("- {~: 1}", "- {'~': 1}", "the key None is not text"),
    ("- {yes: 1}", "- {'yes': 1}", "the key True is not text: put it in quotes"),
    ("- a: 1\n  a: 2", "- a: 1\n- a: 2", "entry 1, line 2: 'a' appears twice in one mapping"),
    ("a: 1\na: 2", "a: 1\nb: 2", "mine.yaml: line 2: 'a' appears twice"),
    ("- &x a\n- *x", "- &x a\n- x", "entry 2, line 2: it refers to another part by *x"),
    (f"- {DIGITS}9", f"- {DIGITS}", "has more than 18 digits"),
    (f"- 0x{'f' * 5000}", "- 0xff", "has more than 18 digits"),
    (f"- {'9' * 5000}", f"- '{'9' * 5000}'", "has more than 18 digits"),
    (f"- 1{':1' * 5000}", "- 1:1", "has more than 18 digits"),
    (f"- 0.{'1' * 5000}", "- 0.1", "has more than 18 digits"),
    ("- 0x_", "- 0x_1", "'0x_' is not a number: put it in quotes"),
    ("[" * 9 + "]" * 9, "[" * 8 + "]" * 8, "lists are nested in more than 8 levels"),
    ("[" * 10**6, "[]", "lists are nested in more than 8 levels"),
    ("- a\n--- b", "--- [a]", "line 2: a second document begins"),
    ("- [", "- []", "is not a YAML file"),
    ("- \x00", "- 0", "is not a YAML file"),
    ('- "\\UFFFFFFFF"', '- "\\U0000FFFD"', "is not a YAML file"),
    (f"%YAML {'9' * 5000}.1\n--- a", "%YAML 1.1\n--- a", "is not a YAML file"),
    ("- a: b: c", "- a: 'b: c'", "is not a YAML file"),
    ("- a\n" * 10_001, "- a\n" * 10_000, "entry 10001, line 10001: there are more than 10,000"),
]


@pytest.mark.parametrize("loader", ["with libyaml", "without"])
@pytest.mark.parametrize(("text", "twin", "phrase"), REFUSED, ids=lambda text: text[:20])
def test_what_is_refused_and_its_nearest_twin(
    text: str, twin: str, phrase: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if loader == "without":
        monkeypatch.setattr(plain_yaml, "_LOADER", yaml.SafeLoader)
    read(twin)
    with pytest.raises(SettingsError) as refusal:
        read(text)
    message = str(refusal.value)
    assert message.startswith("mine.yaml") and phrase in message and len(message) < 400


def test_values_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_yaml, "MOST_VALUES", 100)
    assert len(read(f"[{'1, ' * 99}]")) == 99
    with pytest.raises(SettingsError, match="line 1: the file has more than 100 values"):
        read(f"[{'1, ' * 100}]")


class Counted(yaml.SafeLoader):
    """Counts how many events are asked for."""

    events = 0

    def get_event(self) -> Any:
        Counted.events += 1
        return super().get_event()


@pytest.mark.parametrize("text", ["- a\n", "- [a, b]\n", "- {a: 1}\n"])
def test_a_long_file_is_not_read_to_its_end(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain_yaml, "_LOADER", Counted)
    counts = []
    for length in (200, 400, 4000):
        Counted.events = 0
        with pytest.raises(SettingsError, match="there are more than 100"):
            read_yaml(text * length, "mine.yaml", 100)
        counts.append(Counted.events)
    assert all(a == b for a, b in pairwise(counts))
