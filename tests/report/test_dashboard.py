"""Optuna's dashboard shows a copy of the study, with the symmetries."""

import http.client
import json
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoequivariant.errors import SettingsError
from autoequivariant.report.dashboard import dashboard


def test_without_the_extra(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna_dashboard", None)
    with pytest.raises(
        SettingsError, match=r"pip install -c constraints\.txt -e '\.\[dashboard\]'"
    ):
        dashboard(run_folder, "127.0.0.1", 0)


def test_a_port_that_is_taken(run_folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(SettingsError, match="--port 0"):
            dashboard(run_folder, "127.0.0.1", taken.getsockname()[1])


@pytest.fixture(scope="module")
def port(run_folder: Path) -> Iterator[int]:
    server = dashboard(run_folder, "127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    response = connection.getresponse()
    return response.status, response.read().decode("utf-8", "replace")


def test_the_dashboard_shows_the_symmetries(run_folder: Path, port: int) -> None:
    before = (run_folder / "study.db").read_bytes()
    assert get(port, "/dashboard")[0] == 200
    status, text = get(port, "/api/studies")
    assert status == 200
    (study,) = json.loads(text)["study_summaries"]
    assert study["study_name"] == "digits"
    status, text = get(port, f"/api/studies/{study['study_id']}")
    trials = json.loads(text)["trials"]
    said = [{a["key"]: a["value"] for a in trial["user_attrs"]} for trial in trials]
    assert {one["generators"].strip('"') for one in said} >= {"none", "hflip", "vflip"}
    assert all(int(one["n_parameters"]) > 0 for one in said)
    assert (run_folder / "study.db").read_bytes() == before
