"""Measures a dataset: dry run, import with publication, the same again, verify, a changed table.

Run as `python -m tests.bench.dataset --data FOLDER`, the folder holding CDB90's three tables; on
DATABASE_URL if it is set (its database must be empty), else on a new SQLite file.
"""

import argparse
import csv
import os
import tempfile
from pathlib import Path

from tests.bench import whole_archive
from tests.bench.whole_archive import ROOT

TABLES = ("battles.csv", "claims.csv", "periods.csv")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    beside = os.environ.get("SHARED_DATA", ROOT.parent / "shared")
    parser.add_argument("--data", type=Path, default=Path(beside) / "data" / "cdb90")
    data: Path = parser.parse_args().data
    if not all((data / name).is_file() for name in TABLES):
        print(f"no {', '.join(TABLES)} in {data} (--data names their folder)")
        return
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DEBUG": "true", "FILES_ROOT": f"{folder}/files"}
        os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/archive.sqlite3")
        whole_archive.measure("migrate", 0, "migrate", "--verbosity=0")
        tables = [str(data / name) for name in TABLES]
        rows = sum(len(Path(table).read_bytes().splitlines()) - 1 for table in tables)
        print(f"{rows:,} rows", flush=True)
        imported = ("import_dataset", "cdb90")

        def measure(what: str, *arguments: str) -> None:
            whole_archive.measure(what, rows, *arguments, counted="rows")

        measure("dry run", *imported, *tables, "--dry-run")
        measure("import and publish", *imported, *tables, "--publish")
        measure("verify", "verify")
        measure("the same again", *imported, *tables, "--publish")
        changed = Path(folder) / "claims.csv"
        with (data / "claims.csv").open(encoding="utf-8", newline="") as stream:
            header, *claims = csv.reader(stream)
        for claim in claims[::10]:  # other values: revisions of what is public
            claim[header.index("value")], claim[header.index("low")] = "7", ""
        with changed.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n").writerows([header, *claims])
        tables[1] = str(changed)
        measure("a tenth of the claims changed", *imported, *tables, "--publish")
        measure("verify", "verify")


if __name__ == "__main__":
    main()
