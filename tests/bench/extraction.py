"""Measures the reading of long honest documents in the box: time, processor time, peak memory.

Run as `python -m tests.bench.extraction`. Memory is that of the largest reader so far.
"""

import random
import resource
import tempfile
import time
from pathlib import Path

from sources.extraction import extract, extractor_for, media_type_of
from tests.sample_files import long_docx, long_pdf


def main() -> None:
    chance = random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        for name, data in (
            ("600 pages.pdf", long_pdf(600, chance)),
            ("3.5 million characters.docx", long_docx(3_500_000, chance)),
        ):
            path = Path(folder, name)
            path.write_bytes(data)
            measure(path)


def measure(path: Path) -> None:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    extraction = extract(extractor_for(media_type_of(path.name)), path, None)
    spent = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{path.name}: {path.stat().st_size:,} bytes, {len(extraction.text):,} characters in "
        f"{spent:.1f} s, {busy:.1f} s of processor time, peak {after.ru_maxrss / 1024:,.0f} MiB"
    )


if __name__ == "__main__":
    main()
