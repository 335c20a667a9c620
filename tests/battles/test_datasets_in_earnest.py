"""Two real datasets, which are not part of the project, by the mappings that come with it."""

import csv
import json
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from archive.verification import verify
from battles.datasets.mapping import SHIPPED, load
from battles.datasets.writing import Report, import_dataset
from battles.models import Battle, Statement
from sources.anchoring import page_of
from sources.models import Source

pytestmark = pytest.mark.django_db


@pytest.fixture
def cdb90(originals: Path) -> list[Path]:
    return _files(originals / "data" / "cdb90", "battles.csv", "claims.csv", "periods.csv")


@pytest.fixture
def acw(originals: Path) -> list[Path]:
    folder = originals / "data" / "acw-sample"
    tables = _files(folder, "battles.csv", "claims.csv", "citations.jsonl")
    return [*tables, *sorted((folder / "documents").glob("*.txt"))]


def _files(folder: Path, *names: str) -> list[Path]:
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not here (SHARED_DATA names the folder of originals)")
    return [folder / name for name in names]


def take_in(name: str, paths: list[Path], **how: bool) -> Report:
    return import_dataset(load(SHIPPED / f"{name}.toml"), paths, **how)


def rows_of(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(path.read_text(encoding="utf-8"), newline="")))


def number(written: str) -> int | None:
    return int(written) if written else None


def test_cdb90_comes_in_whole_and_exactly_as_given(cdb90):
    battles, claims, periods = (rows_of(path) for path in cdb90)
    report = take_in("cdb90", cdb90, publish=True)
    assert report.plan.refusals == []
    assert report.unpublished == []
    assert Battle.objects.public().filter(scale="battle").count() == len(battles) == 660

    figures = Statement.objects.published().filter(kind__in=("strength", "casualties"))
    stated = Counter(figures.values_list("side__name", "kind", "value", "low", "high"))
    given = Counter(
        (
            f"{row['side'].capitalize()} ({row['force']})",
            row["measure"],
            *(number(row[column]) for column in ("value", "low", "high")),
        )
        for row in claims
    )
    assert stated == given
    assert sum(given.values()) == 2628

    dates = Statement.objects.published().filter(kind="date")
    assert Counter(dates.values_list("date_edtf", flat=True)) == Counter(
        row["edtf"] for row in periods
    )
    several = Counter(row["battle"] for row in periods)
    assert sum(count > 1 for count in several.values()) == 99
    aspects = Counter(dates.values_list("aspect", flat=True))
    single = sum(count == 1 for count in several.values())
    assert aspects == {"whole": single, "phase": len(periods) - single}
    assert len(periods) == 828

    results = Statement.objects.published().filter(kind="result")
    assert Counter(results.values_list("printed", flat=True)) == {"attacker": 398, "draw": 43}
    assert not results.filter(printed="attacker", victor=None).exists()
    assert not results.filter(victor__name__startswith="Defender").exists()
    assert list(verify()) == []

    again = take_in("cdb90", cdb90, publish=True)
    assert again.published == 0
    assert {outcome for counts in again.plan.counts().values() for outcome in counts} == {"same"}


def test_every_claim_of_cdb90_rests_on_its_own_row(cdb90):
    take_in("cdb90", cdb90)
    claims = rows_of(cdb90[1])
    quotes = Statement.objects.filter(kind__in=("strength", "casualties")).values_list(
        "citations__passage__quote", "value", "side__name"
    )
    by_row = {quote: (value, side) for quote, value, side in quotes}
    assert len(by_row) == len(claims)
    for quote, (value, side) in by_row.items():
        [cells] = csv.reader([quote])
        assert (int(cells[4]), side) == (value, f"{cells[1].capitalize()} ({cells[2]})")


def test_acw_comes_in_whole_with_each_work_as_its_own_voice(acw):
    claims = rows_of(acw[1])
    report = take_in("acw", acw, publish=True)
    assert report.plan.refusals == []
    assert report.unpublished == []
    assert Battle.objects.public().filter(scale="battle").count() == 13

    figures = Statement.objects.published().filter(kind__in=("strength", "casualties"))
    stated = Counter(
        figures.values_list(
            "side__name",
            "value",
            "low",
            "high",
            "citations__named_source__title",
            "citations__note",
        )
    )
    given = Counter(
        (
            row["side"],
            *(
                (int(row["low"]), None, None)
                if row["low"] == row["high"]
                else (None, int(row["low"]), int(row["high"]))
            ),
            row["source"],
            row["locator"],
        )
        for row in claims
    )
    assert stated == given
    assert sum(given.values()) == 193
    assert figures.filter(value=0).count() == sum(row["low"] == "0" for row in claims) > 0
    claimants = set(figures.values_list("citations__claimant__name", flat=True))
    assert len(claimants) == len({row["source"] for row in claims}) == 9
    assert list(verify()) == []


def test_the_citations_of_acw_land_exactly_where_they_are_given(acw):
    take_in("acw", acw)
    given = [json.loads(line) for line in acw[2].read_text(encoding="utf-8").splitlines()]
    landed = set()
    for source in Source.objects.filter(slug__startswith="cwsac-report"):
        document = source.documents.get()
        text = document.text.content
        for passage in source.passages.all():
            words = text[passage.start : passage.end]
            assert passage.quote == words
            landed.add(
                (
                    document.file.name,
                    passage.start,
                    passage.end,
                    page_of(text, passage.start),
                    " ".join(words.split()),
                )
            )
    assert landed == {
        (f"{row['document']}.txt", row["start"], row["end"], row["page"], row["exact"])
        for row in given
    }
    assert len(given) == 71
    assert any(row["n_in_doc"] > 1 for row in given)


def test_a_reversed_range_in_acw_is_refused_by_name(acw, tmp_path):
    text = acw[1].read_text(encoding="utf-8").replace(",30,40,", ",40,30,")
    changed = tmp_path / "claims.csv"
    changed.write_text(text, encoding="utf-8")
    report = take_in("acw", [changed, *(path for path in acw if path.name != "claims.csv")])
    [refusal] = report.plan.refusals
    line = 1 + next(n for n, words in enumerate(text.splitlines()) if ",40,30," in words)
    assert str(refusal) == (
        f"claims.csv, line {line}: statement “claim”: the range is reversed: low is 40, high is 30."
    )
    assert Statement.objects.filter(kind__in=("strength", "casualties")).count() == 192


def test_the_command_reports_and_fails_where_rows_are_refused(cdb90, tmp_path):
    changed = tmp_path / "battles.csv"
    text = cdb90[0].read_text(encoding="utf-8")
    changed.write_text(text.replace(",draw", ",nobody", 1), encoding="utf-8")
    out, err = StringIO(), StringIO()
    files = [str(changed), *map(str, cdb90[1:])]
    with pytest.raises(CommandError, match="2 refused; the rest would go in"):
        call_command("import_dataset", "cdb90", *files, dry_run=True, stdout=out, stderr=err)
    assert "battle: 660 new" in out.getvalue()
    assert "winner is “nobody”, which [values.why_result] does not list" in err.getvalue()
    assert not Battle.objects.exists()
