"""What curators and publishers may do, and which admin pages open for them."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from archive.roles import install_groups
from battles.models import (
    Battle,
    Dismissal,
    Entry,
    Heading,
    Publication,
    Question,
    Reading,
    Remark,
    Statement,
    Voice,
)
from sources.models import Counter, Displacement, Footnote, FormerSlug, Gloss, Origin, SearchEntry
from tests.builders import (
    cite,
    make_battle,
    make_entity,
    make_published,
    make_question,
    make_side,
    make_statement,
)

pytestmark = pytest.mark.django_db

OURS = [model for model in admin.site._registry if model._meta.app_label in {"battles", "sources"}]
VIEWED = {"document", "file", "text", "displacement", "formerslug", "publication"}


def member(group: str) -> User:
    user = User.objects.create_user(group.lower(), password="ford-and-river", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def client_of(group: str) -> Client:
    client = Client()
    client.force_login(member(group))
    return client


def address(model: type, page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def rows() -> None:
    """One row or more of every model in the admin, drafts and public ones."""
    battle = make_battle()
    make_side(battle=battle)
    make_question(battle=battle)
    make_entity()
    published = make_published(battle=battle)
    cite(make_statement(battle=battle))
    Gloss.objects.create(passage=published.evidence.passage, language="en", text="It says.", by="A")
    passage = published.evidence.passage
    Displacement.objects.create(passage=passage, document=passage.document, outcome="lost")
    Footnote.objects.create(document=passage.document, marker="[7]", number=7, times=1, first=0)
    Reading.objects.create(document=passage.document, battle=battle, start=0, end=9)
    battle.slug = "renamed"
    battle.refresh_from_db(fields=["version", "edition"])
    battle.save()


@pytest.mark.parametrize("group", ["Curator", "Publisher"])
def test_both_groups_draft_and_neither_writes_what_never_changes(group: str):
    codenames = set(Group.objects.get(name=group).permissions.values_list("codename", flat=True))
    for model in ("battle", "statement", "citation", "source", "passage", "origin", "gloss"):
        assert {f"{action}_{model}" for action in ("view", "add", "change", "delete")} <= codenames
    for model in VIEWED:
        assert f"view_{model}" in codenames
        assert not {f"{action}_{model}" for action in ("add", "change", "delete")} & codenames
    assert not {name for name in codenames if name.endswith(("_user", "_group"))}


def test_publishers_alone_publish():
    assert not member("Curator").has_perm("battles.publish_statement")
    assert member("Publisher").has_perm("battles.publish_statement")


def test_installing_the_groups_again_adds_nothing_and_keeps_what_an_administrator_added():
    group = Group.objects.get(name="Curator")
    before = set(group.permissions.values_list("pk", flat=True))
    publisher = Group.objects.get(name="Publisher")
    publisher.permissions.clear()
    extra = Group.objects.get(name="Curator").permissions.model.objects.get(codename="view_user")
    publisher.permissions.add(extra)
    call_command("migrate", verbosity=0)
    install_groups()
    assert set(group.permissions.values_list("pk", flat=True)) == before
    codenames = set(publisher.permissions.values_list("codename", flat=True))
    assert {"view_user", "publish_statement", "add_statement"} <= codenames


def test_every_model_of_both_apps_is_in_the_admin_by_itself_or_within_another():
    from django.apps import apps

    inline = {
        inline.model for model in OURS for inline in admin.site.get_model_admin(model).inlines
    }
    everything = {*apps.get_app_config("battles").get_models()}
    everything |= {*apps.get_app_config("sources").get_models()}
    everything -= {Counter, SearchEntry, Heading, Entry, Voice}  # written by code alone
    everything -= {Dismissal}  # seen and taken back where a document is drafted from
    everything -= {Remark}  # on its statement's own page
    assert everything <= {*OURS, *inline}


@pytest.mark.parametrize("group", ["Curator", "Publisher"])
def test_the_admins_pages_open_as_permitted(rows: None, group: str):
    client = client_of(group)
    for model in OURS:
        viewed = model._meta.model_name in VIEWED
        assert client.get(address(model, "changelist")).status_code == 200, model
        added = client.get(address(model, "add")).status_code
        elsewhere = model._meta.model_name in {"citation", "reading", "footnote"}
        assert added == (403 if viewed or elsewhere else 200), model
        found = list(model._default_manager.all())
        assert found, model
        for row in found:
            page = client.get(address(model, "change", row.pk))
            assert page.status_code == 200, row
            history = client.get(address(model, "history", row.pk), follow=True)
            assert history.status_code == 200
            if viewed:
                assert client.get(address(model, "delete", row.pk)).status_code == 403
                assert client.post(address(model, "change", row.pk)).status_code == 403


def test_the_kinds_of_statement_each_have_an_add_page(rows: None):
    client = client_of("Curator")
    battle = Battle.objects.get()
    for kind in Statement._meta.get_field("kind").choices:
        page = client.get(
            reverse("admin:battles_statement_add"), {"kind": kind[0], "battle": battle.pk}
        )
        assert page.status_code == 200, kind


def test_strangers_are_sent_to_login(rows: None):
    for model in OURS:
        row = model._default_manager.first()
        for page, args in (("changelist", ()), ("add", ()), ("change", (row.pk,))):
            answer = Client().get(address(model, page, *args))
            assert answer.status_code == 302
            assert "/login/" in answer["Location"]


def test_the_index_begins_with_battles_and_names_the_archive():
    page = client_of("Curator").get(reverse("admin:index")).content.decode()
    assert "Battle History Archive" in page
    assert page.index("what the archive asserts") < page.index("what documents say")
    assert page.index('/battles/battle/"') < page.index('/battles/statement/"')


def test_rows_fixture_holds_each_kind_of_row(rows: None):
    assert Publication.objects.exists()
    assert Question.objects.exists()
    assert FormerSlug.objects.exists()
    assert Origin.objects.filter(public=True).exists()
