"""The exchange bundle: out, into an empty archive, and out again, to the same bytes."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archive import importing
from archive.bundle import KINDS, MANIFEST
from archive.exporting import ExportError, export_archive, sha256_of
from archive.importing import ImportRefused, import_archive
from archive.verification import verify
from battles.kinds import Kind
from battles.models import Battle, Entry, Heading, Publication, Statement, Voice
from battles.publication import edition, open_revision, publish, withdraw
from sources.footnotes import find_in
from sources.ingest import ingest
from sources.models import Document, File, Footnote, Origin, Passage, SearchEntry, Source, Text
from sources.search import mend_index
from tests.builders import (
    CHRONICLE,
    VALUES,
    cite,
    make_battle,
    make_document,
    make_entity,
    make_locator,
    make_origin,
    make_passage,
    make_published,
    make_side,
    make_source,
    make_statement,
    rechecked,
    store_chronicle,
)
from tests.sample_files import PICTURE, pdf

pytestmark = pytest.mark.django_db


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def lines(folder: Path, name: str) -> list[dict]:
    text = (folder / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def empty_the_archive() -> None:
    models = [kind.schema.model for kind in KINDS] + [Text, SearchEntry, Heading, Voice, Entry]
    for model in dict.fromkeys(reversed(models)):
        model._base_manager.all()._raw_delete("default")
    mend_index()


@pytest.fixture
def small_archive() -> Statement:
    """A battle with published, withdrawn and draft statements on a held document."""
    document = store_chronicle()
    battle = make_battle()
    north = make_side("North", battle=battle)
    statement = make_published(
        Kind.CASUALTIES,
        battle=battle,
        side=north,
        printed="2,689 killed",
        passage=make_passage("2,689 killed", document=document),
    )
    make_published(battle=battle, passage=make_passage("crossed the ford", document=document))
    withdrawn = make_published(
        battle=battle,
        text="The secret wording.",
        passage=make_passage("at dawn", document=document),
    )
    withdraw([withdrawn], "It misread the chronicle.")
    cite(
        make_statement(battle=battle, text="A draft wording."),
        make_passage("at dusk", document=document),
    )
    return statement


def test_a_bundle_imported_into_an_empty_archive_exports_to_the_same_bytes(small_archive, tmp_path):
    export_archive(tmp_path / "one")
    empty_the_archive()
    report = import_archive(tmp_path / "one")
    export_archive(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert report.added["statements"] == 2
    assert list(verify()) == []


def test_drafts_stay_behind_and_of_the_withdrawn_only_the_reason_leaves(small_archive, tmp_path):
    export_archive(tmp_path / "bundle")
    everything = b"\n".join(
        body for name, body in contents(tmp_path / "bundle").items() if name.endswith(".jsonl")
    ).decode()
    assert "A draft wording." not in everything
    assert "The secret wording." not in everything
    [tombstone] = lines(tmp_path / "bundle", "tombstones")
    assert tombstone["withdrawn_because"] == "It misread the chronicle."
    assert len(lines(tmp_path / "bundle", "passages")) == 2


def test_a_second_import_changes_nothing(small_archive, tmp_path):
    export_archive(tmp_path / "bundle")
    versions = list(Statement.objects.order_by("pk").values_list("pk", "version", "state"))
    report = import_archive(tmp_path / "bundle")
    assert sum(report.added.values()) == 0
    assert report.unchanged["publications"] == Publication.objects.count()
    assert versions == list(Statement.objects.order_by("pk").values_list("pk", "version", "state"))


def test_a_dry_run_says_what_it_would_add_and_adds_nothing(small_archive, tmp_path):
    export_archive(tmp_path / "bundle")
    empty_the_archive()
    report = import_archive(tmp_path / "bundle", dry_run=True)
    assert report.added["statements"] == 2
    assert not Battle.objects.exists()
    assert not Source.objects.exists()


def test_an_old_edition_is_read_back_after_the_journey(small_archive, tmp_path):
    battle = small_archive.battle
    before = [row.record for row in edition(battle, 2)]
    export_archive(tmp_path / "bundle")
    empty_the_archive()
    import_archive(tmp_path / "bundle")
    assert [row.record for row in edition(Battle.objects.get(pk=battle.pk), 2)] == before


def test_without_text_closed_documents_arrive_as_not_held(tmp_path):
    closed = store_chronicle(rights=Source.Rights.IN_COPYRIGHT)
    statement = make_published(passage=make_passage("at dawn", document=closed))
    export_archive(tmp_path / "bundle", without_text=True)
    assert not any((tmp_path / "bundle" / "files").iterdir())
    empty_the_archive()
    import_archive(tmp_path / "bundle")
    passage = Passage.objects.get()
    assert not passage.is_verified
    assert not Text.objects.exists()
    assert not File.objects.get().held
    statement.refresh_from_db()
    assert statement.is_published
    assert list(verify()) == []


def test_without_text_open_documents_travel_whole(small_archive, tmp_path):
    export_archive(tmp_path / "bundle", without_text=True)
    assert len(list((tmp_path / "bundle" / "files").iterdir())) == 1


def test_an_export_does_not_overwrite_a_folder_that_holds_something(small_archive, tmp_path):
    (tmp_path / "letters").write_text("mine")
    with pytest.raises(ExportError, match="not empty"):
        export_archive(tmp_path)
    assert (tmp_path / "letters").read_text() == "mine"


def tamper(folder: Path, name: str, **changes: object) -> None:
    """Change the first record of a file that was otherwise, and the manifest to match."""
    records = lines(folder, name)
    changed = next(record for record in records if record != record | changes)
    changed |= changes
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    sign(folder)


def sign(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["sha256"] = {name: sha256_of(folder / name) for name in manifest["sha256"]}
    (folder / MANIFEST).write_text(json.dumps(manifest))


NOWHERE = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("name", "changes", "reason"),
    [
        ("statements", {"kind": "rumour"}, "statements.jsonl, line 1: kind"),
        ("statements", {"value": "many"}, "statements.jsonl, line 1: field 'value'"),
        ("statements", {"colour": "red"}, "statements.jsonl, line 1: unknown field 'colour'"),
        ("statements", {"battle": NOWHERE}, f"statements.jsonl, line 1: battle {NOWHERE} is not"),
        ("citations", {"bearing": "disputes"}, "its evidence does not support it"),
        ("citations", {"note": "Added by hand."}, "its citations differ from what edition"),
        ("passages", {"start": 3}, "passages do not stand where they are recorded"),
        ("passages", {"end": 1}, "passages.jsonl, line 1: A passage is either a span"),
        ("documents", {"text_length": 5}, "is not the recorded text"),
        ("battles", {"edition": 9}, "it is in edition 9, but"),
        ("battles", {"slug": "no slug"}, "battles.jsonl, line 1: slug"),
        ("publications", {"action": "withdrawn"}, "A withdrawal needs its reason"),
        ("sources", {"issued_edtf": "1953/1950"}, "sources.jsonl, line 1: issued_edtf"),
        ("origins", {"id": "seven"}, "origins.jsonl, line 1: it is no record with an id"),
        ("origins", {"part_of": NOWHERE}, f"part_of {NOWHERE} is not in the bundle"),
    ],
)
def test_a_wrong_line_is_refused_by_name_and_nothing_is_imported(
    small_archive, tmp_path, name, changes, reason
):
    export_archive(tmp_path / "bundle")
    empty_the_archive()
    tamper(tmp_path / "bundle", name, **changes)
    with pytest.raises(ImportRefused) as refused:
        import_archive(tmp_path / "bundle")
    assert reason in str(refused.value)
    assert not Origin.objects.exists()
    assert not Statement.objects.exists()


def test_damage_that_the_manifest_does_not_know_is_refused(small_archive, tmp_path):
    export_archive(tmp_path / "bundle")
    with (tmp_path / "bundle" / "glosses.jsonl").open("a") as file:
        file.write("\n")
    with pytest.raises(ImportRefused, match=r"glosses.jsonl is damaged"):
        import_archive(tmp_path / "bundle")


def test_a_folder_that_is_no_bundle_is_refused(tmp_path):
    with pytest.raises(CommandError, match="is no bundle"):
        call_command("import_archive", tmp_path, verbosity=0)


def test_what_is_here_already_with_other_words_is_refused(small_archive, tmp_path):
    export_archive(tmp_path / "bundle")
    source = Source.objects.get()
    source.title = "Another title"
    source.save()
    with pytest.raises(ImportRefused, match=r"sources.jsonl, line 1: .* with another title"):
        import_archive(tmp_path / "bundle")
    source.refresh_from_db()
    assert source.title == "Another title"


def test_a_slug_that_is_taken_here_is_refused_by_line(small_archive, tmp_path):
    export_archive(tmp_path / "bundle")
    slug = small_archive.battle.slug
    empty_the_archive()
    make_battle("Another battle", slug=slug)
    with pytest.raises(ImportRefused, match=r"battles.jsonl, line 1"):
        import_archive(tmp_path / "bundle")
    assert Battle.objects.count() == 1


def test_an_import_cannot_publish_the_uncited(small_archive, tmp_path):
    export_archive(tmp_path / "bundle")
    empty_the_archive()
    (tmp_path / "bundle" / "citations.jsonl").write_text("")
    sign(tmp_path / "bundle")
    with pytest.raises(ImportRefused):
        import_archive(tmp_path / "bundle")
    assert not Statement.objects.published().exists()


def test_a_statement_that_no_publication_records_is_refused_by_line(small_archive, tmp_path):
    export_archive(tmp_path / "bundle")
    empty_the_archive()
    (tmp_path / "bundle" / "publications.jsonl").write_text("")
    sign(tmp_path / "bundle")
    with pytest.raises(ImportRefused, match=r"statements\.jsonl, line 1: no publication in the"):
        import_archive(tmp_path / "bundle")


def test_former_slugs_of_public_rows_travel(small_archive, tmp_path):
    battle = small_archive.battle
    battle.refresh_from_db()
    old, battle.slug = battle.slug, "the-ford"
    battle.save()
    export_archive(tmp_path / "bundle")
    empty_the_archive()
    import_archive(tmp_path / "bundle")
    assert Battle.moved_to(old) == Battle.objects.get(slug="the-ford")


def test_a_former_slug_of_what_has_none_is_refused(small_archive, tmp_path):
    battle = small_archive.battle
    battle.refresh_from_db()
    battle.slug = "the-ford"
    battle.save()
    export_archive(tmp_path / "bundle")
    empty_the_archive()
    [passage, _] = lines(tmp_path / "bundle", "passages")
    tamper(tmp_path / "bundle", "former_slugs", kind="sources.passage", target=passage["id"])
    with pytest.raises(ImportRefused, match=rf"line 1: target {passage['id']} is not in the bun"):
        import_archive(tmp_path / "bundle")


def test_a_record_that_stands_in_the_bundle_twice_is_refused(small_archive, tmp_path):
    export_archive(tmp_path / "bundle")
    with (tmp_path / "bundle" / "sides.jsonl").open("r+") as file:
        [line] = file.readlines()
        file.write(line)
    sign(tmp_path / "bundle")
    with pytest.raises(ImportRefused, match=r"sides\.jsonl, line 2: the id .* stands .* twice"):
        import_archive(tmp_path / "bundle")


def test_a_record_may_name_one_of_its_own_kind_that_follows(tmp_path):
    war = make_battle("The war")
    ford, hill = (make_battle(name, part_of=war) for name in ("The ford", "The hill"))
    for battle in (war, ford, hill):
        make_published(battle=battle)
    export_archive(tmp_path / "bundle")
    records = lines(tmp_path / "bundle", "battles")
    records.sort(key=lambda record: record["part_of"] is None)
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    (tmp_path / "bundle" / "battles.jsonl").write_text(text, encoding="utf-8")
    sign(tmp_path / "bundle")
    empty_the_archive()
    import_archive(tmp_path / "bundle")
    assert set(Battle.objects.filter(part_of=war)) == {ford, hill}


def test_of_many_reasons_the_first_are_told(small_archive, tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "REASONS", 1)
    export_archive(tmp_path / "bundle")
    empty_the_archive()
    records = lines(tmp_path / "bundle", "citations")
    text = "".join(json.dumps(record | {"note": "Added by hand."}) + "\n" for record in records)
    (tmp_path / "bundle" / "citations.jsonl").write_text(text, encoding="utf-8")
    sign(tmp_path / "bundle")
    with pytest.raises(ImportRefused) as refused:
        import_archive(tmp_path / "bundle")
    [first, more] = refused.value.reasons
    assert "its citations differ from what edition" in first
    assert more == "These are the first 1 reasons; there are more."


def test_a_statement_rests_on_the_citation_of_its_last_edition(small_archive, tmp_path):
    first = small_archive.evidence
    revision = open_revision(small_archive)
    better = cite(revision, make_passage("2,689 killed", document=first.passage.document))
    revision.citations.exclude(pk=better.pk).delete()
    rechecked(revision)
    publish([revision])
    small_archive.refresh_from_db()
    assert small_archive.evidence_id != first.pk
    export_archive(tmp_path / "bundle")
    empty_the_archive()
    import_archive(tmp_path / "bundle")
    assert Statement.objects.get(pk=small_archive.pk).evidence_id == small_archive.evidence_id


def test_the_commands_say_what_they_did(small_archive, tmp_path, capsys):
    call_command("export_archive", tmp_path / "bundle")
    call_command("import_archive", tmp_path / "bundle", verbosity=0)
    exported, added = capsys.readouterr().out.splitlines()
    assert exported.startswith("Exported ")
    assert added.startswith("Added 0 records")
    assert exported.endswith(" a second).")
    assert added.endswith(" a second).")


WORDS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\0"), min_size=1, max_size=30
).filter(str.strip)


@st.composite
def deeds(draw: st.DrawFn) -> list[tuple[str, object]]:
    """What a curator might do, in order."""
    deed = st.one_of(
        st.tuples(st.just("publish"), st.sampled_from([*VALUES, Kind.COMMANDER, Kind.PART_OF])),
        st.tuples(st.just("revise"), WORDS),
        st.tuples(st.just("withdraw"), WORDS),
        st.tuples(st.just("rename"), st.integers(0, 5)),
        st.tuples(st.just("draft"), WORDS),
        st.tuples(st.just("not held"), WORDS),
        st.tuples(st.just("locator"), WORDS),
        st.tuples(st.just("supply"), WORDS),
    )
    return draw(st.lists(deed, min_size=1, max_size=8))


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(deeds=deeds())
def test_any_archive_survives_the_journey_byte_by_byte(deeds, tmp_path_factory):
    empty_the_archive()
    folder = tmp_path_factory.mktemp("bundles")
    live(deeds)
    export_archive(folder / "one")
    empty_the_archive()
    import_archive(folder / "one")
    assert list(verify()) == []
    export_archive(folder / "two")
    assert contents(folder / "one") == contents(folder / "two")
    import_archive(folder / "one")
    export_archive(folder / "three")
    assert contents(folder / "one") == contents(folder / "three")


def live(deeds: list[tuple[str, object]]) -> None:
    """Carry out deeds on a new archive."""
    war, battle = make_battle("War"), make_battle()
    document = store_chronicle()
    make_published(battle=war, passage=make_passage("at dusk", document=document))
    made: list[Statement] = []
    for deed, detail in deeds:
        published = [s for s in made if s.is_published]
        if deed == "publish":
            values = {Kind.PART_OF: {"parent": war}}.get(detail, {})
            if detail == Kind.COMMANDER:
                values = {"entity": make_entity("Xue", "person")}
            passage = make_passage("dawn", document=document)
            made.append(make_published(detail, battle=battle, passage=passage, **values))
        elif deed == "revise" and published:
            revision = open_revision(published[-1])
            revision.printed = str(detail)
            revision.save()
            cite(revision, make_locator(str(detail), source=document.source))
            publish(rechecked(revision))
        elif deed == "withdraw" and published:
            withdraw([published[0]], str(detail))
        elif deed == "rename":
            battle.refresh_from_db()
            battle.slug = f"renamed-{detail}"
            battle.save()
        elif deed == "draft":
            make_statement(battle=battle, text=str(detail))
        elif deed == "not held":
            other = make_document(f"{detail} dawn", source=make_source(), held=False)
            text = f"{detail} dawn"
            passage = Passage(source=other.source, document=other, start=0, end=len(text))
            passage.quote_sha256 = other.text_sha256
            passage.save()
            made.append(make_published(battle=battle, passage=passage))
        elif deed == "locator":
            source = make_source(title=str(detail), origin=make_origin("Others"))
            passage = make_locator(str(detail), source=source)
            made.append(make_published(Kind.NOTE, battle=war, passage=passage))
        elif deed == "supply":
            number = document.footnotes.count() + 1
            supply(document, f"[{number}]", text=str(detail), named_source=document.source)
        for statement in made:
            statement.refresh_from_db()


def test_the_full_bundle_lights_up_what_came_without_its_text(tmp_path):
    closed = store_chronicle(rights=Source.Rights.IN_COPYRIGHT)
    make_published(passage=make_passage("at dawn", document=closed))
    export_archive(tmp_path / "full")
    export_archive(tmp_path / "without", without_text=True)
    empty_the_archive()
    import_archive(tmp_path / "without")
    import_archive(tmp_path / "full")
    assert Passage.objects.get().quote == "at dawn"
    assert list(verify()) == []


def test_a_draft_that_a_public_question_names_stays_behind(small_archive, tmp_path):
    question = small_archive.question
    question.entity = make_entity("A secret party")
    question.side = make_side("A secret side", battle=small_archive.battle)
    question.save()
    export_archive(tmp_path / "bundle")
    everything = b"".join(contents(tmp_path / "bundle").values())
    assert b"secret" not in everything
    assert str(question.entity.pk).encode() not in everything


def test_a_link_inside_a_bundle_is_refused(small_archive, tmp_path):
    export_archive(tmp_path / "bundle")
    (tmp_path / "bundle" / "files" / "0").symlink_to(__file__)
    with pytest.raises(ImportRefused, match="no plain file"):
        import_archive(tmp_path / "bundle")


@pytest.mark.parametrize(
    "line", [b"\xff\xfe\n", b"[" * 100_000 + b"\n", b"7\n", b'{"id": 7}\n', b"{}\n"]
)
def test_a_line_that_is_no_record_is_refused_by_its_number(small_archive, tmp_path, line):
    export_archive(tmp_path / "bundle")
    (tmp_path / "bundle" / "glosses.jsonl").write_bytes(line)
    sign(tmp_path / "bundle")
    with pytest.raises(ImportRefused, match=r"glosses.jsonl, line 1: it is no record with an id"):
        import_archive(tmp_path / "bundle")


@pytest.mark.parametrize("extra", ["\ud800", "\0", float("nan")], ids=["surrogate", "nul", "nan"])
def test_a_record_that_no_database_could_give_back_is_refused(small_archive, tmp_path, extra):
    export_archive(tmp_path / "bundle")
    path = tmp_path / "bundle" / "publications.jsonl"
    first, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    record = json.loads(first)
    record["record"] = record["record"] | {"extra": extra}
    path.write_text(json.dumps(record) + "\n" + "".join(rest), encoding="utf-8")
    sign(tmp_path / "bundle")
    with pytest.raises(ImportRefused, match=r"publications.jsonl, line 1: field 'record'"):
        import_archive(tmp_path / "bundle")


def test_an_export_leaves_a_neighbouring_folder_alone(small_archive, tmp_path):
    (tmp_path / "bundle.partial").mkdir()
    (tmp_path / "bundle.partial" / "mine.txt").write_text("mine")
    export_archive(tmp_path / "bundle")
    assert (tmp_path / "bundle.partial" / "mine.txt").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle", "bundle.partial"]


# Scans and transcriptions -----------------------------------------------------------------------


def make_transcribed_scan(tmp_path: Path) -> tuple[Document, Document]:
    """Make a scan without text and its published transcription, from files."""
    source = make_source(slug="report")
    for name, data in (("scan.pdf", pdf([PICTURE] * 3)), ("words.txt", CHRONICLE.encode())):
        (tmp_path / name).write_bytes(data)
    scan = Document.objects.get(pk=ingest(tmp_path / "scan.pdf", source=source).document)
    report = ingest(tmp_path / "words.txt", source=source, transcribes=scan)
    words = Document.objects.get(pk=report.document)
    make_published(passage=make_passage("2,689 killed", document=words))
    return scan, words


def test_a_scan_travels_with_its_transcription(tmp_path):
    scan, words = make_transcribed_scan(tmp_path)
    export_archive(tmp_path / "one")
    empty_the_archive()
    import_archive(tmp_path / "one")
    export_archive(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    arrived = Document.objects.get(pk=words.pk)
    assert (arrived.transcribes, arrived.transcribes.lacks) == (scan, scan.lacks)
    assert arrived.transcribes.file.held
    assert list(verify(read_again=True)) == []


def test_the_bytes_of_a_scan_stay_until_something_of_it_is_cited(tmp_path):
    source = make_published(passage=make_locator("p. 2")).evidence.passage.source
    (tmp_path / "scan.pdf").write_bytes(pdf([PICTURE] * 3))
    ingest(tmp_path / "scan.pdf", source=source)
    export_archive(tmp_path / "bundle")
    [scan] = lines(tmp_path / "bundle", "documents")
    assert scan["lacks"] == "None of its 3 pages has text: they are pictures, it seems."
    assert list((tmp_path / "bundle" / "files").iterdir()) == []
    empty_the_archive()
    import_archive(tmp_path / "bundle")
    assert not Document.objects.get().file.held
    ingest(tmp_path / "scan.pdf")
    assert Document.objects.get().text.content == ""
    assert list(verify(read_again=True)) == []


def test_a_partial_reading_that_nobody_cites_leaves_without_its_words(tmp_path):
    source = make_source(slug="report")
    (tmp_path / "scan.pdf").write_bytes(pdf([["Uncited words."], PICTURE]))
    part = Document.objects.get(pk=ingest(tmp_path / "scan.pdf", source=source).document)
    (tmp_path / "words.txt").write_text(CHRONICLE)
    report = ingest(tmp_path / "words.txt", source=source, transcribes=part)
    words = Document.objects.get(pk=report.document)
    make_published(passage=make_passage("2,689 killed", document=words))
    export_archive(tmp_path / "one")
    assert len(lines(tmp_path / "one", "documents")) == 2
    assert not any(b"Uncited words" in body for body in contents(tmp_path / "one").values())
    assert [path.name for path in (tmp_path / "one" / "files").iterdir()] == [words.file.sha256]
    empty_the_archive()
    import_archive(tmp_path / "one")
    assert list(verify()) == []


# Notes that curators supplied --------------------------------------------------------------------

NOTED = "They crossed at dawn.[1] It rained.[2] They left.[3] They came again.[4] It was over.[5]"


def supply(document: Document, marker: str, **values: object) -> Footnote:
    number = int(marker.strip("[]"))
    note, _ = Footnote.objects.get_or_create(
        document=document, marker=marker, defaults={"number": number, "times": 0}
    )
    for name, value in values.items():
        setattr(note, name, value)
    note.supply(None, timezone.now())
    note.save()
    return note


def make_noted(**about: object) -> tuple[Document, Source]:
    """Make a text that calls for five notes, cited once, and a source that readers see."""
    document = store_chronicle(NOTED, slug="diary", **about)
    find_in(document, NOTED)
    make_published(passage=make_passage("They crossed at dawn.", document=document))
    letters = make_source(title="Letters of Odo", slug="letters")
    make_published(passage=make_locator("p. 7", source=letters))
    return document, letters


def page_of(document: Document) -> bytes:
    return Client().get(document.get_absolute_url()).content


@pytest.mark.parametrize("rights", ["public_domain", "in_copyright"])
def test_readers_of_a_bundle_see_the_supplied_notes_that_readers_here_see(tmp_path, rights):
    document, letters = make_noted(rights=rights)
    unseen = make_passage("It rained.", document=document)
    supply(document, "[1]", text="Odo, p. 7.", named_source=letters)
    supply(document, "[2]", passage=unseen)
    supply(
        document,
        "[3]",
        passage=make_published(
            passage=make_passage("They left.", document=document)
        ).evidence.passage,
    )
    supply(document, "[4]", text="By night.")
    before = page_of(document)
    assert b"Letters of Odo" in before
    assert (b"By night." in before) == (rights == "public_domain")
    export_archive(tmp_path / "one")
    told = (tmp_path / "one" / "supplied_notes.jsonl").read_text()
    assert ("By night." in told) == (rights == "public_domain")
    empty_the_archive()
    import_archive(tmp_path / "one")
    assert page_of(Document.objects.get(pk=document.pk)) == before
    assert [note.marker for note in Footnote.objects.waiting()][-1] == "[5]"
    export_archive(tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert list(verify()) == []


def test_a_note_that_is_missing_here_is_supplied_by_a_bundle_and_one_supplied_here_is_kept(
    tmp_path,
):
    document, _ = make_noted()
    note = supply(document, "[1]", text="Odo, p. 7.")
    export_archive(tmp_path / "bundle")
    Footnote.objects.all().delete()
    find_in(document, NOTED)
    import_archive(tmp_path / "bundle")
    assert Footnote.objects.supplied().get() == note
    assert Footnote.objects.count() == 5
    assert sum(import_archive(tmp_path / "bundle").added.values()) == 0
    note.text = "Bero, p. 9."
    note.version = Footnote.objects.get(pk=note.pk).version
    note.save()
    with pytest.raises(ImportRefused, match=r"supplied_notes.jsonl, line 1: .* another text"):
        import_archive(tmp_path / "bundle")
    Footnote.objects.all().delete()
    supply(document, "[1]", text="Bero, p. 9.")
    with pytest.raises(ImportRefused, match=r"line 1: The document misses a note of this marker"):
        import_archive(tmp_path / "bundle")
    assert Footnote.objects.get().text == "Bero, p. 9."


def test_a_source_that_only_a_note_names_stays_behind_until_readers_see_it(tmp_path):
    document, _ = make_noted()
    supply(document, "[1]", text="A novel, p. 7.", named_source=make_source(title="Unseen"))
    export_archive(tmp_path / "bundle")
    assert all(b"Unseen" not in body for body in contents(tmp_path / "bundle").values())
    assert sum(import_archive(tmp_path / "bundle").added.values()) == 0
    empty_the_archive()
    import_archive(tmp_path / "bundle")
    assert Footnote.objects.get(marker="[1]").words == "A novel, p. 7."
