"""A real Chromium in front of a running archive.

The browser is the one that CHROMIUM names, or else one found on PATH.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.small_archive import make_small_archive

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",  # the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(os.path.dirname(__file__)):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> str:
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip("no Chromium: install one on PATH, or name it in CHROMIUM")
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for a module. It ends with the module, and with it the event loop that would
    make Django refuse the database to the tests that follow."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        with sync_playwright() as playwright:
            yield playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)


@pytest.fixture
def archive(live_server) -> dict[str, str]:
    """The whole addresses of the pages of a small archive, by name."""
    return {name: f"{live_server.url}{path}" for name, path in make_small_archive().items()}


@pytest.fixture
def open_page(browser, live_server):
    """Open pages as visitors with different screens and wishes; fail on what goes wrong there."""
    contexts, faults = [], []

    def new(**wishes) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | wishes)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on(
            "console",
            lambda said: (
                faults.append(said.text)
                if said.type == "error" and "server responded with a status of" not in said.text
                else None
            ),
        )
        page.on(
            "request",
            lambda asked: (
                faults.append(f"asked elsewhere: {asked.url}")
                if not asked.url.startswith(live_server.url)
                else None
            ),
        )
        return page

    yield new
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def page(open_page) -> Page:
    return open_page()
