"""Measures pages as readers get them: two workers, over the network of this machine.

Run as `python -m tests.bench.serving`; for a large archive on PostgreSQL, with `DATABASE_URL` set,
as `python -m tests.bench.serving --battles 33334 --documents 100000`.

Each page is asked for by some connections that are kept open, for some seconds, in three ways:

- made anew: without the page store;
- after a change elsewhere: with it, by one visitor who moves the counter of changes before each
  request, as a saved draft or the publication of another battle does;
- from the page store, while nothing changes.

Rates and times depend on what else the machine does; the CPU per request, read from the workers
themselves, does less.
"""

import argparse
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import NamedTuple

from tests.bench import large_archive

CONNECTIONS = 8  # the kernel spreads them over the workers by chance; of four, all may be of one
_TICKS = os.sysconf("SC_CLK_TCK")
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)


class Page(NamedTuple):
    """What is asked for: a name, and the address to ask for next."""

    name: str
    address: Callable[[random.Random], str]


def pages(reader: str) -> list[Page]:
    def always(address: str) -> Callable[[random.Random], str]:
        return lambda chance: address

    return [
        Page("empty view", always("/empty/")),
        Page("battle of 45 statements", always("/battles/battle-0/")),
        Page("500 battles at random", lambda chance: f"/battles/battle-{chance.randrange(500)}/"),
        Page("accounts side by side", always("/battles/battle-0/accounts/")),
        Page("list of battles", always("/battles/")),
        Page("list, by party", always("/battles/?party=party-3")),
        Page("list, war and years", always("/battles/?war=war-2&from_year=1600&sort=date")),
        Page("list, voice, undisputed", always("/battles/?claimant=origin-3&disputed=no")),
        Page("map, by party", always("/battles/?view=map&party=party-3")),
        Page("line of time, by party", always("/battles/?view=timeline&party=party-3")),
        Page("list of sources", always("/sources/?claimant=origin-3&from_year=1900")),
        Page("index of persons", always("/entities/?kind=person")),
        Page("search, rare word", always("/search/?q=zanzibar")),
        Page("search, two characters", always("/search/?q=%E4%B8%A4%E4%B8%AA")),
        Page("search, common words", always("/search/?q=the+army")),
        Page("reader, 1 MB", always(reader)),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--battles", type=int, default=2000)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--seconds", type=float, default=4, help="for each page")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATABASE_URL": large_archive.database(options.battles, options.documents),
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "FILES_ROOT": f"{folder}/files",
            "STATIC_ROOT": f"{folder}/static",
            "SECRET_KEY": "measured" * 8,
            "ALLOWED_HOSTS": "127.0.0.1,testserver",
            "DEBUG": "false",
            "HTTPS": "false",
        }
        import django

        django.setup()
        from django.core.management import call_command

        from battles.models import Citation, Statement
        from sources.models import Document, Source

        began = time.perf_counter()
        large_archive.fill(options.battles, options.documents)
        call_command("collectstatic", verbosity=0, interactive=False)
        print(
            f"{Statement.objects.count():,} statements, {Citation.objects.count():,} citations, "
            f"{Source.objects.count():,} sources; ready after {time.perf_counter() - began:.0f} s",
            flush=True,
        )
        longest = Document.objects.order_by("-text_length").values_list("pk", flat=True)[0]
        wanted = pages(f"/documents/{longest}/")
        for title, is_stored, changing in (
            ("made anew", False, False),
            ("after a change elsewhere", True, True),
            ("from the page store", True, False),
        ):
            print(f"\n{title:24}{'per s':>8}{'p50 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'bytes':>9}")
            os.environ.pop("PAGE_STORE_MEGABYTES", None)
            if not is_stored:
                os.environ["PAGE_STORE_MEGABYTES"] = "0"
            with served() as (port, workers):
                if is_stored:
                    stored = [f"/battles/battle-{number}/" for number in range(500)]
                    for _ in range(6):  # in either worker, nearly always
                        ask(port, stored)
                for page in wanted:
                    print(measured(page, port, workers, options.seconds, changing), flush=True)
                print(f"memory of the workers: {memory(workers):.0f} MiB", flush=True)
        print("\nqueries of a page made anew")
        for page in wanted:
            print(f"{page.name:24}{queries(page):8}")


@contextmanager
def served() -> Iterator[tuple[int, list[int]]]:
    """Serve the archive as in production; yield the port and the workers' process ids."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [Path(sys.executable).with_name("granian"), "--interface", "wsgi", "--workers", "2"]
    command += [
        "--blocking-threads",
        "2",
        "--port",
        str(port),
        "--log-level",
        "error",
        "archive.wsgi:application",
    ]
    server = subprocess.Popen(
        list(map(str, command)),
        cwd=large_archive.ROOT,
        env=os.environ | {"MALLOC_ARENA_MAX": "1"},
    )
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        time.sleep(2)  # until both workers listen
        children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text()
        workers = [pid for pid in map(int, children.split()) if spent([pid]) > 0]
        for _ in range(40):  # both have loaded what they need
            ask(port, ["/battles/battle-0/", "/battles/", "/search/?q=the"])
        yield port, workers
    finally:
        server.terminate()
        server.wait()


def measured(page: Page, port: int, workers: list[int], seconds: float, changing: bool) -> str:
    """Ask for a page as often as the workers can, and say how that went."""
    ask(port, [page.address(random.Random(0))] * 6)
    times: list[float] = []
    sizes: list[int] = []
    before = spent(workers)
    began = time.perf_counter()
    until = began + seconds

    def visit(number: int) -> None:
        chance = random.Random(number)
        with Visitor(port) as visitor:
            while time.perf_counter() < until or len(times) < 4:
                if changing:
                    move_the_counter()
                started = time.perf_counter()
                sizes.append(visitor.get(page.address(chance)))
                times.append(time.perf_counter() - started)

    visitors = 1 if changing else CONNECTIONS
    threads = [threading.Thread(target=visit, args=(n,)) for n in range(visitors)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = sum(times) / visitors
    cpu = (spent(workers) - before) / len(times)
    cuts = quantiles(times, n=100)
    return (
        f"{page.name:24}{len(times) / whole:8,.0f}{1000 * cuts[49]:9.2f}{1000 * cuts[98]:9.2f}"
        f"{1000 * cpu:9.2f}{max(sizes):9,}"
    )


class Visitor:
    """One connection that is kept open, by a browser that takes gzip."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), 60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._rest = (
            f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
        )

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *raised: object) -> None:
        self._socket.close()

    def get(self, address: str) -> int:
        """Return how many bytes the body of an answer has; raise ValueError if it is not good."""
        self._socket.sendall(b"GET " + address.encode() + self._rest)
        got = b""
        while (end := got.find(b"\r\n\r\n")) < 0:
            got += self._socket.recv(65536)
        length = _LENGTH.search(got[: end + 2])
        if not got.startswith(b"HTTP/1.1 200") or length is None:
            raise ValueError(f"{address}: {got[:200]!r}")
        left = int(length[1]) - (len(got) - end - 4)
        while left > 0:
            left -= len(self._socket.recv(left))
        return int(length[1])


def ask(port: int, addresses: list[str]) -> None:
    for address in addresses:
        with Visitor(port) as visitor:
            visitor.get(address)


def move_the_counter() -> None:
    """Change something that pages may show, without changing any."""
    from django.db import connection
    from django.db.models import F

    from sources.models import Counter

    if connection.vendor == "sqlite":  # what is measured is not how long the disk takes
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
    Counter.objects.update(number=F("number"))


def spent(workers: list[int]) -> float:
    """Return the seconds of CPU that processes have used, in their own code and the system's."""
    seconds = 0.0
    for pid in workers:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        seconds += (int(fields[11]) + int(fields[12])) / _TICKS
    return seconds


def memory(workers: list[int]) -> float:
    """Return the MiB that processes take, what they share counted once."""
    kilobytes = 0
    for pid in workers:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                kilobytes += int(line.split()[1])
    return kilobytes / 1024


def queries(page: Page) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.get(page.address(random.Random(1)))
    with CaptureQueriesContext(connection) as captured:
        client.get(page.address(random.Random(1)))
    return len(captured)


if __name__ == "__main__":
    main()
