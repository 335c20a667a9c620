"""Law: nothing uncited is published, and no edit is lost, by any way through the admin."""

from unittest import mock

import pytest
from django.contrib.admin import site
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from battles.models import (
    Battle,
    Citation,
    Entity,
    Publication,
    Question,
    Reading,
    Side,
    Statement,
)
from battles.publication import withdraw
from battles.readings import mark
from sources.anchoring import Span
from sources.models import Origin, Passage, Source
from sources.models.bases import StaleSave
from tests.admin_forms import act, address, conflict_told, delete, filled, save, text_of
from tests.battles.test_law_nothing_uncited import uncited_published
from tests.builders import (
    cite,
    make_battle,
    make_curator,
    make_document,
    make_entity,
    make_passage,
    make_published,
    make_side,
    make_statement,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def publisher() -> Client:
    """A member of the group that may do most."""
    user = User.objects.create_user("publisher", password="ford-and-river", is_staff=True)
    user.groups.add(Group.objects.get(name="Publisher"))
    client = Client()
    client.force_login(user)
    return client


def counts() -> dict[str, int]:
    models = (Statement, Citation, Passage, Source, Origin, Battle, Publication, Entity)
    return {model.__name__: model._base_manager.count() for model in models}


# Nothing uncited is published -------------------------------------------------------------------


def test_a_form_cannot_publish(publisher: Client):
    draft = make_statement()
    tampered = {"state": "published", "evidence": "", "kind": "note", "text": "Changed."}
    save(publisher, address(draft), **tampered)
    draft.refresh_from_db()
    assert (draft.state, draft.kind, draft.text) == ("draft", "narrative", "Changed.")
    battle = make_battle()
    start = reverse("admin:battles_statement_add", query={"kind": "name", "battle": battle.pk})
    save(publisher, start, text="Ford Fight", state="published", battle=draft.battle.pk)
    made = Statement.objects.get(kind="name")
    assert (made.state, made.battle) == ("draft", battle)


def test_an_uncited_statement_is_not_published_by_step_or_action(publisher: Client):
    draft = make_statement()
    page = publisher.post(address(draft, "publish"), {"version": draft.version}, follow=True)
    assert "nothing is cited" in text_of(page)
    assert "nothing is cited" in text_of(act(publisher, Statement, "publish", [draft]))
    assert not Statement.objects.published().exists()
    assert Battle.objects.get().edition == 0


def test_the_evidence_of_a_public_statement_is_not_deleted_in_its_form(publisher: Client):
    public = make_published()
    evidence = public.evidence
    page = publisher.post(
        address(public),
        {
            "version": public.version,
            "text": "Something else.",
            "section": "course",
            "position": 0,
            "citations-TOTAL_FORMS": 1,
            "citations-INITIAL_FORMS": 1,
            "citations-0-id": str(evidence.pk),
            "citations-0-statement": str(public.pk),
            "citations-0-DELETE": "on",
        },
    )
    assert page.status_code == 409
    assert "is published and keeps its values and citations" in text_of(page)
    assert "Something else." in text_of(page)  # what was typed is given back
    public.refresh_from_db()
    assert public.evidence == evidence
    assert public.text == "The army crossed at dawn."


@pytest.mark.parametrize("state", ["published", "withdrawn"])
@pytest.mark.parametrize(
    "path",
    [
        "",
        "evidence",
        "evidence.passage",
        "evidence.passage.source",
        "evidence.claimant",
        "battle",
        "entity",
    ],
)
def test_what_public_statements_rest_on_is_kept(publisher: Client, state: str, path: str):
    public = make_published("belligerent", entity=make_entity())
    if state == "withdrawn":
        withdraw([public], "Misread.")
    row: Model = public
    for name in filter(None, path.split(".")):
        row = getattr(row, name)
    before = counts()
    for answer in (
        act(publisher, type(row), "delete_selected", [row]),
        act(publisher, type(row), "delete_selected", [row], post="yes"),
        publisher.get(address(row, "delete")),
        delete(publisher, row),
    ):
        assert answer.status_code == 200
        assert "protected related objects" not in text_of(answer)
        assert "What readers have seen is never deleted" in text_of(answer)
        assert counts() == before
    if path in {"", "battle", "entity"}:
        assert 'class="deletelink"' not in text_of(publisher.get(address(row)))


def test_a_selection_with_one_public_row_deletes_none(publisher: Client):
    public, draft = make_published(), make_statement()
    act(publisher, Statement, "delete_selected", [draft, public], post="yes")
    assert Statement.objects.count() == 2


def test_a_draft_is_deleted_with_its_citations_alone(publisher: Client):
    draft = make_statement()
    passage = cite(draft).passage
    act(publisher, Statement, "delete_selected", [draft], post="yes")
    assert not Statement.objects.exists()
    assert not Citation.objects.exists()
    assert Passage.objects.get() == passage


def test_a_draft_battle_is_deleted_with_its_sides_and_the_questions_that_arose(publisher: Client):
    battle = make_battle()
    side = make_side(battle=battle)
    make_statement("strength", battle=battle, side=side).delete()
    assert Question.objects.filter(side=side).exists()
    assert "North" in text_of(publisher.get(address(battle, "delete")))
    delete(publisher, battle)
    assert not Battle.objects.exists()
    assert not Side.objects.exists()
    assert not Question.objects.exists()


@pytest.mark.parametrize("kept", ["statement", "question", "part", "reading"])
def test_what_keeps_a_draft_battle_is_named_and_can_be_seen_to(publisher: Client, kept: str):
    battle = make_battle()
    make_side(battle=battle)
    row: Model
    match kept:
        case "statement":
            row = make_statement("strength", battle=battle, value=400)
        case "question":
            row = Question.objects.create(battle=battle, wording="Who had the guns?")
        case "part":
            row = make_battle("Fight at the Mill", part_of=battle)
        case _:
            [row] = mark(make_document(), battle, Span(0, 40), by=make_curator("Ann"))
    for page in (
        publisher.get(address(battle, "delete")),
        act(publisher, Battle, "delete_selected", [battle]),
        delete(publisher, battle),
    ):
        assert f'href="{address(row)}"' in text_of(page)
        assert "once nothing that is listed here belongs to it or rests on it" in text_of(page)
        assert "can be withdrawn instead" not in text_of(page)
        assert "<li>Side" not in text_of(page)
        if isinstance(row, Reading):
            assert "characters 0 to 40 read through, by Ann" in text_of(page)
    assert Battle.objects.filter(pk=battle.pk).exists()
    if isinstance(row, Reading):  # taken back where it was marked
        where = reverse("admin:battles_reading_of", args=[row.document.pk])
        publisher.post(where, {"_take_back": str(row.pk)})
    else:
        delete(publisher, row)
    delete(publisher, battle)
    assert not Battle.objects.exists()


@pytest.mark.parametrize("model", [Statement, Citation])
def test_a_row_published_while_its_deletion_is_confirmed_is_kept(publisher: Client, model: type):
    """The lists of what is protected were made a moment too early."""
    public = make_published()
    row = public if model is Statement else public.evidence
    model_admin = site.get_model_admin(model)
    early = mock.patch.object(model_admin, "get_deleted_objects", return_value=([], {}, set(), []))
    with early:
        for answer in (
            act(publisher, model, "delete_selected", [row], post="yes"),
            delete(publisher, row),
        ):
            assert answer.status_code == 200
            assert "Nothing was changed." in text_of(answer)
    assert uncited_published() == 0
    assert Citation.objects.get() == public.evidence


def test_a_citation_is_not_moved_by_a_tampered_form(publisher: Client):
    public, draft, other = make_published(), make_statement(), make_statement()
    own, theirs = cite(draft), cite(other)
    where = address(draft)
    for tampered in (
        {"citations-0-statement": str(public.pk)},
        {"citations-0-statement": str(other.pk)},
        {"citations-0-id": str(public.evidence.pk)},
        {"citations-0-id": str(theirs.pk)},
        {"citations-0-id": "nonsense"},
        {"citations-INITIAL_FORMS": "7"},
        {"citations-TOTAL_FORMS": "nonsense"},
        {"cite-0-statement": str(public.pk), "cite-0-known_passage": str(make_passage().pk)},
    ):
        answer = publisher.post(where, filled(publisher.get(where)) | tampered)
        assert answer.status_code in {200, 302}, tampered
        assert public.citations.get() == public.evidence
        assert other.citations.get() == theirs
        assert draft.citations.get() == own
    assert uncited_published() == 0


def test_the_passage_of_a_citation_is_not_a_field_of_its_form(publisher: Client):
    draft = make_statement()
    citation = cite(draft)
    save(publisher, address(draft), citations__0__passage=make_passage("32,253").pk)
    citation.refresh_from_db()
    assert citation.passage.quote == "2,689 killed"


def test_a_public_passage_keeps_its_place(publisher: Client):
    passage = make_published().evidence.passage
    before = {name: getattr(passage, name) for name in Passage.PLACE}
    save(publisher, address(passage), start=0, end=5, locator="p. 99", document="", source="")
    passage.refresh_from_db()
    assert {name: getattr(passage, name) for name in Passage.PLACE} == before


def test_a_citation_has_no_form_of_its_own(publisher: Client):
    draft = make_statement()
    citation = cite(draft)
    assert publisher.post(address(citation), {"bearing": "disputes"}).status_code == 403
    assert publisher.get(address(Citation, "add")).status_code == 403


# No edit is lost --------------------------------------------------------------------------------


def test_a_stale_statement_is_refused_with_both_texts_and_kept_in_the_form(publisher: Client):
    draft = make_statement()
    where = address(draft)
    loaded = filled(publisher.get(where))
    save(publisher, where, text="Theirs.")
    mine = loaded | {"text": "Mine.", "printed": "as printed"}
    page = publisher.post(where, mine)
    assert page.status_code == 200
    said = text_of(page)
    assert "Somebody else changed this while you were editing. Nothing was saved." in said
    assert conflict_told(page) == {
        "Sentence": ("Theirs.", "Mine."),
        "Printed": ("(empty)", "as printed"),
    }
    draft.refresh_from_db()
    assert draft.text == "Theirs."
    again = filled(page)
    assert again["text"] == "Mine."
    assert again["version"] == str(draft.version)  # saving again now is meant
    publisher.post(where, again)
    draft.refresh_from_db()
    assert draft.text == "Mine."
    assert publisher.post(where, mine).status_code == 200  # the first form is stale for ever
    draft.refresh_from_db()
    assert draft.printed == "as printed"


def test_a_form_given_back_tells_what_was_typed_and_nothing_that_its_page_sent(publisher: Client):
    battle = make_battle(part_of=make_battle("War of the River", scale="war"))
    make_side(battle=battle)
    where = address(battle)
    data = filled(publisher.get(where)) | {
        "name": "Typed in vain",
        "sides-1-name": "South",
        "sides-__prefix__-position": "1",
        "_save": "Save",
    }
    battle.delete()
    page = publisher.post(where, data)
    assert page.status_code == 409
    told = dict(page.context["typed"])
    assert (told["name"], told["sides 1 name"]) == ("Typed in vain", "South")
    assert not {"part of", "sides 0 battle", "sides prefix position", "version"} & told.keys()


@pytest.mark.parametrize("version", ["", "0", "2", "nonsense", None])
def test_a_missing_or_invented_version_is_refused(publisher: Client, version: str | None):
    draft = make_statement()
    where = address(draft)
    data = filled(publisher.get(where)) | {"text": "Mine.", "version": version}
    if version is None:
        del data["version"]
    page = publisher.post(where, data)
    assert "Nothing was saved" in text_of(page)
    assert conflict_told(page)["Sentence"] == ("The army crossed at dawn.", "Mine.")
    draft.refresh_from_db()
    assert draft.text == "The army crossed at dawn."


def test_a_change_of_citations_alone_makes_the_form_stale(publisher: Client):
    draft = make_statement()
    where = address(draft)
    loaded = filled(publisher.get(where))
    cite(draft)
    page = publisher.post(where, loaded)
    assert "No field differs from what is stored" in text_of(page)


def test_citations_are_not_saved_onto_a_stale_statement(publisher: Client):
    draft = make_statement()
    cite(draft)
    where = address(draft)
    loaded = filled(publisher.get(where))
    save(publisher, where, text="Theirs.")
    loaded |= {"citations-0-bearing": "disputes", "cite-0-known_passage": str(make_passage().pk)}
    page = publisher.post(where, loaded)
    assert "Somebody else changed this" in text_of(page)
    assert draft.citations.get().bearing == "supports"


def test_a_statement_deleted_or_published_meanwhile_gives_back_what_was_typed(publisher: Client):
    deleted, published = make_statement(), make_statement()
    cite(published)
    forms = {
        row: filled(publisher.get(address(row))) | {"text": "Mine.", "cite-0-words": "a quote"}
        for row in (deleted, published)
    }
    act(publisher, Statement, "publish", [published])
    Statement.objects.filter(pk=deleted.pk).delete()
    for row, said in ((deleted, "was deleted while"), (published, "is published and keeps")):
        page = publisher.post(address(row), forms[row])
        assert page.status_code == 409
        assert said in text_of(page)
        assert "Mine." in text_of(page)
        assert "a quote" in text_of(page)


def test_the_models_own_guard_is_never_a_server_error(publisher: Client):
    draft = make_statement()
    with mock.patch.object(Statement, "save", side_effect=StaleSave(draft)):
        page = save(publisher, address(draft), text="Mine.")
        moved = act(publisher, Statement, "send_for_review", [draft])
    assert page.status_code == 409
    assert "Mine." in text_of(page)
    assert "Nothing was changed." in text_of(moved)


def test_a_change_made_while_a_form_is_saved_waits_for_it(publisher: Client):
    """The row is locked before its version is compared, so nothing can come between."""
    draft = make_statement()
    with mock.patch.object(
        Statement._base_manager.__class__, "select_for_update", autospec=True
    ) as lock:
        lock.return_value = Statement._base_manager.all()
        save(publisher, address(draft), text="Mine.")
    assert lock.called
