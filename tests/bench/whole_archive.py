"""Measures verify, export and import on a large archive, each in a process of its own.

Run as `python -m tests.bench.whole_archive --citations 100000`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--citations", type=int, default=100_000)
    parser.add_argument("--statements", type=int, default=0, help="two thirds of the citations")
    parser.add_argument("--battles", type=int, default=0, help="one for 33 statements")
    parser.add_argument("--documents", type=int, default=200)
    options = parser.parse_args()
    statements = options.statements or options.citations * 2 // 3
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= place("one", folder)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive.settings")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from tests.bench.corpus import build_corpus

        call_command("migrate", verbosity=0)
        started = time.perf_counter()
        build_corpus(
            battles=options.battles or statements // 33 + 1,
            statements=statements,
            citations=options.citations,
            documents=options.documents,
        )
        connection.close()
        spent = time.perf_counter() - started
        print(
            f"built {statements:,} published statements, {options.citations:,} citations, "
            f"{options.documents:,} documents in {spent:.0f} s ({statements / spent:,.0f}/s)"
        )
        rows = options.citations
        measure("verify", rows, "verify")
        measure("export", rows, "export_archive", f"{folder}/bundle")
        os.environ |= place("two", folder)
        measure("migrate", 0, "migrate", "--verbosity=0")
        measure("import", rows, "import_archive", f"{folder}/bundle", "--verbosity=0")


def place(name: str, folder: str) -> dict[str, str]:
    """Return the environment of an archive of its own."""
    return {
        "DEBUG": "true",
        "DATABASE_URL": f"sqlite:///{folder}/{name}.sqlite3",
        "FILES_ROOT": f"{folder}/{name}",
    }


def measure(what: str, rows: int, *arguments: str) -> None:
    """Run a management command and print its time, its peak memory and the rows per second."""
    started = time.perf_counter()
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    spent = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss / 1024  # KiB on Linux
    print(
        f"{what}: {spent:.1f} s, {rows / spent:,.0f} citations/s, peak {peak:,.0f} MiB, "
        f"exit {process.returncode}"
    )


if __name__ == "__main__":
    main()
