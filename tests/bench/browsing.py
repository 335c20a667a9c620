"""An archive served as in production, with a curator signed in at a real Chromium, for measuring.

What the browser is made to do is counted: pages loaded, clicks, and characters typed.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass
class Curator:
    """Somebody at the browser, whose every move is counted."""

    page: Any
    root: str
    loads: int = 0
    clicks: int = 0
    typed: int = 0

    def __post_init__(self) -> None:
        self.page.on("domcontentloaded", lambda _: self._loaded())

    def _loaded(self) -> None:
        self.loads += 1

    def go(self, address: str) -> None:
        self.page.goto(f"{self.root}{address}")

    def click(self, what: Any, **how: Any) -> None:
        what.click(**how)
        self.clicks += 1

    def follow(self, what: Any) -> None:
        """Click on what leads to another page, or sends this one."""
        with self.page.expect_navigation():
            self.click(what)

    def choose(self, select: Any, value: str) -> None:
        """Choose from a list: a click that opens it, and one that takes a line."""
        if select.input_value() != value:
            select.select_option(value)
            self.clicks += 2

    def choose_named(self, select: Any, name: str) -> None:
        """Choose from a list by what a line says."""
        if select.locator("option:checked").inner_text() != name:
            select.select_option(label=name)
            self.clicks += 2

    def pick(self, select: Any, name: str) -> None:
        """Open a search for a row, type how its name begins, and take what is found."""
        self.click(select.locator("xpath=following-sibling::span[1]"))
        term = name[:6]
        self.page.locator(".select2-search__field").fill(term)
        self.typed += len(term)
        found = self.page.locator(".select2-results__option", has_text=name).first
        self.click(found)

    def paste(self, what: Any, words: str) -> None:
        """Select words in the document beside it, copy them, click into a field and paste."""
        self.clicks += 1
        self.click(what)
        what.fill(words)
        self.typed += 2

    def type(self, what: Any, words: str) -> None:
        """Click into a field and type."""
        self.click(what)
        what.fill(words)
        what.blur()  # which lets the page make slugs and the like
        self.typed += len(words)


def set_up(folder: str) -> None:
    """Make an empty archive in a folder, for this process and the server."""
    os.environ.update(DEBUG="false", HTTPS="false", SECRET_KEY="measured" * 5)
    os.environ.update(ALLOWED_HOSTS="127.0.0.1,testserver", FILES_ROOT=f"{folder}/files")
    os.environ.update(DATABASE_URL=f"sqlite:///{folder}/archive.sqlite3")
    os.environ.update(STATIC_ROOT=f"{folder}/static", DJANGO_ALLOW_ASYNC_UNSAFE="true")
    os.environ["DJANGO_SETTINGS_MODULE"] = "archive.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)


@contextlib.contextmanager
def browsing(fill: Callable[[], None]) -> Iterator[Curator]:
    """Serve an archive that `fill` has filled, to a curator who may do everything."""
    chromium = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if not chromium:
        print("not measured: no Chromium on PATH, and none named in CHROMIUM")
        sys.exit(0)
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as folder:
        set_up(folder)
        from tests.browser.conftest import ARGUMENTS  # which reads the models

        fill()
        with _served(folder) as root, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            context.add_cookies([{"name": "sessionid", "value": _session(), "url": root}])
            yield Curator(context.new_page(), root)
            browser.close()


def _session() -> str:
    from django.conf import settings
    from django.test import Client

    from tests.builders import make_curator

    client = Client()
    client.force_login(make_curator())
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@contextlib.contextmanager
def _served(folder: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [Path(sys.executable).with_name("granian"), "--interface", "wsgi"]
    command += ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    with open(f"{folder}/server.log", "wb") as log:
        server = subprocess.Popen([*command, "archive.wsgi:application"], cwd=ROOT, stderr=log)
    root = f"http://127.0.0.1:{port}"
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{root}/robots.txt")  # noqa: S310  our own server
                break
            time.sleep(0.1)
        else:
            sys.exit(f"The server did not start: {Path(folder, 'server.log').read_text()}")
        yield root
    finally:
        server.terminate()
        server.wait()
