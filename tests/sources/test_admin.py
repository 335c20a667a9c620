"""Sources, documents and passages in the curators' admin."""

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client
from django.urls import reverse

from sources.ingest import IngestError
from sources.models import (
    Contribution,
    Derivation,
    Document,
    FormerSlug,
    Origin,
    Passage,
    Source,
    SourceIdentifier,
    Text,
)
from tests.admin_forms import act, address, conflict_told, filled, save, text_of
from tests.builders import (
    CHRONICLE,
    make_document,
    make_locator,
    make_origin,
    make_passage,
    make_published,
    make_source,
)
from tests.sample_files import PICTURE, pdf

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator() -> Client:
    user = User.objects.create_user("curator", password="ford-and-river", is_staff=True)
    user.groups.add(Group.objects.get(name="Curator"))
    client = Client()
    client.force_login(user)
    return client


# Passages ---------------------------------------------------------------------------------------


def test_a_passage_is_made_from_a_pasted_quote(curator: Client):
    document = make_document()
    save(curator, address(Passage, "add"), document=document.pk, words="2,689\xa0killed")
    passage = Passage.objects.get()
    assert (passage.quote, passage.source) == ("2,689 killed", document.source)


def test_a_passage_is_made_from_offsets(curator: Client):
    document = make_document()
    where = address(Passage, "add")
    page = save(curator, where, document=document.pk, start=9000, end=9001)
    assert f"which has {len(CHRONICLE)} characters" in text_of(page)
    save(curator, where, document=document.pk, start=4, end=13)
    assert Passage.objects.get().quote == "Chronicle"


def test_a_passage_is_made_from_a_locator_alone(curator: Client):
    source = make_source()
    save(curator, address(Passage, "add"), source=source.pk, locator="p. 12")
    assert Passage.objects.get().locator == "p. 12"


def test_a_place_among_several_is_chosen_with_its_page(curator: Client):
    text = "\f".join(f"On page {number} the ford was crossed." for number in (1, 2, 3))
    document = make_document(text)
    where, words = address(Passage, "add"), "the ford was crossed"
    page = save(curator, where, document=document.pk, words=words)
    assert "These words stand at 3 places in the document." in text_of(page)
    assert "(page 3 of 3)" in text_of(page)
    start = text.rindex(words)
    save(
        curator,
        where,
        document=document.pk,
        words=words,
        place=f"{start}-{start + len(words)}",
    )
    assert Passage.objects.get().start == start


def test_words_that_stand_everywhere_are_to_be_quoted_with_more(curator: Client):
    document = make_document("again and " * 21)
    page = save(curator, address(Passage, "add"), document=document.pk, words="again")
    assert "These words stand at 21 places in the document. Quote more" in text_of(page)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Choose a document, or a source and a locator."),
        ({"words": "2,689 killed"}, "Choose the document that says this."),
        ({"locator": "p. 12"}, "Choose the source that this locates."),
        ({"document": "6a9b9a5e-0000-4000-8000-000000000000"}, "Select a valid choice"),
    ],
)
def test_a_passage_of_nothing_is_refused_with_one_reason(
    curator: Client, typed: dict[str, str], said: str
):
    page = save(curator, address(Passage, "add"), **typed)
    assert said in text_of(page)
    errors = page.context["adminform"].form.errors
    assert sum(len(messages) for messages in errors.values()) == 1, errors
    assert not Passage.objects.exists()


def test_a_passage_that_is_known_is_not_made_again(curator: Client):
    passage = make_passage()
    page = save(
        curator, address(Passage, "add"), document=passage.document.pk, words="2,689 killed"
    )
    assert "This passage is known already" in text_of(page)
    assert Passage.objects.get() == passage


def test_a_passage_reads_in_its_context_and_is_glossed(curator: Client):
    passage = make_passage("32,253")
    page = text_of(curator.get(address(passage)))
    assert "Southern sources: <mark>32,253</mark>." in page
    assert address(passage.document) in page
    save(
        curator,
        address(passage),
        glosses__TOTAL_FORMS=1,
        glosses__0__kind="translation",
        glosses__0__language="en",
        glosses__0__text="Some thirty thousand.",
        glosses__0__by="A curator",
    )
    assert passage.glosses.get().text == "Some thirty thousand."


def test_the_words_of_a_document_are_shown_as_text_alone(curator: Client):
    document = make_document("<script>alert(1)</script> 2,689 killed")
    passage = make_passage(document=document)
    for row in (passage, document.text):
        page = text_of(curator.get(address(row)))
        assert "&lt;script&gt;alert(1)" in page
        assert "<script>alert(1)" not in page


# Safe saves -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["source", "battle", "passage"])
def test_a_stale_save_is_refused_with_both_texts(curator: Client, kind: str):
    from tests.builders import make_battle

    row, field = {
        "source": lambda: (make_source(), "title"),
        "battle": lambda: (make_battle(), "name"),
        "passage": lambda: (make_locator(), "locator"),
    }[kind]()
    where = address(row)
    loaded = filled(curator.get(where))
    save(curator, where, **{field: "Theirs"})
    page = curator.post(where, loaded | {field: "Mine"})
    assert list(conflict_told(page).values()) == [("Theirs", "Mine")]
    assert 'value="Mine"' in text_of(page)
    row.refresh_from_db()
    assert getattr(row, field) == "Theirs"


def test_a_choice_that_differs_is_told_by_its_label(curator: Client):
    source, press = make_source(), make_origin("Southern Press")
    where = address(source)
    loaded = filled(curator.get(where))
    save(curator, where, kind="article", origin=press.pk)
    assert conflict_told(curator.post(where, loaded | {"rights": "unknown"})) == {
        "Kind": ("article", "book"),
        "Origin": ("Southern Press", "Chroniclers"),
        "Rights": ("public domain", "not known"),
    }


def test_what_stands_below_a_stale_form_is_not_saved_either(curator: Client):
    source = make_source()
    where = address(source)
    loaded = filled(curator.get(where))
    save(curator, where, title="Theirs")
    below = {"TOTAL_FORMS": "1", "0-name": "Anon.", "0-role": "author", "0-position": "1"}
    curator.post(where, loaded | {f"contributions-{name}": below[name] for name in below})
    assert not Contribution.objects.exists()


def test_a_source_deleted_meanwhile_gives_back_what_was_typed(curator: Client):
    source = make_source()
    where = address(source)
    loaded = filled(curator.get(where))
    source.delete()
    page = curator.post(where, loaded | {"title": "A long title that took thought"})
    assert page.status_code == 409
    assert "was deleted while you were editing it. Nothing was saved." in text_of(page)
    assert "A long title that took thought" in text_of(page)
    nowhere = f"{address(Source, 'changelist')}nonsense/change/"
    assert curator.post(nowhere, loaded).status_code == 409


# Sources ----------------------------------------------------------------------------------------


def test_a_source_is_made_with_all_that_describes_it(curator: Client):
    origin, basis = make_origin(), make_source(title="An older chronicle")
    save(
        curator,
        address(Source, "add"),
        title="Chronicle of the Ford",
        slug="chronicle-of-the-ford",
        kind="book",
        origin=origin.pk,
        rights="public_domain",
        proximity="contemporary",
        issued_edtf="1453",
        contributions__TOTAL_FORMS=1,
        contributions__0__name="Anon.",
        contributions__0__role="author",
        contributions__0__position=1,
        identifiers__TOTAL_FORMS=1,
        identifiers__0__scheme="oclc",
        identifiers__0__value="123",
        derivations__TOTAL_FORMS=1,
        derivations__0__derives_from=basis.pk,
    )
    source = Source.objects.get(slug="chronicle-of-the-ford")
    assert source.issued_earliest is not None
    assert Contribution.objects.get().source == source
    assert SourceIdentifier.objects.get().source == source
    assert Derivation.objects.get().derives_from == basis


def test_a_changed_slug_leaves_a_former_one_that_is_not_given_again(curator: Client):
    source = make_source(slug="chronicle")
    save(curator, address(source), slug="chronicle-of-the-ford")
    assert FormerSlug.objects.get().slug == "chronicle"
    page = save(curator, address(make_source(slug="other")), slug="chronicle")
    assert "once named another row" in text_of(page)


@pytest.mark.parametrize("model", [Document, Text, FormerSlug])
def test_what_never_changes_has_no_form(curator: Client, model: type):
    source = make_document().source
    source.slug = "renamed"
    source.save()
    row = model.objects.get()
    page = text_of(curator.get(address(row)))
    assert 'name="_save"' not in page
    assert curator.get(address(model, "add")).status_code == 403
    assert curator.post(address(row), {}).status_code == 403
    assert curator.post(address(row, "delete"), {"post": "yes"}).status_code == 403
    act(curator, model, "delete_selected", [row], post="yes")
    assert model.objects.exists()


def test_an_origin_that_sources_speak_for_is_kept(curator: Client):
    source = make_source()
    page = act(curator, Origin, "delete_selected", [source.origin], post="yes")
    assert "once nothing that is listed here belongs to it or rests on it" in text_of(page)
    assert f'href="{address(source)}"' in text_of(page)
    assert Origin.objects.exists()


# Uploads ----------------------------------------------------------------------------------------


def upload(client: Client, source: Source, content: bytes, name: str, charset: str = "") -> object:
    file = SimpleUploadedFile(name, content)
    return client.post(address(source, "upload"), {"file": file, "charset": charset}, follow=True)


def test_an_uploaded_file_becomes_the_sources_next_version(curator: Client):
    source = make_source()
    assert address(source, "upload") in text_of(curator.get(address(source)))
    assert curator.get(address(source, "upload")).status_code == 200
    page = upload(curator, source, CHRONICLE.encode(), "ford.txt")
    assert "Version 1 of “Chronicle of the Ford” was made" in text_of(page)
    document = source.documents.get()
    assert (document.text.content, document.file.name) == (CHRONICLE, "ford.txt")
    page = upload(curator, source, CHRONICLE.encode(), "ford.txt")
    assert "held here already" in text_of(page)
    assert source.documents.count() == 1


def test_an_uploaded_new_version_tells_what_became_of_earlier_passages(curator: Client):
    source = make_source()
    upload(curator, source, CHRONICLE.encode(), "ford.txt")
    make_passage("2,689 killed", document=source.documents.get())
    page = upload(curator, source, b"Quite another book, about another ford.", "ford-2.txt")
    assert "Version 2" in text_of(page)
    assert "1 lost. Nothing was re-pointed." in text_of(page)
    assert address(Passage.objects.get()) in text_of(page)


@pytest.mark.parametrize(
    ("content", "name", "charset", "said"),
    [
        (b"A ford.", "ford.txt", "klingon", "“klingon” is not a known character set."),
        (b"A \0 ford.", "ford.txt", "", "NUL"),
        (b"", "ford.txt", "", "The file holds no words."),
        (b"\xff\xfe\xfa", "ford.txt", "utf-8", "is not utf-8"),
        (
            b"PK",
            "ford.zip",
            "",
            "the type application/zip cannot be read; plain text, HTML",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_plain_words(
    curator: Client, content: bytes, name: str, charset: str, said: str
):
    source = make_source()
    page = upload(curator, source, content, name, charset)
    assert page.status_code == 200
    assert "errorlist" in text_of(page)
    assert said in text_of(page)
    assert not source.documents.exists()


def test_several_files_have_a_line_each_in_a_report(curator: Client):
    files = [
        SimpleUploadedFile("dawn.pdf", pdf([["At dawn."]])),
        SimpleUploadedFile("dusk.docx", b"PK\x03\x04 broken"),
        SimpleUploadedFile("scan.pdf", pdf([PICTURE])),
    ]
    where = reverse("admin:sources_source_upload_new")
    assert where in text_of(curator.get(address(Source, "changelist")))
    page = text_of(curator.post(where, {"file": files}))
    assert "2 of 3 files are held here now" in page
    assert "New source: <a" in page
    assert "<strong>Refused.</strong> The archive is damaged or cut short" in page
    assert "<td>Its one page has no text: they are pictures, it seems.</td>" in page
    assert sorted(Source.objects.values_list("slug", flat=True)) == ["dawn", "scan"]


def test_several_files_become_versions_in_their_order(curator: Client):
    source = make_source()
    files = [SimpleUploadedFile(f"{name}.txt", name.encode()) for name in ("one", "two")]
    page = text_of(curator.post(address(source, "upload"), {"file": files}))
    assert "2 of 2 files are held here now" in page
    names = source.documents.order_by("number").values_list("number", "file__name")
    assert list(names) == [(1, "one.txt"), (2, "two.txt")]


def test_a_folder_is_taken_in_without_what_is_hidden_in_it(curator: Client):
    where = reverse("admin:sources_source_upload_new")
    page = curator.get(where)
    assert "webkitdirectory" in text_of(page)
    files = [SimpleUploadedFile(name, name.encode()) for name in ("a.txt", ".DS_Store", "b.txt")]
    beside = SimpleUploadedFile("empty.txt", b"")
    page = text_of(curator.post(where, {"folder": files, "file": beside}))
    assert "2 of 3 files are held here now" in page
    assert "<strong>Refused.</strong> The file holds no words." in page
    assert ".DS_Store" not in page
    assert sorted(Source.objects.values_list("slug", flat=True)) == ["a", "b"]


@pytest.mark.parametrize("files", [{}, {"folder": SimpleUploadedFile(".hidden", b"At dawn.")}])
def test_an_upload_of_nothing_asks_for_a_file(curator: Client, files: dict[str, object]):
    page = curator.post(reverse("admin:sources_source_upload_new"), {"charset": "", **files})
    assert "Choose a file at least, or a folder that holds one." in text_of(page)


def test_the_script_is_answered_with_the_row_of_its_file_alone(curator: Client):
    where = reverse("admin:sources_source_upload_new")
    by_script = {"X-Requested-With": "XMLHttpRequest"}

    def send(name: str, content: bytes, **fields: str) -> str:
        data = {"file": SimpleUploadedFile(name, content), **fields}
        return text_of(curator.post(where, data, headers=by_script)).strip()

    row = send("dawn.txt", b"At dawn.")
    assert row.startswith('<tr data-outcome="held"> <th scope="row">dawn.txt</th>')
    assert "New source: <a" in row
    assert row.endswith("</tr>")
    row = send("broken.pdf", b"no")
    assert row.startswith('<tr data-outcome="refused">')
    assert "<strong>Refused.</strong> Its name says PDF" in row
    assert "at most 40 characters" in send("dusk.txt", b"At dusk.", charset="x" * 41)
    assert Source.objects.get().slug == "dawn"


def test_no_upload_is_held_in_memory(curator: Client, monkeypatch: pytest.MonkeyPatch):
    kinds = []

    def keep(upload: object, *args: object, **kwargs: object) -> None:
        kinds.append(type(upload))
        raise IngestError("Not now.")

    monkeypatch.setattr("sources.ingest.ingest_upload", keep)
    upload(curator, make_source(), b"A small file.", "small.txt")
    assert kinds == [TemporaryUploadedFile]


def test_more_files_than_go_at_once_are_refused_with_the_number(curator: Client):
    files = [SimpleUploadedFile(f"{number}.txt", b"At dawn.") for number in range(101)]
    page = curator.post(reverse("admin:sources_source_upload_new"), {"folder": files})
    assert page.status_code == 400
    assert "More than 100 files came at once, and none was taken in." in text_of(page)
    assert not Source.objects.exists()


def test_a_scan_offers_to_attach_a_transcription(curator: Client):
    source = make_source()
    page = upload(curator, source, pdf([PICTURE] * 2), "scan.pdf")
    assert "was made, without text" in text_of(page)
    assert "None of its 2 pages has text" in text_of(page)
    scan = source.documents.get()
    offered = f"{address(source, 'upload')}?transcribes={scan.pk}"
    assert offered in text_of(curator.get(address(scan)))
    form = curator.get(offered).context["form"]
    assert form["transcribes"].value() == str(scan.pk)
    words = SimpleUploadedFile("words.txt", b"At dawn.")
    curator.post(address(source, "upload"), {"file": words, "transcribes": scan.pk})
    assert source.documents.get(number=2).transcribes == scan
    assert "v1 (no text)" in text_of(curator.get(address(source.documents.get(number=2))))
    several = [SimpleUploadedFile(name, b"At dusk.") for name in ("a.txt", "b.txt")]
    page = curator.post(address(source, "upload"), {"file": several, "transcribes": scan.pk})
    assert "A transcription is one file." in text_of(page)


def test_a_document_that_has_its_text_is_not_offered_for_transcription(curator: Client):
    source = make_document().source
    assert "transcribes" not in curator.get(address(source, "upload")).context["form"].fields


@pytest.mark.parametrize(
    ("text", "found"),
    [("whole", ["whole"]), ("part", ["part"]), ("none", ["none"])],
)
def test_documents_are_listed_by_whether_their_text_is_whole(
    curator: Client, text: str, found: list[str]
):
    make_document("Whole.", source=make_source(title="whole"))
    make_document("Part.", source=make_source(title="part"), lacks="Page 2.")
    make_document("", source=make_source(title="none"), lacks="All.")
    page = curator.get(address(Document, "changelist"), {"text": text})
    assert [row.source.title for row in page.context["cl"].result_list] == found


def test_a_file_is_read_again_with_todays_extractor(curator: Client):
    source = make_source()
    upload(curator, source, CHRONICLE.encode(), "ford.txt")
    document = source.documents.get()
    where = address(document, "read_again")
    assert where in text_of(curator.get(address(document)))
    assert "version 1" in text_of(curator.get(where))
    page = curator.post(where, follow=True)
    assert "It reads the same as version 1; nothing was added." in text_of(page)
    Document._base_manager.update(text_sha256="0" * 64, extractor_version="0")
    make_passage("2,689 killed", document=document)
    page = curator.post(where, follow=True)
    assert "Version 2 of “Chronicle of the Ford” was made." in text_of(page)
    assert "1 same. Nothing was re-pointed." in text_of(page)
    assert source.documents.count() == 2


def test_a_file_that_is_not_held_cannot_be_read_again(curator: Client):
    document = make_document(held=False)
    assert address(document, "read_again") not in text_of(curator.get(address(document)))
    page = curator.post(address(document, "read_again"), follow=True)
    assert "It could not be read again. Its file is not held here." in text_of(page)


def test_reading_again_needs_the_right_to_change_sources(curator: Client):
    document = make_document()
    User.objects.create_user("reader", password="ford-and-river", is_staff=True)
    client = Client()
    client.login(username="reader", password="ford-and-river")
    assert client.post(address(document, "read_again")).status_code == 403
    assert client.get(reverse("admin:sources_source_upload_new")).status_code == 403


def test_uploading_needs_the_right_to_change_sources(curator: Client):
    source = make_source()
    User.objects.create_user("reader", password="ford-and-river", is_staff=True)
    client = Client()
    assert client.get(address(source, "upload")).status_code == 302
    client.login(username="reader", password="ford-and-river")
    assert client.get(address(source, "upload")).status_code == 403
    nowhere = address(source, "upload").replace(str(source.pk), "nonsense")
    assert curator.get(nowhere).status_code == 302


def test_public_rows_link_to_the_site(curator: Client):
    passage = make_published().evidence.passage
    document = passage.document
    for row, shown in (
        (passage.source, True),
        (passage.source.origin, True),
        (document, True),
        (make_source(), False),
        (make_document("Another."), False),
    ):
        assert ("viewsitelink" in text_of(curator.get(address(row)))) is shown
