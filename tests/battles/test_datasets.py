"""Importing datasets: what rows become, what is refused, and what a second import does."""

from pathlib import Path
from typing import Any

import pytest
import reversion
from reversion.models import Version

from archive.verification import verify
from battles.datasets.mapping import parse
from battles.datasets.planning import Outcome
from battles.datasets.reading import Unreadable
from battles.datasets.writing import ImportFailed, Report, import_dataset
from battles.models import Battle, Citation, Publication, Question, Side, Statement
from battles.publication import open_revision, publish, withdraw
from sources.models import Document, Passage, Source
from sources.sorting import sort_key
from tests.battles.small_dataset import BATTLES, LOSSES, MAPPING, PLACES, write_dataset
from tests.builders import cite, make_battle, make_origin, rechecked

pytestmark = pytest.mark.django_db


def take_in(folder: Path, *, how: dict[str, Any] | None = None, **files: Any) -> Report:
    return import_dataset(parse(MAPPING.encode()), write_dataset(folder, **files), **how or {})


def refusals(report: Report) -> list[str]:
    return [str(refusal) for refusal in report.plan.refusals]


def loss(battle: str, side: str) -> Statement:
    return Statement.objects.get(battle__name=battle, side__name=side, revises=None)


def assert_empty() -> None:
    for model in (Battle, Source, Document):
        assert not model.objects.exists()


def outcomes(report: Report) -> set[Outcome]:
    return {planned.outcome for planned in report.plan.statements.values()}


# What rows become -----------------------------------------------------------------------------


def test_battles_that_rows_make_are_sorted_by_their_names(tmp_path):
    take_in(tmp_path)
    keys = dict(Battle.objects.values_list("name", "sort_key"))
    assert {name: bytes(key) for name, key in keys.items()} == {
        name: sort_key(name) for name in keys
    }
    assert len(keys) > 1


def test_rows_become_drafts_that_cite_exactly_their_row(tmp_path):
    take_in(tmp_path)
    statement = loss("First Ford", "South")
    [citation] = statement.citations.all()
    passage = citation.passage
    assert statement.state == "draft"
    assert passage.quote == "1,south,1500,1200,"
    assert passage.document.text.content[passage.start : passage.end] == passage.quote
    assert passage.source.slug == "fords-losses"
    assert passage.source.contained_in.slug == "fords"
    assert citation.claimant.name == "Society of Fords"


def test_figures_are_exactly_as_given_and_an_empty_bound_is_unknown(tmp_path):
    take_in(tmp_path)
    rows = {
        (row.battle.name, row.side.name): (row.value, row.low, row.high)
        for row in Statement.objects.filter(kind="casualties")
    }
    assert rows == {
        ("First Ford", "North"): (0, None, None),
        ("First Ford", "South"): (1500, 1200, None),
        ("Second Ford", "North"): (None, 30, 40),
    }


def test_an_empty_winner_makes_no_result(tmp_path):
    take_in(tmp_path)
    [result] = Statement.objects.filter(kind="result")
    assert (result.battle.name, result.victor.name) == ("First Ford", "North")


def test_names_in_capitals_become_ordinary_and_are_stated_once(tmp_path):
    take_in(tmp_path)
    [name] = Statement.objects.filter(kind="name")
    assert (name.text, name.printed, name.battle.name) == (
        "River War II",
        "RIVER WAR II",
        "River War II",
    )
    assert Battle.objects.get(scale="war").parts.count() == 2


def test_a_passage_of_a_document_may_break_over_lines(tmp_path):
    take_in(tmp_path)
    passage = Passage.objects.get(source__slug="annals", start=22)
    assert passage.quote == "They met again\nat the ford"
    [citation] = passage.citations.all()
    assert citation.claimant.name == "The North"


def test_typed_statements_answer_the_question_that_saving_them_would_raise(tmp_path):
    take_in(tmp_path)
    for statement in Statement.objects.filter(kind__in=("casualties", "result")):
        before = statement.question
        statement.save()
        assert statement.question == before


def test_slugs_that_are_taken_get_the_name_of_the_dataset(tmp_path):
    make_battle("First Ford", slug="first-ford")
    take_in(tmp_path)
    slugs = Battle.objects.filter(name="First Ford").values_list("slug", flat=True)
    assert set(slugs) == {"first-ford", "first-ford-fords"}


def test_a_dry_run_records_nothing_and_counts_all(tmp_path):
    report = take_in(tmp_path, how={"dry_run": True})
    counts = report.plan.counts()
    assert counts["battle"] == {"new": 2}
    assert counts["statement: casualties"] == {"new": 3}
    assert_empty()


def test_new_statements_are_in_the_history(tmp_path):
    take_in(tmp_path)
    statement = loss("First Ford", "South")
    [version] = Version.objects.get_for_object(statement)
    assert version.field_dict["value"] == 1500
    assert version.revision.comment == "Imported from the dataset “fords”."
    cited = Version.objects.get_for_model(Citation)
    assert cited.filter(revision=version.revision).exists()
    assert not reversion.is_active()


# Publishing ----------------------------------------------------------------------------------


def test_publishing_makes_one_edition_of_each_battle_and_verifies(tmp_path):
    report = take_in(tmp_path, how={"publish": True})
    assert (report.published, report.editions) == (9, 3)
    assert not Statement.objects.exclude(state="published").exists()
    assert set(Battle.objects.values_list("edition", flat=True)) == {1}
    told = Statement.objects.filter(kind="narrative")
    assert told.exists()
    assert not told.filter(is_quotation=False).exists()
    assert list(verify()) == []


def test_what_was_imported_before_is_published_when_asked(tmp_path):
    take_in(tmp_path)
    report = take_in(tmp_path, how={"publish": True})
    assert outcomes(report) == {Outcome.SAME}
    assert report.published == 9


def test_what_was_withdrawn_stays_so(tmp_path):
    take_in(tmp_path, how={"publish": True})
    withdraw([loss("First Ford", "South")], "It was misread.")
    report = take_in(tmp_path, losses=LOSSES.replace("1500", "1501"), how={"publish": True})
    assert report.plan.with_outcome(Outcome.WITHDRAWN)
    assert loss("First Ford", "South").state == "withdrawn"
    assert report.published == 0


# Again ---------------------------------------------------------------------------------------


def test_the_same_rows_change_nothing(tmp_path):
    take_in(tmp_path, how={"publish": True})
    before = [
        list(model.objects.order_by("pk").values())
        for model in (Battle, Side, Statement, Citation, Passage, Document, Source, Publication)
    ]
    recorded = Version.objects.count()
    report = take_in(tmp_path, how={"publish": True})
    assert outcomes(report) == {Outcome.SAME}
    assert before == [
        list(model.objects.order_by("pk").values())
        for model in (Battle, Side, Statement, Citation, Passage, Document, Source, Publication)
    ]
    assert Version.objects.count() == recorded


def test_the_same_rows_in_another_order_change_no_statement(tmp_path):
    take_in(tmp_path, how={"publish": True})
    header, *rows = LOSSES.splitlines()
    report = take_in(tmp_path, losses="\n".join([header, *reversed(rows)]))
    assert outcomes(report) == {Outcome.SAME}
    assert Document.objects.filter(source__slug="fords-losses").count() == 2


def test_a_changed_row_changes_its_draft(tmp_path):
    take_in(tmp_path)
    report = take_in(tmp_path, losses=LOSSES.replace("1500", "1501"))
    statement = loss("First Ford", "South")
    assert [p.statement.pk for p in report.plan.with_outcome(Outcome.CHANGED)] == [statement.pk]
    [citation] = statement.citations.all()
    assert (statement.value, citation.passage.quote) == (1501, "1,south,1501,1200,")
    assert citation.passage.document.number == 2
    assert Version.objects.get_for_object(statement).count() == 2


def test_a_changed_row_opens_a_revision_of_what_is_public(tmp_path):
    take_in(tmp_path, how={"publish": True})
    take_in(tmp_path, losses=LOSSES.replace("1500", "1501"))
    public = loss("First Ford", "South")
    assert (public.value, public.state, public.revision.value) == (1500, "published", 1501)
    report = take_in(tmp_path, losses=LOSSES.replace("1500", "1501"), how={"publish": True})
    public = loss("First Ford", "South")
    assert (report.published, report.editions) == (1, 1)
    assert (public.value, public.battle.edition) == (1501, 2)
    assert public.evidence.passage.quote == "1,south,1501,1200,"
    assert list(verify()) == []


def test_what_a_curator_cited_besides_is_rechecked_before_the_changed_row_is_public(tmp_path):
    take_in(tmp_path, how={"publish": True})
    revision = open_revision(loss("First Ford", "South"))
    cite(revision)
    publish(rechecked(revision))
    changed = LOSSES.replace("1500", "1501")
    report = take_in(tmp_path, losses=changed, how={"publish": True})
    assert report.published == 0
    [(_, why)] = report.unpublished
    assert why == "1 of its 2 citations are still to be re-checked"
    assert loss("First Ford", "South").value == 1500


def test_another_cell_of_the_row_is_nothing_to_a_statement(tmp_path):
    take_in(tmp_path)
    report = take_in(tmp_path, battles=BATTLES.replace(",north", ","))
    assert report.plan.with_outcome(Outcome.CHANGED) == []
    assert [row.kind for row in report.plan.removed] == ["result"]


def test_what_a_curator_worked_on_is_kept_and_named(tmp_path):
    take_in(tmp_path)
    statement = loss("First Ford", "South")
    statement.category = "total"
    statement.save()
    report = take_in(tmp_path)
    assert [p.statement.pk for p in report.plan.with_outcome(Outcome.KEPT)] == [statement.pk]
    assert loss("First Ford", "South").category == "total"


def test_what_a_curator_works_on_is_not_published_with_the_rest(tmp_path):
    take_in(tmp_path)
    statement = loss("First Ford", "South")
    statement.category = "total"
    statement.save()
    report = take_in(tmp_path, how={"publish": True})
    assert report.published == 8
    assert loss("First Ford", "South").state == "draft"


def test_a_new_reading_of_the_same_rows_reaches_what_nobody_worked_on(tmp_path):
    take_in(tmp_path)
    mapping = parse(MAPPING.replace('"unspecified"', '"total"').encode())
    import_dataset(mapping, write_dataset(tmp_path))
    rows = Statement.objects.filter(kind="casualties")
    assert set(rows.values_list("category", flat=True)) == {"total"}


def test_a_removed_row_is_reported_and_stays(tmp_path):
    take_in(tmp_path, how={"publish": True})
    gone = loss("First Ford", "South")
    report = take_in(tmp_path, losses=LOSSES.replace("1,south,1500,1200,\n", ""))
    assert report.plan.removed == [gone]
    assert loss("First Ford", "South").is_published


def test_a_removed_place_in_a_document_is_reported(tmp_path):
    take_in(tmp_path)
    report = take_in(tmp_path, places=PLACES.splitlines()[0])
    assert [row.kind for row in report.plan.removed] == ["narrative"]


def test_a_refused_row_is_not_reported_as_removed(tmp_path):
    take_in(tmp_path)
    report = take_in(tmp_path, losses=LOSSES.replace("1500", "many"))
    assert report.plan.removed == []
    assert loss("First Ford", "South").value == 1500


def test_what_a_curator_wrote_on_the_same_rows_is_not_the_dataset_s(tmp_path):
    take_in(tmp_path)
    imported = loss("First Ford", "South")
    other = Statement.objects.create(battle=imported.battle, kind="note", text="Mind the zero.")
    [citation] = imported.citations.all()
    Citation.objects.create(
        statement=other, passage=citation.passage, claimant=make_origin("Society of Fords")
    )
    assert take_in(tmp_path).plan.removed == []


def test_documents_held_already_need_not_be_given_again(tmp_path):
    take_in(tmp_path)
    paths = [path for path in write_dataset(tmp_path) if path.name != "annals.txt"]
    report = import_dataset(parse(MAPPING.encode()), paths)
    assert (refusals(report), outcomes(report)) == ([], {Outcome.SAME})


def test_an_origin_that_got_another_slug_is_still_the_same(tmp_path):
    take_in(tmp_path)
    for row in (make_origin("Society of Fords"), Source.objects.get(slug="fords-losses")):
        row.slug = f"{row.slug}-renamed"
        row.save()
    assert outcomes(take_in(tmp_path)) == {Outcome.SAME}


# Refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        (
            "losses",
            LOSSES.replace("30,40", "40,30"),
            "losses.csv, line 4: statement “loss”: the range is reversed: low is 40, high is 30.",
        ),
        (
            "losses",
            LOSSES.replace("1500", "many"),
            "losses.csv, line 3: statement “loss”: value: “many” is no whole number.",
        ),
        (
            "losses",
            LOSSES.replace("0,,", ",,"),
            "losses.csv, line 2: statement “loss”: it gives no number.",
        ),
        (
            "losses",
            LOSSES.replace("1500", "99999999999999999999"),
            "losses.csv, line 3: statement “loss”: value: “99999999999999999999” is no whole "
            "number.",
        ),
        (
            "losses",
            LOSSES + "9,north,1,,\n",
            "losses.csv, line 5: battles.csv has no row “9”.",
        ),
        (
            "battles",
            BATTLES.replace(",north", ",east"),
            "battles.csv, line 2: statement “result”: there is no side of this battle “east”, or "
            "the row that names it was refused.",
        ),
        (
            "places",
            PLACES.replace('"page": 2', '"page": 1'),
            "places.jsonl, line 2: statement “course”: 22 is on page 2, not 1.",
        ),
        (
            "places",
            PLACES.replace('"start": 12', '"start": 13'),
            "places.jsonl, line 1: statement “course”: at 13 to 20 stands “hey met”, not "
            "“they met”.",
        ),
        (
            "places",
            PLACES.replace('"end": 48', '"end": 480'),
            "places.jsonl, line 2: statement “course”: 22 to 480 is not a passage of a text of "
            "71 characters.",
        ),
    ],
)
def test_a_wrong_row_is_refused_by_line_and_reason_and_the_rest_goes_in(
    tmp_path, file, content, said
):
    report = take_in(tmp_path, **{file: content})
    assert refusals(report) == [said]
    assert Battle.objects.filter(name="Second Ford").exists()
    assert Statement.objects.count() >= 7


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('victor = "{winner}"', 'victor = "{winner|nobody}"', "it gives neither victor nor degree"),
        ('parent = "war {war}"', 'parent = "{id}"', "a battle cannot be part of itself"),
        ('printed = "{value}"', 'note_marker = "{side|long}"', "note_marker: Ensure this value"),
        ('counted = "persons"', 'counted = "{side|long}"', "counted: Ensure this value has"),
    ],
)
def test_what_the_database_would_refuse_is_refused_by_row(tmp_path, old, new, said):
    tables = f'[values.nobody]\n"*" = ""\n[values.long]\n"*" = "{"x" * 70}"\n'
    text = MAPPING.replace(old, new, 1) + tables
    report = import_dataset(parse(text.encode()), write_dataset(tmp_path))
    assert any(said in line for line in refusals(report)), refusals(report)


@pytest.mark.parametrize(
    ("latitude", "longitude", "said"),
    [
        ("91", "0", "latitude: “91” is no number of degrees up to 90"),
        ("north", "0", "latitude: “north” is no number of degrees up to 90"),
        ("NaN", "0", "latitude: “NaN” is no number of degrees up to 90"),
        ("1", "", "longitude: “” is no number of degrees up to 180"),
    ],
)
def test_coordinates_that_are_none_are_refused(tmp_path, latitude, longitude, said):
    rule = f"""
[[entity]]
file = "battles"
id = "{{id}}"
kind = "place"
name = "{{name}}"
latitude = "{latitude}"
longitude = "{longitude}"
precision = "point"
gazetteer = "Fords"
"""
    report = import_dataset(parse((MAPPING + rule).encode()), write_dataset(tmp_path))
    assert f"battles.csv, line 2: entity: {said}." in refusals(report)


def test_a_row_whose_once_cannot_be_read_is_refused(tmp_path):
    text = MAPPING.replace('once = "{war}"', 'once = "{war|side}"')
    report = import_dataset(parse(text.encode()), write_dataset(tmp_path))
    assert refusals(report)[0] == (
        "battles.csv, line 2: statement “war”: war is “RIVER WAR II”, which [values.side] does "
        "not list."
    )


def test_strict_takes_nothing_in_if_a_row_is_refused(tmp_path):
    with pytest.raises(ImportFailed, match="1 rows"):
        take_in(tmp_path, losses=LOSSES.replace("1500", "many"), how={"strict": True})
    assert_empty()


def test_statements_of_a_document_that_is_not_here_are_refused(tmp_path):
    paths = [path for path in write_dataset(tmp_path) if path.name != "annals.txt"]
    report = import_dataset(parse(MAPPING.encode()), paths)
    assert refusals(report)[0] == (
        "places.jsonl, line 1: statement “course”: annals.txt was not given and is not held."
    )


def test_a_statement_does_not_move_to_another_battle(tmp_path):
    keyed = MAPPING.replace('key = ["battle", "side"]', 'key = ["side", "value"]')
    mapping = parse(keyed.encode())
    import_dataset(mapping, write_dataset(tmp_path))
    changed = LOSSES.replace("1,south,1500", "2,south,1500")
    report = import_dataset(mapping, write_dataset(tmp_path, losses=changed))
    assert "it now speaks of another battle" in refusals(report)[0]
    assert Statement.objects.get(value=1500).battle.name == "First Ford"


def test_missing_and_unknown_files_are_named(tmp_path):
    paths = write_dataset(tmp_path)[1:]
    (tmp_path / "other.csv").write_text("a,b\n")
    with pytest.raises(Unreadable) as refused:
        import_dataset(parse(MAPPING.encode()), [*paths, tmp_path / "other.csv"])
    assert str(refused.value).splitlines() == [
        "battles.csv: it is missing; give it too.",
        "other.csv: the mapping names these files: annals.txt, battles.csv, losses.csv, "
        "places.jsonl.",
    ]


def test_what_the_database_refuses_leaves_no_battle(tmp_path):
    mapping = parse(MAPPING.encode())
    paths = write_dataset(tmp_path)
    import_dataset(mapping, paths)
    Statement.objects.all().delete()
    Question.objects.all().delete()
    side = Side.objects.get(battle__name="Second Ford")
    Side.objects.create(battle=side.battle, name="Elsewhere")
    Side.objects.filter(pk=side.pk).delete()
    Side.objects.filter(battle=side.battle).update(name="North")
    with pytest.raises(ImportFailed, match="nothing was written"):
        import_dataset(mapping, paths)
    assert not Statement.objects.exists()


def test_publishing_leaves_out_what_cannot_be_and_says_why(tmp_path):
    take_in(tmp_path)
    Citation.objects.filter(statement=loss("First Ford", "South")).update(bearing="context")
    report = take_in(tmp_path, how={"publish": True})
    assert [why for _, why in report.unpublished] == ["none of its citations supports it"]
    assert report.published == 8
    assert loss("First Ford", "South").state == "draft"


def test_a_revision_waiting_for_a_publisher_is_changed_again(tmp_path):
    take_in(tmp_path, how={"publish": True})
    take_in(tmp_path, losses=LOSSES.replace("1500", "1501"))
    take_in(tmp_path, losses=LOSSES.replace("1500", "1502"))
    public = loss("First Ford", "South")
    assert (public.value, public.revision.value) == (1500, 1502)
    publish([public.revision])
    assert loss("First Ford", "South").evidence.passage.quote == "1,south,1502,1200,"
