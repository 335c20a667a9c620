"""Works as lists print them become entries, line by line."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from sources.bibliographies.entry import EntryError
from sources.bibliographies.importing import Choices, carry_out, plan, read
from sources.bibliographies.printed import read_line
from sources.models import Source

LINES = """
  • Odo, Anna; Lund, Bo (2001), Holm, Ida, ed., The War of the Ford, Volume III, Lund, NL: \
University of Lund Press, ISBN\xa0978-0-8032-7795-3\x20
Ford Academy (2000), History of the Ford (河口战史) (in Chinese), Volume II, Beijing: Ford House, \
ISBN 7-80137-390-1
Xue, Yan (徐焰) (1990), First Fords: Reviews, Beijing: Ford House
Bero, Walter G. Fords and Bridges. Washington: Center of Fords, 1992. ISBN 0-16-035957-0.
Odo, Anna, and Carl Bero. Fords: A History. 2nd ed. Lund, NL: Ford Press, 1999.
徐焰：《河口之战》，北京：河口出版社，1990年。
김철수, 『여울목 전투』, 국방출판, 1990.
"""


def told(line: str) -> tuple[dict[str, str], list[tuple[str, str]]]:
    entry = read_line(line)
    values = {name: value for name, value in entry.values.items() if name != "kind"}
    return values, [(name.name, name.role) for name in entry.names]


def test_each_way_of_printing_a_work_is_read():
    lines = [line for line in LINES.split("\n") if line]
    assert [told(line) for line in lines] == [
        (
            {
                "title": "The War of the Ford",
                "volume": "III",
                "place_published": "Lund, NL",
                "publisher": "University of Lund Press",
                "issued_edtf": "2001",
            },
            [("Odo, Anna", "author"), ("Lund, Bo", "author"), ("Holm, Ida", "editor")],
        ),
        (
            {
                "title": "History of the Ford",
                "title_original": "河口战史",
                "language": "zh",
                "volume": "II",
                "place_published": "Beijing",
                "publisher": "Ford House",
                "issued_edtf": "2000",
            },
            [("Ford Academy", "author")],
        ),
        (
            {
                "title": "First Fords: Reviews",
                "place_published": "Beijing",
                "publisher": "Ford House",
                "issued_edtf": "1990",
            },
            [("Xue, Yan", "author")],
        ),
        (
            {
                "title": "Fords and Bridges",
                "place_published": "Washington",
                "publisher": "Center of Fords",
                "issued_edtf": "1992",
            },
            [("Bero, Walter G.", "author")],
        ),
        (
            {
                "title": "Fords: A History",
                "edition": "2nd",
                "place_published": "Lund, NL",
                "publisher": "Ford Press",
                "issued_edtf": "1999",
            },
            [("Odo, Anna", "author"), ("Bero, Carl", "author")],
        ),
        (
            {
                "title": "河口之战",
                "place_published": "北京",
                "publisher": "河口出版社",
                "issued_edtf": "1990",
            },
            [("徐焰", "author")],
        ),
        (
            {"title": "여울목 전투", "publisher": "국방출판", "issued_edtf": "1990"},
            [("김철수", "author")],
        ),
    ]
    assert read_line(lines[0]).identifiers == [("isbn", "978-0-8032-7795-3")]
    assert read_line(lines[2]).names[0].name_original == "徐焰"


@pytest.mark.parametrize("line", ["The army crossed.", "(1990), ", "x" * 3000, "a\0b", "1990"])
def test_a_line_that_is_no_work_says_why(line: str):
    with pytest.raises(EntryError):
        read_line(line)


@given(st.text(max_size=200) | st.lists(st.sampled_from(LINES.split()), max_size=20).map(" ".join))
def test_any_line_is_read_or_refused(line: str):
    for entry in read(f"x\n{line}", "list.txt").entries:
        assert entry.values["title"]


def test_an_address_with_an_at_sign_makes_no_bibtex_of_a_printed_list():
    reading = read(f"{LINES}Asked for at letters@archive.example in 1999.\n", "list.txt")
    assert len(reading.entries) == 7
    assert [row.where for row in reading.unreadable] == ["line 9"]


@pytest.mark.django_db
def test_a_printed_list_is_taken_in_once_and_known_again():
    reading = read(LINES + "no work at all\n", "list.txt")
    assert [row.where for row in reading.unreadable] == ["line 9"]
    done = carry_out(reading, Choices())
    assert len(done.made) == 7
    again = plan(read(LINES, "list.txt"))
    assert {proposal.outcome for proposal in again.proposals} == {"same"}


@pytest.mark.django_db
def test_works_sent_by_another_page_are_previewed_and_nothing_is_written():
    user = User.objects.create_user("curator", password="ford-and-river", is_staff=True)
    user.groups.add(Group.objects.get(name="Curator"))
    client = Client()
    client.force_login(user)
    where = reverse("admin:sources_source_bibliography")
    page = client.post(where, {"text": LINES, "name": "fords.txt"})
    assert page.status_code == 200
    assert len(page.context["new"]) == 7
    assert not Source.objects.exists()
    unreadable = client.post(where, {"text": "nothing", "name": "fords"})
    assert "It is neither BibTeX" in unreadable.content.decode()
