"""Seeing a battle as its visitors will: for curators alone, plainly marked, kept nowhere."""

import re

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from battles.models import Battle, Statement
from battles.publication import open_revision
from sources.models import Source
from tests.admin_forms import address, text_of
from tests.builders import (
    cite,
    make_battle,
    make_entity,
    make_locator,
    make_origin,
    make_passage,
    make_published,
    make_question,
    make_source,
    make_statement,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def curator(client: Client) -> Client:
    user = User.objects.create_user("curator", is_staff=True)
    user.groups.add(Group.objects.get(name="Curator"))
    client.force_login(user)
    return client


@pytest.fixture
def battle() -> Battle:
    return make_battle()


def preview(battle: Battle, **query: str) -> str:
    return reverse("admin:battles_battle_preview", args=[battle.pk], query=query)


def test_it_shows_drafts_in_their_places_and_says_what_each_is(curator: Client, battle: Battle):
    make_published(battle=battle, text="The army crossed.")
    cite(make_statement(battle=battle, text="A draft sentence."))
    cite(make_statement("name", battle=battle, text="Ford Fight", state="in_review"))
    page = text_of(curator.get(preview(battle)))
    assert "The army crossed." in page
    assert re.search(r'A draft sentence\..*?<span class="unpublished">draft</span>', page)
    assert re.search(r'Ford Fight.*?<span class="unpublished">in review</span>', page)
    assert page.count('class="unpublished"') == 2
    assert "as it would be with 2 unpublished statements" in page


def test_it_can_show_what_is_in_review_alone(curator: Client, battle: Battle):
    cite(make_statement(battle=battle, text="A draft sentence."))
    cite(make_statement(battle=battle, text="A reviewed sentence.", state="in_review"))
    page = text_of(curator.get(preview(battle, **{"with": "in-review"})))
    assert "A reviewed sentence." in page
    assert "A draft sentence." not in page
    assert curator.get(preview(battle, **{"with": "everything"})).status_code == 404


def test_a_revision_stands_in_the_place_of_what_it_revises(curator: Client, battle: Battle):
    public = make_published(battle=battle, text="The army crossed.")
    revision = open_revision(public)
    revision.text = "The army crossed twice."
    revision.save()
    page = text_of(curator.get(preview(battle)))
    assert "The army crossed twice." in page
    assert "The army crossed." not in page
    assert '<span class="unpublished">revision draft</span>' in page
    only = text_of(curator.get(preview(battle, **{"with": "in-review"})))
    assert "The army crossed." in only


def test_what_nothing_supports_is_left_out_and_counted(curator: Client, battle: Battle):
    make_statement(battle=battle, text="An uncited sentence.")
    cite(make_statement(battle=battle, text="A disputed sentence."), bearing="disputes")
    page = text_of(curator.get(preview(battle)))
    assert "An uncited sentence." not in page
    assert "A disputed sentence." not in page
    assert "2 drafts are left out, since nothing supports them." in page
    assert "Nothing would be published here." in page


def test_it_says_where_accounts_will_differ(curator: Client, battle: Battle):
    question = make_question(battle=battle)
    make_published(battle=battle, question=question)
    page = curator.get(preview(battle)).content.decode()
    assert "Where accounts differ" not in page
    passage = make_passage(document=None)
    rival = make_statement(battle=battle, question=question, text="Others had them.")
    cite(rival, passage, claimant=make_origin("Others"))
    page = curator.get(preview(battle)).content.decode()
    assert "Where accounts differ" in page


def test_its_links_lead_to_the_admin_and_never_to_what_readers_cannot_open(
    curator: Client, battle: Battle
):
    place = make_entity("Ford", "place")
    source = make_source(origin=make_origin("Nobody heard yet"))
    named = make_source(title="A lost book")
    one, two = (
        make_statement("place", battle=battle, place=place),
        make_statement("part_of", battle=battle, parent=make_battle("War", scale="war")),
    )
    located = cite(one, make_locator(source=source), named_source=named)
    quoted = cite(two)
    page = curator.get(preview(battle)).content.decode()
    content = page[page.index("<main") : page.index("</main>")]
    links = set(re.findall(r'href="(/[^"#]*)', content))
    assert links
    assert all(link.startswith("/admin/") for link in links)
    for link in links:
        assert curator.get(link).status_code == 200, link
    assert address(place) in links
    assert address(source) in links
    assert preview(two.parent) in links
    assert address(located.passage) in links
    document = quoted.passage.document
    assert f"{address(document, 'change')}" not in links
    assert reverse("admin:battles_statement_read", args=[document.pk]) in links


def test_a_source_without_an_origin_can_be_previewed(curator: Client, battle: Battle):
    source = make_source(origin=None)
    cite(make_statement(battle=battle), make_locator(source=source), claimant=make_origin())
    page = text_of(curator.get(preview(battle)))
    assert "None" not in page
    assert Source.objects.get().origin is None


def test_it_is_kept_by_nobody_and_found_by_nobody(curator: Client, battle: Battle):
    cite(make_statement(battle=battle))
    answer = curator.get(preview(battle))
    assert "no-store" in answer["Cache-Control"]
    assert "public" not in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex"
    page = answer.content.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in page
    assert 'rel="canonical"' not in page
    assert "application/ld+json" not in page


def test_a_preview_changes_nothing_that_readers_see(curator: Client, battle: Battle):
    draft = make_statement(battle=battle, text="A draft sentence.")
    cite(draft)
    curator.get(preview(battle))
    assert Client().get(battle.get_absolute_url()).status_code == 404
    make_published(battle=battle, text="The army crossed.")
    before = Client().get(battle.get_absolute_url()).content
    curator.get(preview(battle))
    assert Client().get(battle.get_absolute_url()).content == before
    assert b"A draft sentence." not in before
    assert b'class="unpublished"' not in before
    assert Statement.objects.drafts().get() == draft


def test_only_those_who_may_see_drafts_see_it(client: Client, battle: Battle):
    where = preview(battle)
    assert "/login/" in client.get(where)["Location"]
    client.force_login(User.objects.create_user("guest", is_staff=True))
    assert client.get(where).status_code == 403


def test_it_is_only_looked_at(curator: Client, battle: Battle):
    assert curator.post(preview(battle)).status_code == 405


def test_a_battle_that_is_not_there_answers_404(curator: Client):
    gone = make_battle()
    where = preview(gone)
    gone.delete()
    assert curator.get(where).status_code == 404


def test_battles_and_drafts_lead_to_it(curator: Client, battle: Battle):
    draft = make_statement(battle=battle)
    for row in (battle, draft):
        assert f'href="{preview(battle)}"' in curator.get(address(row)).content.decode()


def test_it_costs_the_same_queries_with_one_draft_or_many(curator: Client, battle: Battle):
    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            curator.get(preview(battle))
        return len(counted)

    cite(make_statement(battle=battle))
    make_published(battle=battle)
    curator.get(preview(battle))
    few = queries()
    for number in range(5):
        cite(make_statement("name", battle=battle, text=f"Name {number}"))
        make_published(battle=battle)
    assert queries() == few
