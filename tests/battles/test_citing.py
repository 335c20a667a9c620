"""How one edition of a page is cited, in each style."""

from datetime import UTC, datetime

import pytest

from battles.citing import PageCitations
from battles.publication import withdraw
from tests.builders import make_battle, make_published
from tests.reading import Page


def cited(title="Battle of the Ford", month=7):
    return PageCitations(
        title=title,
        edition=3,
        at=datetime(2024, month, 9, 23, 59, tzinfo=UTC),
        address="https://archive.example/battles/the-ford/editions/3/",
        key="the-ford-3",
    )


def test_chicago():
    # 18th edition, 14.104: title in quotation marks, site, date, address.
    assert cited().chicago == (
        "“Battle of the Ford.” Battle History Archive. Edition 3, July 9, 2024. "
        "https://archive.example/battles/the-ford/editions/3/."
    )


def test_apa():
    # 7th edition, 10.3 (an entry without author, in a version that is kept): title, date, work.
    assert cited().apa == (
        "Battle of the Ford (Edition 3). (2024, July 9). In <i>Battle History Archive</i>. "
        "https://archive.example/battles/the-ford/editions/3/"
    )


@pytest.mark.parametrize(
    ("month", "words"),
    [(7, "9 July 2024"), (5, "9 May 2024"), (9, "9 Sept. 2024"), (11, "9 Nov. 2024")],
)
def test_mla(month, words):
    # 9th edition: day before month, months of more than four letters shortened, no https://.
    assert cited(month=month).mla == (
        f"“Battle of the Ford.” <i>Battle History Archive</i>, edition 3, {words}, "
        "archive.example/battles/the-ford/editions/3/."
    )


def test_bibtex():
    assert cited("100% of $5 & #1_a {b} \\ ~^").bibtex == (
        "@misc{the-ford-3,\n"
        "  title = {{100\\% of \\$5 \\& \\#1\\_a {\\textbraceleft}b{\\textbraceright} "
        "{\\textbackslash} {\\textasciitilde}{\\textasciicircum}}},\n"
        "  howpublished = {Battle History Archive},\n"
        "  note = {Edition 3},\n"
        "  year = {2024},\n"
        "  month = {9~July},\n"
        "  url = {https://archive.example/battles/the-ford/editions/3/},\n"
        "}"
    )


def test_a_title_is_never_markup_and_ends_once():
    assert "“&lt;b&gt;Who won?” Battle" in cited("<b>Who won?").chicago
    assert "“The ‘Ford’ Fight.” Battle" in cited("The “Ford” Fight").chicago
    assert "&lt;b&gt;" in cited("<b>").apa
    assert "&lt;b&gt;" in cited("<b>").mla


@pytest.mark.django_db
def test_the_page_cites_its_edition_by_an_address_that_keeps_it(client, settings):
    settings.SITE_URL = "https://archive.example"
    battle = make_battle(slug="the-ford")
    make_published(battle=battle)
    withdraw([make_published(battle=battle)], "No.")
    page = Page(client.get("/battles/the-ford/"))
    assert "https://archive.example/battles/the-ford/editions/3/" in page.words
    assert "@misc{the-ford-3," in page.words
    kept = Page(client.get("/battles/the-ford/editions/1/"))
    assert "https://archive.example/battles/the-ford/editions/1/" in kept.words
    assert "editions/3/" not in kept.words


# The licence of the archive's words, and whom to tell of an error


@pytest.fixture
def pages(client, db):
    statement = make_published(battle=make_battle(slug="the-ford"))

    def read():
        addresses = ("/battles/the-ford/", statement.get_absolute_url(), "/about/")
        return [Page(client.get(address)) for address in addresses]

    return read


def test_a_licence_that_nobody_stated_is_said_to_be_not_stated(pages):
    for page in pages():
        assert "may be used is not stated" in page.words


def test_the_licence_is_named_and_linked(pages, settings):
    settings.CONTENT_LICENCE = "CC BY 4.0"
    assert "may be used under CC BY 4.0." in pages()[0].words
    settings.CONTENT_LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
    for page in pages():
        assert "https://creativecommons.org/licenses/by/4.0/" in page.links


def test_a_report_by_mail_brings_the_address_of_the_page(pages, settings):
    settings.SITE_URL, settings.CONTACT = "https://archive.example", "desk+1@archive.example"
    battle, statement, _ = pages()
    start = "mailto:desk%2B1@archive.example?subject=An%20error%20in%20the%20archive&body="
    wanted = "https%3A%2F%2Farchive.example%2Fbattles%2Fthe-ford%2Feditions%2F1%2F"
    assert f"{start}{wanted}" in battle.links
    assert any(
        link.startswith(f"{start}https%3A%2F%2Farchive.example%2Fstatements%2F")
        for link in statement.links
    )
    assert "https://archive.example/statements/" in statement.words


def test_a_report_by_a_form_shows_the_address_to_give(pages, settings):
    settings.CONTACT = "https://archive.example/report?to=desk@archive.example"
    for page in pages():
        assert "https://archive.example/report?to=desk@archive.example" in page.links


def test_without_a_contact_the_page_still_says_what_to_do(pages):
    for page in pages():
        assert "tell whoever runs this copy of the archive" in page.words
