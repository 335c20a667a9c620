"""Bibliographies into sources: what is known again, what would change, what is written."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from sources.bibliographies.importing import Choices, PlanChanged, carry_out, decoded, plan, read
from sources.models import Contribution, FormerSlug, Source, SourceIdentifier
from tests.builders import make_source

pytestmark = pytest.mark.django_db


def planned(text):
    return plan(read(text))


def outcomes(text):
    return [proposal.outcome for proposal in planned(text).proposals]


def take_in(text, **choices):
    return carry_out(read(text), Choices(**choices))


def make_known(isbn="0-16-035957-0", **values):
    defaults = {"title": "Truce Tent", "issued_edtf": "1992", "publisher": "Center"}
    source = make_source(**defaults | values)
    Contribution.objects.create(source=source, name="Hermes, Walter G.")
    if isbn:
        SourceIdentifier.objects.create(source=source, scheme="isbn", value=isbn)
    return source


HERMES = "@book{h, author={Hermes, Walter G.}, title={Truce Tent}, year={1992}, isbn={%s}}"


# What is known again


@pytest.mark.parametrize("isbn", ["0-16-035957-0", "0160359570", "978-0-16-035957-6"])
def test_a_source_is_known_again_by_any_form_of_its_isbn(isbn):
    source = make_known()
    (proposal,) = planned(HERMES % isbn).proposals
    assert (proposal.outcome, proposal.matched, proposal.known_by) == ("same", [source], "ISBN")


def test_a_source_is_known_again_by_its_doi_in_any_case_and_form():
    source = make_known(isbn="")
    SourceIdentifier.objects.create(source=source, scheme="doi", value="10.1000/AbC")
    (proposal,) = planned("@book{x, title={T}, doi={https://doi.org/10.1000/abc}}").proposals
    assert (proposal.matched, proposal.known_by) == ([source], "DOI")


@pytest.mark.parametrize("title", ["Truce Tent", "TRUCE TENT!", "Trucé-tent", "停戰帳幕"])
def test_a_source_is_known_again_by_title_and_year(title):
    source = make_known(title_original="停戰帳幕")
    (proposal,) = planned(f"@book{{x, title={{{title}}}, year=1992}}").proposals
    assert (proposal.matched, proposal.known_by) == ([source], "title and year")


@pytest.mark.parametrize(
    "entry",
    [
        "@book{x, title={Truce Tent}, year=1993}",
        "@book{x, title={Truce Tent and More}, year=1992}",
        "@book{x, title={Truce Tent}, year=1992, isbn={1-84176-282-2}}",  # another edition
    ],
)
def test_another_year_title_or_isbn_is_another_work(entry):
    make_known()
    assert outcomes(entry) == ["new"]


def test_an_entry_that_fits_several_sources_waits_for_a_person():
    both = [make_known(isbn=""), make_known(isbn="")]
    (proposal,) = planned("@book{x, title={Truce Tent}, year=1992}").proposals
    assert proposal.outcome == "ambiguous"
    assert {row.pk for row in proposal.matched} == {row.pk for row in both}


def test_an_entry_that_stands_twice_in_a_file_is_made_once():
    text = (HERMES % "0-16-035957-0") + "\n" + (HERMES % "0160359570")
    assert outcomes(text) == ["new", "repeats"]
    assert planned(text).proposals[1].repeats.where == "line 1"
    take_in(text)
    assert Source.objects.count() == 1


def test_what_an_entry_leaves_out_it_does_not_deny():
    make_known(volume="3", note="Kept.")
    assert outcomes("@book{x, title={Truce Tent}, isbn={0-16-035957-0}}") == ["same"]


def test_pages_are_the_same_with_a_dash_or_a_hyphen():
    make_known(pages="241–58")
    assert outcomes("@book{x, title={Truce Tent}, isbn={0160359570}, pages={241-58}}") == ["same"]
    assert outcomes("@book{x, title={Truce Tent}, isbn={0160359570}, pages={9}}") == ["differs"]


def test_issue_pages_and_day_of_access_are_kept():
    take_in("@article{x, title={T}, number={2}, pages={1--9}, urldate={2001-01-05}}")
    source = Source.objects.get()
    assert (source.issue, source.pages, str(source.accessed)) == ("2", "1–9", "2001-01-05")


def test_each_field_that_differs_is_shown_with_both_values():
    make_known()
    (proposal,) = planned(
        "@report{h, author={Hermes, Walter}, title={Truce Tent}, institution={Army},"
        " date={1992}, isbn={0160359570; 1-84176-282-2}, edition={2}}"
    ).proposals
    assert proposal.outcome == "differs"
    assert [(d.field, d.stored, d.incoming) for d in proposal.differences] == [
        ("kind", "book", "report"),
        ("edition", "", "2"),
        ("publisher", "Center", "Army"),
        ("contributions", "Hermes, Walter G.", "Hermes, Walter"),
        ("identifiers", "ISBN 0-16-035957-0", "ISBN 1-84176-282-2"),
    ]


# What is written


def test_new_entries_become_drafts_with_names_and_numbers_as_printed():
    take_in(
        '@book{x, author={Xue, Yan and {Military Academy}}, author+an:original={1="徐焰"},'
        ' title={First Confrontation}, title+an:original={="第一次较量"}, year=1990,'
        " isbn={7-5043-0542-2}}"
    )
    source = Source.objects.get()
    assert (source.slug, source.public, source.origin) == ("first-confrontation", False, None)
    assert (source.title_original, source.issued_edtf) == ("第一次较量", "1990")
    assert [(row.name, row.name_original, row.position) for row in source.contributions.all()] == [
        ("Xue, Yan", "徐焰", 1),
        ("Military Academy", "", 2),
    ]
    (number,) = source.identifiers.all()
    assert number.value == "7-5043-0542-2"
    assert "check digit" in number.problem


def test_an_invalid_isbn_is_told_in_the_plan():
    (proposal,) = planned("@book{x, title={T}, isbn={7-5043-0542-2}}").proposals
    assert proposal.remarks == [
        "7-5043-0542-2: not a valid ISBN: its check digit does not fit the others; kept as printed"
    ]


def test_nothing_of_a_known_source_changes_unless_it_was_chosen():
    source = make_known()
    entry = "@book{x, title={Truce Tents}, publisher={Army}, isbn={0160359570}, edition={2}}"
    done = take_in(entry)
    assert (done.made, done.changed) == ([], [])
    done = take_in(entry, taken={1: {"edition"}})
    assert done.changed == [source]
    stored = Source.objects.get()
    assert (stored.title, stored.publisher, stored.edition) == ("Truce Tent", "Center", "2")
    assert stored.version == source.version + 1


def test_names_that_are_taken_keep_the_other_forms_of_those_that_stay():
    source = make_known()
    source.contributions.update(name_original="赫", family_first=True)
    entry = "@book{x, author={Hermes, Walter G. and Berg, Ann}, title={T}, isbn={0160359570}}"
    take_in(entry, taken={1: {"contributions", "title"}})
    rows = Source.objects.get().contributions.all()
    assert [(row.name, row.name_original, row.family_first) for row in rows] == [
        ("Hermes, Walter G.", "赫", True),
        ("Berg, Ann", "", False),
    ]


def test_a_title_in_sentence_case_does_not_outlive_its_title():
    make_known(title_sentence="Truce tent")
    take_in("@book{x, title={Tents}, isbn={0160359570}}", taken={1: {"title"}})
    assert Source.objects.get().title_sentence == ""


def test_an_entry_can_be_left_out_or_made_although_it_is_like_another():
    make_known()
    text = (HERMES % "0160359570").replace("Truce Tent", "Tent") + "@book{y, title={New}}"
    done = take_in(text, made=[1], left_out=[2])
    assert [row.title for row in done.made] == ["Tent"]


def test_a_file_taken_in_twice_changes_nothing_the_second_time():
    text = (
        HERMES
        % "0160359570"
        + "@article{a, author={Berg, Ann}, title={On War}, journal={Wars}, issn={0317-8471},"
        " year=1990, month=jul, volume=3}"
        "@misc{w, title={Page}, url={https://example.org/}, year={ca. 1990}}"
    )
    take_in(text)
    rows = Source.objects.count()
    assert set(outcomes(text)) == {"same"}
    take_in(text)
    assert Source.objects.count() == rows


def test_journals_are_made_once_and_known_again_by_their_issn():
    text = "@article{%s, title={%s}, journal={%s}, issn={0317-8471}, year=1990}"
    first = planned(text % ("a", "A", "War Studies"))
    assert first.proposals[0].remarks == [
        "It stands in “War Studies”, which would be made as a source of its own."
    ]
    take_in(text % ("a", "A", "War Studies") + text % ("b", "B", "War studies"))
    take_in(text % ("c", "C", "War Stud."))
    journal = Source.objects.get(contained_in=None)
    assert journal.title == "War Studies"
    assert [row.value for row in journal.identifiers.all()] == ["0317-8471"]
    assert journal.contents.count() == 3


def test_a_chapter_is_not_put_into_a_book_of_another_year():
    make_source(title="Wars", issued_edtf="1980")
    take_in("@incollection{c, title={On War}, booktitle={Wars}, year=1990}")
    assert Source.objects.get(title="On War").contained_in.issued_edtf == "1990"


def test_a_slug_that_is_or_was_taken_is_not_given_again():
    make_source(slug="on-war")
    FormerSlug.objects.create(
        kind="sources.source", slug="on-war-2", target=make_source(slug="x").pk
    )
    take_in("@book{x, title={On War}}")
    assert Source.objects.filter(slug="on-war-3").exists()


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("@book{x, author={A, B}}", "it has no title"),
        ("@book{x, title={%s}}" % ("t" * 501), "title: "),
        ("@book{x, title={T}, author={%s}}" % ("n" * 201), "name: "),
        ("@book{x, title={T}, url={not an address}}", "url: "),
        ('@book{x, title={T}, title+an:sentence={="Other"}}', "title sentence: "),
    ],
)
def test_an_entry_that_cannot_be_a_source_is_told_and_the_others_are_taken(entry, reason):
    found = planned(f"{entry}\n@book{{good, title={{Good}}}}")
    (lost,) = found.unreadable
    assert (lost.where, lost.key) == ("line 1", "x")
    assert lost.reason.startswith(reason)
    assert [proposal.entry.key for proposal in found.proposals] == ["good"]


def test_nothing_is_written_if_the_archive_changed_after_the_plan():
    source = make_known()
    entry = "@book{x, title={Tents}, isbn={0160359570}}@book{y, title={New}}"
    digest = planned(entry).digest
    source.note = "Changed by another curator."
    source.save()
    with pytest.raises(PlanChanged):
        carry_out(read(entry), Choices(taken={1: {"title"}}), digest)
    assert Source.objects.get().title == "Truce Tent"


def test_an_import_is_all_or_nothing():
    container = make_source(title="Wars", issued_edtf="1990")
    text = "@book{n, title={New}}@book{x, title={Wars}, year=1990, series={S}}"
    part = make_source(title="S", kind="other", contained_in=container)
    with pytest.raises(ValidationError, match="in something that it contains"):
        take_in(text, taken={2: {"contained_in"}})
    assert set(Source.objects.all()) == {container, part}


def test_planning_asks_as_many_questions_for_many_entries_as_for_few(
    django_assert_max_num_queries,
):
    known = [make_known(isbn="", title=f"Title {number}") for number in range(8)]
    text = "".join(f"@book{{k{n}, title={{{s.title}}}, year=1992}}" for n, s in enumerate(known))
    with django_assert_max_num_queries(6):
        assert {proposal.outcome for proposal in planned(text).proposals} == {"same"}


# The command


@pytest.fixture
def file(tmp_path):
    def write(text, name="books.bib"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_the_command_makes_what_is_new_and_reports_what_differs(file, capsys):
    make_known()
    call_command(
        "import_bibliography",
        file("@book{n, title={New}, abstract={9}}@book{h, title={Tents}, isbn={0160359570}}"),
    )
    said = capsys.readouterr().out
    assert "books.bib: 1 new, 1 differs" in said
    assert "no place for abstract: 9" in said
    assert "title: “Truce Tent” here, “Tents”" in said
    assert set(Source.objects.values_list("title", flat=True)) == {"New", "Truce Tent"}


def test_a_dry_run_of_the_command_writes_nothing(file, capsys):
    call_command("import_bibliography", file("@book{n, title={New}}"), "--dry-run")
    assert "1 new" in capsys.readouterr().out
    assert not Source.objects.exists()


def test_the_command_names_what_it_could_not_read_and_fails(file, capsys):
    good, bad = file("@book{n, title={New}}@book{x}"), file("[", "bad.json")
    with pytest.raises(CommandError, match="2 files or entries"):
        call_command("import_bibliography", good, bad)
    said = capsys.readouterr().err
    assert "line 1 x: not read: it has no title" in said
    assert "bad.json: refused. Line 1 is not JSON" in said
    assert Source.objects.get().title == "New"


def test_line_ends_of_every_system_are_one():
    assert decoded(b"a\r\nb\rc\n") == "a\nb\nc\n"
