"""The admin page that takes in a bibliography."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from sources.models import Source, SourceIdentifier
from tests.admin_forms import address, text_of
from tests.builders import make_source

pytestmark = pytest.mark.django_db

HERE = "/admin/sources/source/bibliography/"


@pytest.fixture
def curator() -> Client:
    user = User.objects.create_user("curator", password="ford-and-river", is_staff=True)
    user.groups.add(Group.objects.get(name="Curator"))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def known() -> Source:
    source = make_source(title="Truce Tent", publisher="Center", slug="truce-tent")
    SourceIdentifier.objects.create(source=source, scheme="isbn", value="0-16-035957-0")
    return source


TEXT = """
@book{new, title={New & <b>Bold</b>}, author={Berg, Ann}, eid={e7}, isbn={0-16-035957-1}}
@book{known, title={Truce Tents}, publisher={Army}, isbn={0160359570}}
@book{lost, author={Berg, Ann}}
"""


def preview(client, text=TEXT, name="books.bib"):
    upload = SimpleUploadedFile(name, text.encode() if isinstance(text, str) else text)
    return client.post(HERE, {"file": upload})


def posted(page) -> dict:
    """Return what a browser sends if nothing is ticked."""
    return {name: page.context[name] for name in ("text", "name")} | {
        "digest": page.context["plan"].digest
    }


def test_the_list_of_sources_leads_to_the_page(curator):
    assert f'href="{HERE}"' in curator.get(address(Source, "changelist")).content.decode()
    assert reverse("admin:sources_source_bibliography") == HERE


def test_a_preview_writes_nothing_and_shows_all_there_is(curator, known):
    page = preview(curator)
    said = text_of(page)
    assert "New: 1" in said
    assert "New &amp; &lt;b&gt;Bold&lt;/b&gt;" in said
    assert "0-16-035957-1: not a valid ISBN: its check digit does not fit" in said
    assert "The archive has no place for: eid “e7”" in said
    assert "Here already, and different: 1" in said
    assert "Take “Army”" in said
    assert "Could not be read: 1" in said
    assert re.search(r"lost</b>, line 4: it has no title", said)
    assert Source.objects.count() == 1


def test_what_was_chosen_is_written_and_nothing_else(curator, known):
    page = preview(curator)
    answer = curator.post(HERE, posted(page) | {"take": ["2:publisher"]}, follow=True)
    assert "New sources: 1. Changed sources: 1." in text_of(answer)
    known.refresh_from_db()
    assert (known.title, known.publisher) == ("Truce Tent", "Army")
    assert Source.objects.get(title__startswith="New").contributions.get().name == "Berg, Ann"


def test_an_entry_that_is_left_out_is_not_made(curator, known):
    page = preview(curator)
    curator.post(HERE, posted(page) | {"leave": ["1"]})
    assert Source.objects.get() == known


def test_a_change_by_another_curator_is_not_written_over(curator, known):
    page = preview(curator)
    known.publisher = "Another"
    known.save()
    answer = curator.post(HERE, posted(page) | {"take": ["2:publisher"]})
    assert answer.status_code == 409
    assert "no longer as the preview showed it, so nothing was written" in text_of(answer)
    assert "<td>Another</td>" in text_of(answer)
    known.refresh_from_db()
    assert known.publisher == "Another"
    assert Source.objects.count() == 1


def test_a_break_of_a_rule_is_told_and_nothing_is_written(curator):
    whole = make_source(title="Wars", issued_edtf="1990")
    make_source(title="S", kind="other", contained_in=whole)
    page = preview(curator, "@book{n, title={N}}@book{x, title={Wars}, year=1990, series={S}}")
    answer = curator.post(HERE, posted(page) | {"take": ["2:contained_in"]})
    assert "in something that it contains. Nothing was written." in text_of(answer)
    assert Source.objects.count() == 2


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        (b"caf\xe9", "x.bib", "It is not UTF-8"),
        (b"x" * 1_000_001, "x.bib", "Split the file."),
        (b"nothing", "x.list", "It is neither BibTeX"),
        (b"[", "x.json", "Line 1 is not JSON"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(curator, text, name, said):
    assert said in text_of(preview(curator, text, name))


@pytest.mark.parametrize(
    "wrong",
    [{"text": ""}, {"digest": ""}, {"digest": "x"}, {"take": ["x", "99:title"]}, {"text": "\0"}],
)
def test_a_forged_form_writes_nothing_and_breaks_nothing(curator, known, wrong):
    page = preview(curator)
    answer = curator.post(HERE, posted(page) | {"leave": ["1"]} | wrong)
    assert answer.status_code in (200, 302, 409)
    known.refresh_from_db()
    assert (known.title, known.version) == ("Truce Tent", 1)
    assert Source.objects.count() == 1


def test_who_may_not_add_sources_is_refused(client):
    user = User.objects.create_user("reader", password="ford-and-river", is_staff=True)
    client.force_login(user)
    assert client.get(HERE).status_code == 403
    assert preview(client).status_code == 403
