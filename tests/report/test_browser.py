"""The report in a real browser: nothing is asked for, nothing overflows, figures are there."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from selenium.webdriver.common.action_chains import ActionChains

from autoequivariant.report.page.write import write_report

pytestmark = pytest.mark.slow


def browser_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("browser", Path(__file__).parent / "browser.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["browser"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    found = browser_module().Browser(tmp_path_factory.mktemp("profile"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def pages(
    run_folder: Path, cnn_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    return {
        "mlp": write_report(run_folder, folder / "mlp.html"),
        "cnn": write_report(cnn_folder, folder / "cnn.html"),
    }


COMMON = {"chart-parameters", "chart-lattice", "chart-effects", "chart-progress"}
FIGURES = {"mlp": COMMON | {"chart-verdicts"}, "cnn": COMMON | {"chart-augmented"}}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("name", ["mlp", "cnn"])
def test_a_page(browser: Any, pages: dict[str, Path], name: str, width: int, scheme: str) -> None:
    browser.show(pages[name], width, scheme)
    assert browser.run("return document.readyState") == "complete"
    drawn = browser.run(
        "return [...document.querySelectorAll('.chart')]"
        ".filter(c => c.querySelector('svg.main-svg') && c.getBoundingClientRect().height > 90)"
        ".map(c => c.id)"
    )
    assert set(drawn) == FIGURES[name]
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert browser.run("return [...document.images].every(i => i.complete && i.naturalWidth)")
    is_dark = browser.run(
        "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g)[0] < 128"
    )
    assert is_dark == (scheme == "dark")
    ink = browser.run(
        "return getComputedStyle(document.querySelector('#chart-parameters .xtick text')).fill"
    )
    assert ink == browser.run("return getComputedStyle(document.body).color")
    assert browser.console() == []
    assert browser.requests() == [pages[name].as_uri()]


def test_the_figures_follow_when_the_scheme_changes(browser: Any, pages: dict[str, Path]) -> None:
    ink = "getComputedStyle(document.querySelector('#chart-parameters .xtick text')).fill"
    browser.show(pages["mlp"], 1280, "light")
    light = browser.run(f"return {ink}")
    media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
    browser.wait_for("return matchMedia('(prefers-color-scheme: dark)').matches")
    browser.wait_for(f"return {ink} !== '{light}'")


@pytest.mark.parametrize(
    ("figure", "trace", "expected"),
    [("chart-lattice", "trained", "hflip"), ("chart-parameters", "baseline", "none (baseline)")],
)
def test_pointing_at_a_network_shows_its_name(
    browser: Any, pages: dict[str, Path], figure: str, trace: str, expected: str
) -> None:
    browser.show(pages["mlp"], 1280, "light")
    place = browser.run(
        f"const chart = document.getElementById('{figure}');"
        "chart.scrollIntoView({block: 'center', behavior: 'instant'});"
        f"const trace = chart.data.find(t => t.name === '{trace}');"
        f"const k = trace.hovertext.findIndex(t => t.includes('<b>{expected}</b>'));"
        "const box = chart.getBoundingClientRect(), full = chart._fullLayout;"
        "return [box.left + full._size.l + full.xaxis.d2p(trace.x[k]),"
        " box.top + full._size.t + full.yaxis.d2p(trace.y[k])].map(Math.round);"
    )
    actions = ActionChains(browser.driver)
    actions.w3c_actions.pointer_action.move_to_location(*place)
    actions.perform()
    shown = f"document.querySelector('#{figure} .hoverlayer')?.textContent"
    browser.wait_for(f"return {shown}?.includes('{expected}')")


def test_the_contents_lead_to_the_sections(browser: Any, pages: dict[str, Path]) -> None:
    browser.show(pages["mlp"], 1280, "light")
    targets = browser.run(
        "return [...document.querySelectorAll('nav a')]"
        ".map(a => document.querySelector(a.hash) !== null)"
    )
    assert len(targets) == 9
    assert all(targets)
    assert (
        browser.run("return document.querySelectorAll('[role=img]:not([aria-label])').length") == 0
    )
