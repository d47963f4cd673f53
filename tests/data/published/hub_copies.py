"""Small repositories in the form of the Hugging Face hub, and a server that speaks as it does."""

from __future__ import annotations

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import yaml

from autoequivariant.data.published.hub import HubFiles

RNG = np.random.default_rng(0)
COMMIT = "a" * 40


def pictures(count: int, *shape: int) -> np.ndarray:
    return RNG.integers(0, 256, (count, *shape), np.uint8)


Rows = tuple[Sequence[np.ndarray] | np.ndarray, np.ndarray]


def write_copy(folder: Path, files: HubFiles, **splits: Rows) -> None:
    """Write splits as the hub has them: a card with a YAML header, and Parquet files."""
    data = folder / (files.folder or "data")
    data.mkdir(parents=True)
    names = [str(number) for number in range(10)]
    features = datasets.Features(
        {files.image: datasets.Image(), files.label: datasets.ClassLabel(names=names)}
    )
    for split, (x, y) in splits.items():
        rows = datasets.Dataset.from_dict(
            {files.image: list(x), files.label: y.tolist()}, features=features
        )
        rows.to_parquet(data / f"{split}-00000-of-00001.parquet")
    header = {
        "license": "other",
        "dataset_info": {"config_name": data.name, "features": features._to_yaml_list()},
        "configs": [
            {
                "config_name": data.name,
                "data_files": [
                    {"split": split, "path": f"{data.name}/{split}-*"} for split in splits
                ],
            },
            {  # SVHN has one more, which nobody needs to fetch
                "config_name": "full_numbers",
                "data_files": [{"split": "train", "path": "full_numbers/train-*"}],
            },
        ][: 2 if data.name == "cropped_digits" else 1],
    }
    (folder / "README.md").write_text(f"---\n{yaml.safe_dump(header)}---\n# A data set\n")


@contextmanager
def hub_server(folder: Path, repository: str) -> Iterator[tuple[str, list[str]]]:
    """Serve one repository as https://huggingface.co does; give its address, and what is asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *arguments: Any) -> None:
            pass

        def do_HEAD(self) -> None:
            self._answer(False)

        def do_GET(self) -> None:
            self._answer(True)

        def _answer(self, with_body: bool) -> None:
            path = self.path.partition("?")[0]
            asked.append(path)
            status, headers, body = _response(folder, repository, path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if with_body:
                self.wfile.write(body)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


def _response(folder: Path, repository: str, path: str) -> tuple[int, dict[str, str], bytes]:
    api = f"/api/datasets/{repository}/"
    if path.startswith(f"{api}revision/"):
        return 200, {}, json.dumps({"id": repository, "sha": COMMIT, "siblings": []}).encode()
    if path.startswith(f"{api}tree/{COMMIT}"):
        place = folder / path.removeprefix(f"{api}tree/{COMMIT}").lstrip("/")
        return 200, {}, json.dumps([_entry(folder, p) for p in sorted(place.iterdir())]).encode()
    file = folder / path.removeprefix(f"/datasets/{repository}/resolve/").partition("/")[2]
    if path.startswith(f"/datasets/{repository}/resolve/") and file.is_file():
        body = file.read_bytes()
        digest = hashlib.sha256(body).hexdigest()
        return 200, {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT}, body
    return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": COMMIT}, b"{}"


def _entry(folder: Path, path: Path) -> dict[str, object]:
    kind = "directory" if path.is_dir() else "file"
    name = path.relative_to(folder).as_posix()
    return {"type": kind, "path": name, "oid": "b" * 40, "size": path.stat().st_size}
