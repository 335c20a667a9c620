"""Reading a file in a box: a process of its own that may do little, and is always ended.

The process starts with an empty environment, no inherited descriptors but the one it answers on,
and a session of its own, and confines itself before it reads (see `confinement`). Nothing runs
between fork and exec, where a threaded server could deadlock. What it answers is checked, since a
file may have taken it over; a partial answer is none.
"""

import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

from sources.characters import CONTROL_CHARACTER
from sources.extraction.bases import Extraction, ExtractionError, Extractor
from sources.extraction.confinement import LARGEST_ANSWER, MEMORY, SECONDS

logger = logging.getLogger(__name__)

_PROJECT = Path(__file__).resolve().parents[2]
_LONGEST_LINE = 64 * 1024  # bytes of the answer's first line


def extract(
    extractor: Extractor, path: Path, charset: str | None, *, seconds: float = SECONDS
) -> Extraction:
    """Read a file with an extractor, in a box; raises ExtractionError, and nothing worse."""
    if "\0" in (charset or ""):
        raise ExtractionError("A character set has no NUL in its name.")
    with tempfile.TemporaryFile() as answer:
        status = run(
            [
                *(sys.executable, "-s", "-B", "-m", "sources.extraction.inside"),
                *(str(answer.fileno()), str(os.getpid()), str(seconds)),
                *(extractor.name, extractor.version, str(path.resolve()), charset or ""),
            ],
            answer,
            seconds=seconds,
        )
        if status is None or -status in (signal.SIGXCPU, signal.SIGKILL, signal.SIGALRM):
            raise ExtractionError(f"Reading it takes longer than {seconds:g} seconds.")
        if status != 0:
            raise ExtractionError(_reason(status))
        return _answered(answer)


def run(command: Sequence[str], answer: BinaryIO, *, seconds: float = SECONDS) -> int | None:
    """Run a command that may answer on one descriptor; return its status, None if it was ended.

    Whatever it started in its session ends with it.
    """
    child = subprocess.Popen(  # noqa: S603  the command is ours
        command,
        cwd=_PROJECT,
        env={},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[answer.fileno()],
        start_new_session=True,
    )
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _reason(status: int) -> str:
    ended = signal.Signals(-status).name if status < 0 else f"status {status}"
    return (
        f"The program that reads it broke off ({ended}): the file is damaged, was made to do harm, "
        f"or takes more than {MEMORY >> 20} MiB of memory."
    )


def _answered(answer: BinaryIO) -> Extraction:
    if os.fstat(answer.fileno()).st_size > LARGEST_ANSWER:
        raise ExtractionError(f"Its text is longer than {LARGEST_ANSWER >> 20} MiB.")
    answer.seek(0)
    try:
        told: dict[str, Any] = json.loads(answer.readline(_LONGEST_LINE))
        text = answer.read().decode()
        refused, charset, lacks = (
            str(told.get(name, "")) for name in ("refused", "charset", "lacks")
        )
        missing = ", ".join(told["missing"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExtractionError("The program that reads it gave no answer.") from error
    if missing:
        logger.warning("Files are read here without: %s.", missing)
    if trace := told.get("trace"):
        logger.warning("A file could not be read. %s", trace)
    if refused:
        raise ExtractionError(refused)
    if CONTROL_CHARACTER.search(text):
        raise ExtractionError("What was read from it holds control characters.")
    return Extraction(text, charset, lacks)
