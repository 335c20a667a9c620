"""The index of the search holds what is public, always, and nothing else."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from archive.exporting import export_archive
from archive.importing import import_archive
from archive.verification import FINDABLES, verify
from battles.kinds import Kind
from battles.models import EntityName, Statement
from battles.publication import open_revision, publish, withdraw
from battles.search import FINDERS as BATTLE_FINDERS
from sources import ingest as ingesting
from sources import storage
from sources.anchoring import quote_hash
from sources.ingest import ingest
from sources.models import File, Gloss, Passage, SearchEntry, Source
from sources.query import parse
from sources.search import FINDERS as SOURCE_FINDERS
from sources.search import (
    LONGEST_FIELD,
    Findable,
    entry,
    follow,
    found,
    index_fault,
    place_in_order,
    rebuild,
)
from sources.search import faults as index_faults
from tests.builders import (
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
from tests.small_archive import make_small_archive

pytestmark = pytest.mark.django_db


def hits(question: str) -> int:
    query = parse(question)
    return sum(len(found(query, finder)) for finder in (*BATTLE_FINDERS, *SOURCE_FINDERS))


def faults() -> list[tuple[str, str, str]]:
    return list(index_faults(FINDABLES, lambda what, rows: None))


def contents() -> list[tuple]:
    return list(
        SearchEntry.objects.order_by("id").values_list(
            "id", "owner", "start", "text", "words", "context"
        )
    )


def test_an_archive_is_indexed_as_it_grows():
    make_small_archive()
    assert SearchEntry.objects.count() > 20
    assert faults() == []


def test_rebuilding_makes_the_same_index(capsys):
    make_small_archive()
    kept = contents()
    SearchEntry.objects.all().delete()
    call_command("rebuild_search")
    assert contents() == kept
    said = capsys.readouterr()
    assert "statements: " in said.err
    assert f"finds {len(kept)} entries (in " in said.out
    call_command("rebuild_search", verbosity=0)
    assert contents() == kept
    assert hits("army") > 0


def test_rebuilding_needs_no_more_queries_for_more_rows_of_a_batch(django_assert_max_num_queries):
    for number in range(12):
        make_published(passage=make_locator(f"p. {number}"))
    with django_assert_max_num_queries(130):
        rebuild(FINDABLES, lambda what, rows: None)


def test_rebuilding_removes_what_is_not_public():
    draft = make_statement()
    place = place_in_order(2, (1, 4))
    SearchEntry.objects.bulk_create([entry(draft.pk, place, ["Stray words."], text="Stray words.")])
    assert any("although it is not public" in problem for _, _, problem in faults())
    call_command("rebuild_search", verbosity=0)
    assert contents() == []
    assert hits("stray") == 0


def test_what_a_transaction_did_not_keep_is_not_found():
    statement = make_statement(text="The guns came.")
    cite(statement)
    with transaction.atomic():
        publish([statement])
        assert hits("guns") == 1
        transaction.set_rollback(True)
    assert hits("guns") == 0
    assert faults() == []


def test_what_is_withdrawn_is_gone_and_comes_back_with_its_publication():
    source = make_source(rights="in_copyright", title="Annals")
    passage = make_passage("at dusk", document=make_document(source=source))
    statement = make_published(text="The guns came.", passage=passage)
    assert (hits("guns"), hits("dusk")) == (1, 1)
    withdraw([statement], "It is wrong.")
    assert (hits("guns"), hits("dusk")) == (0, 0)
    assert hits("annals") == 1  # the address of the source was given out
    assert faults() == []
    statement.refresh_from_db()
    publish([statement])
    assert (hits("guns"), hits("dusk")) == (1, 1)


def test_a_revision_is_found_once_it_is_published_and_its_dropped_passage_no_more():
    source = make_source(rights="unknown")
    document = make_document(source=source)
    statement = make_published(
        text="The guns came.", passage=make_passage("at dusk", document=document)
    )
    revision = open_revision(statement)
    revision.text = "The horses came."
    revision.save()
    revision.citations.get().delete()
    revision.refresh_from_db()
    cite(revision, make_passage("at dawn", document=document))
    assert (hits("guns"), hits("horses"), hits("dawn")) == (1, 0, 0)
    publish(rechecked(revision))
    assert (hits("guns"), hits("horses"), hits("dawn"), hits("dusk")) == (0, 1, 1, 0)
    assert faults() == []


@pytest.mark.parametrize("rights", ["in_copyright", "unknown"])
def test_a_text_follows_its_rights(rights):
    document = make_document(source=make_source(rights=rights))
    make_published(passage=make_passage("at dawn", document=document))
    assert (hits("dawn"), hits("crossed again")) == (2, 0)  # the passage, and the sentence
    source = Source.objects.get(pk=document.source_id)
    source.rights = Source.Rights.OPEN_LICENCE
    source.save()
    assert (hits("dawn"), hits("crossed again")) == (2, 1)
    assert faults() == []
    source.rights = rights
    source.save()
    assert (hits("dawn"), hits("crossed again")) == (2, 0)
    assert faults() == []


def test_names_are_found_as_they_are_now():
    battle = make_battle("Battle of the Ford")
    entity = make_entity("Deng Hua", "person")
    side = make_side("North", battle=battle)
    source = make_source(title="Annals", origin=make_origin("Monks"))
    part = make_battle("Skirmish")
    place = make_locator(source=source)
    make_published(Kind.COMMANDER, battle=battle, entity=entity, side=side, passage=place)
    make_published(Kind.STRENGTH, battle=battle, side=side, passage=place)
    make_published(Kind.PART_OF, battle=part, parent=battle, passage=place)

    def rename(row, **values):
        for name, value in values.items():
            setattr(row, name, value)
        row.save()
        assert faults() == []

    name = EntityName(entity=entity, text="邓华", language="zh")
    for row, values, before, after in (
        (battle, {"name": "Battle of the Bridge"}, "ford", "bridge"),
        (entity, {"name": "Yang Yong"}, "deng", "yang"),
        (side, {"name": "South"}, "north", "south"),
        (source, {"title": "Chronicle"}, "annals", "chronicle"),
        (source.origin, {"name": "Nuns"}, "monks", "nuns"),
        (name, {"text": "杨勇"}, "邓华", "杨勇"),
        (source.contributions.create(name="Bede"), {"name": "Gildas"}, "bede", "gildas"),
        (source.identifiers.create(scheme="doi", value="X1"), {"value": "Y2"}, "x1", "y2"),
        (Gloss(passage=place, language="en", by="us"), {"text": "In brief."}, "long", "brief"),
    ):
        row.refresh_from_db() if not row._state.adding else None
        if row is name:
            row.save()
            assert hits("邓华") == 1
        rename(row, **values)
        assert (hits(before), bool(hits(after))) == (0, True), after
    for row in (name, source.contributions.get(), source.identifiers.get(), place.glosses.get()):
        row.delete()
        assert faults() == []
    assert hits("杨勇") == hits("gildas") == hits("y2") == hits("brief") == 0


def test_a_version_is_found_once_something_published_cites_it():
    source = make_source()
    make_published(passage=make_passage("at dawn", document=make_document(source=source)))
    new = make_document("A newer reading, by noon.", source=source)
    assert hits("noon") == 0
    make_published(passage=make_passage("by noon", document=new))
    assert hits("noon") == 1
    assert faults() == []


def test_a_text_that_is_received_is_found(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "store"
    text = "A lost chronicle.\n\nThe horses drowned at noon."
    document = make_document(text, held=False)
    start = text.index("horses")
    passage = Passage.objects.create(
        source=document.source,
        document=document,
        start=start,
        end=start + 6,
        quote_sha256=quote_hash("horses"),
    )
    make_published(passage=passage)
    assert hits("noon") == 0
    path = tmp_path / "lost.txt"
    path.write_text(text)
    assert ingest(path).outcome is ingesting.Outcome.RECEIVED
    assert hits("noon") == 1
    assert faults() == []


def test_what_is_imported_is_found(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "store"
    document = store_chronicle()
    statement = make_published(text="Guns.", passage=make_passage("at dawn", document=document))
    export_archive(tmp_path / "bundle")
    kept = contents()
    SearchEntry.objects.all().delete()
    assert Statement.objects.published().get() == statement
    import_archive(tmp_path / "bundle")
    assert contents() == kept
    assert File.objects.get().held
    assert storage.path_of(document.file.sha256).is_file()


def test_verify_names_what_the_search_has_wrong():
    statement = make_published(text="The guns came.")
    SearchEntry.objects.filter(owner=statement.pk).update(text="The horses came.")
    problems = [str(fault) for fault in verify() if fault.what == "search"]
    assert problems == [
        f"search statements {statement.pk}: the search has other words of it, or another place"
    ]


def test_verify_finds_an_index_that_parted_from_its_entries():
    make_published(text="The guns came.")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sources_searchentry SET words = 'horses' WHERE words LIKE '%guns%'")
    assert any("rebuild_search" in fault.problem for fault in verify())
    call_command("rebuild_search", verbosity=0)
    assert [fault for fault in verify() if fault.what == "search"] == []
    assert hits("guns") == 1


@pytest.mark.django_db(transaction=True)
def test_what_was_indexed_by_an_older_version_is_found_after_its_migrations():
    battle = make_battle("Battle of the Guns")
    make_published(battle=battle, text="两个军 came.")
    call_command("migrate", "sources", "0016", verbosity=0)
    call_command("migrate", verbosity=0)
    assert index_fault() == ""
    assert hits("军") == hits("came") == 1
    assert hits("guns") == 2


def test_two_entries_for_one_place_both_find_room():
    first, second = make_battle(), make_battle()
    place = place_in_order(1, (7, 5))
    what = Findable(
        1,
        "battles",
        lambda: None,
        lambda ids: [entry(pk, place, ["guns"], text=f"{pk}") for pk in ids],
    )
    follow(what, [first.pk, second.pk])
    follow(what, [first.pk])
    assert set(SearchEntry.objects.values_list("id", flat=True)) <= {place, place + 1, place + 2}
    assert hits("guns") == 2


def test_a_very_long_field_does_not_stop_a_publication():
    words = " ".join(f"word{number}" for number in range(40_000))
    make_published(Kind.NOTE, text=words, passage=make_locator())
    assert hits("word17") == 1
    assert hits("word39999") == 0
    assert len(SearchEntry.objects.get(text__startswith="archive").text) == LONGEST_FIELD


def test_rebuilding_the_table_of_entries_leaves_the_index():
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite rebuilds tables.")
    make_published(text="The guns came.")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE renewed AS SELECT * FROM sources_searchentry")
        cursor.execute("DELETE FROM sources_searchentry")
        cursor.execute("INSERT INTO sources_searchentry SELECT * FROM renewed")
        cursor.execute("DROP TABLE renewed")
    assert hits("guns") == 1
    assert faults() == []


@pytest.mark.django_db(transaction=True)
def test_an_archive_that_is_flushed_finds_nothing_and_can_be_filled_again():
    make_published(text="The guns came.")
    kept = list(SearchEntry.objects.all())
    call_command("flush", interactive=False, verbosity=0)
    assert hits("guns") == 0
    assert kept
    make_published(text="The guns came.")
    assert hits("guns") == 1
    assert index_fault() == ""
