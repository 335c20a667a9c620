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
    parser.add_argument("--documents", type=int, default=200)
    parser.add_argument("--build-in", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.build_in:
        build(options.citations, options.documents)
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= place("one", folder)
        # In a process of its own: a child's peak memory counts what its parent held at the fork.
        itself = [sys.executable, "-m", "tests.bench.whole_archive", "--build-in", folder]
        numbers = [f"--citations={options.citations}", f"--documents={options.documents}"]
        subprocess.run([*itself, *numbers], cwd=ROOT, check=True)
        measure("verify", options.citations, "verify")
        measure("export", options.citations, "export_archive", f"{folder}/bundle")
        os.environ |= place("two", folder)
        measure("migrate", 0, "migrate", "--verbosity=0")
        measure("import", options.citations, "import_archive", f"{folder}/bundle", "--verbosity=0")


def build(citations: int, documents: int) -> None:
    """Fill the archive that the environment names; a statement has one citation or two."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from tests.bench.corpus import build_corpus

    statements = citations * 2 // 3
    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    build_corpus(
        battles=statements // 33 + 1,
        statements=statements,
        citations=citations,
        documents=documents,
    )
    spent = time.perf_counter() - started
    print(
        f"built {statements:,} published statements, {citations:,} citations, "
        f"{documents:,} documents in {spent:.0f} s ({statements / spent:,.0f}/s)",
        flush=True,
    )


def place(name: str, folder: str) -> dict[str, str]:
    """Return the environment of an archive of its own."""
    return {
        "DEBUG": "false",  # or each query would be kept
        "SECRET_KEY": "measured" * 8,
        "ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": f"sqlite:///{folder}/{name}.sqlite3",
        "FILES_ROOT": f"{folder}/{name}",
    }


def measure(what: str, rows: int, *arguments: str, counted: str = "citations") -> None:
    """Run a management command; print its time, how much of a processor's, and its peak memory."""
    started = time.perf_counter()
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    spent = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss / 1024  # KiB on Linux
    print(
        f"{what}: {spent:.1f} s ({usage.ru_utime + usage.ru_stime:.1f} s of one processor), "
        f"{rows / spent:,.0f} {counted}/s, peak {peak:,.0f} MiB, "
        f"exit {process.returncode}"
    )


if __name__ == "__main__":
    main()
