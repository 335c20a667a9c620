"""The published description of the bundle is that of the code."""

from pathlib import Path

from archive.bundle import KINDS

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_record_and_field_of_the_bundle_is_described():
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (DOCS / "exchange-bundle.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| `") and ".jsonl" in line and "<kind>" not in line
    ]
    described = [(name.strip("`"), fields) for name, _, fields in rows]
    assert described == [
        (kind.file_name, ", ".join(f"`{field}`" for field in kind.schema.fields)) for kind in KINDS
    ]
