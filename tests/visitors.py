"""Visitors of the whole application, as a server brings them: `ask`, or a process that is asked.

Run as `python -m tests.visitors`, it serves on its standard input: a line is a request, and the
line that comes back the answer, both as JSON.
"""

import gzip
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.db import connection

ROOT = Path(__file__).resolve().parents[1]


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        is_compressed = self.headers.get("Content-Encoding") == "gzip"
        return (gzip.decompress(self.body) if is_compressed else self.body).decode()


def ask(application: Any, address: str, method: str = "GET", **headers: str) -> Answer:
    """Ask a WSGI application; `headers` are named as Python names: `accept_encoding`."""
    path, _, query = address.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "HTTP_HOST": "testserver",
        "wsgi.url_scheme": headers.pop("scheme", "http"),
    }
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    setup_testing_defaults(environ)
    began: list[Any] = []
    parts = application(environ, lambda *given: began.extend(given))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    return Answer(int(began[0].split()[0]), dict(began[1]), body)


class Process:
    """A process of its own that serves the database of the test, and may publish in it."""

    def __init__(self) -> None:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATABASE_URL": database_url(),
            "PAGE_STORE_MEGABYTES": "8",
        }
        self._process: Any = subprocess.Popen(
            [sys.executable, "-m", "tests.visitors"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, address: str, **headers: str) -> Answer:
        status, found, text = self._told({"ask": address, "headers": headers})
        return Answer(status, found, text.encode())

    def has_loaded(self, module: str) -> bool:
        return self._told({"has_loaded": module})

    def publish(self, statement: Any) -> None:
        self._told({"publish": str(statement.pk)})

    def withdraw(self, statement: Any, reason: str) -> None:
        self._told({"withdraw": str(statement.pk), "reason": reason})

    def _told(self, message: dict[str, Any]) -> Any:
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def end(self) -> None:
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(10)


def database_url() -> str:
    """Return the address of the test's database."""
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)


def main() -> None:
    from archive.wsgi import application
    from battles.models import Statement
    from battles.publication import publish, withdraw

    for line in sys.stdin:
        message = json.loads(line)
        answer: Any = None
        match message:
            case {"ask": address, "headers": headers}:
                found = ask(application, address, **headers)
                answer = found.status, found.headers, found.text
            case {"has_loaded": module}:
                answer = module in sys.modules
            case {"publish": pk}:
                publish([Statement.objects.get(pk=pk)])
            case {"withdraw": pk, "reason": reason}:
                withdraw([Statement.objects.get(pk=pk)], reason)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
