"""Statements in the curators' admin: begun, cited, reviewed, published, revised, withdrawn."""

import pytest
import reversion
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse
from reversion.models import Version

from battles.forms import SECTIONS
from battles.kinds import SHAPES, VALUE_COLUMNS, Kind
from battles.models import Battle, Citation, Publication, Question, Side, Statement
from battles.publication import open_revision, withdraw
from sources.models import Passage
from tests.admin_forms import act, address, filled, save, text_of
from tests.builders import (
    CHRONICLE,
    cite,
    make_battle,
    make_document,
    make_entity,
    make_locator,
    make_origin,
    make_passage,
    make_published,
    make_question,
    make_side,
    make_source,
    make_statement,
    rechecked,
)

pytestmark = pytest.mark.django_db


def client_of(group: str) -> Client:
    user = User.objects.create_user(group.lower(), password="ford-and-river", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def curator() -> Client:
    return client_of("Curator")


@pytest.fixture
def publisher() -> Client:
    return client_of("Publisher")


def beginning(kind: str, battle: Battle) -> str:
    return reverse("admin:battles_statement_add", query={"kind": kind, "battle": battle.pk})


# Kinds ------------------------------------------------------------------------------------------


def test_every_column_of_every_kind_stands_in_one_section():
    placed = [name for _, _, names in SECTIONS for name in names]
    assert sorted(placed) == sorted(VALUE_COLUMNS)


@pytest.mark.parametrize("kind", Kind.values)
def test_a_form_shows_the_values_of_its_kind_and_no_others(curator: Client, kind: str):
    form = curator.get(beginning(kind, make_battle())).context["adminform"].form
    values = set(form.fields) & set(VALUE_COLUMNS)
    assert values == set(SHAPES[Kind(kind)].columns)
    assert ("question" in form.fields) == (kind == Kind.NARRATIVE)
    assert {"printed", "inference", "position"} <= set(form.fields)


@pytest.mark.parametrize("kind", ["casualties", "result", "name"])
def test_the_form_of_a_draft_shows_the_values_of_its_kind_alone(curator: Client, kind: str):
    form = curator.get(address(make_statement(kind))).context["adminform"].form
    assert set(form.fields) & set(VALUE_COLUMNS) == set(SHAPES[Kind(kind)].columns)


def test_adding_asks_for_the_battle_first_and_the_kind_next(curator: Client):
    ford, hill = make_battle(), make_battle("Battle of the Hill")
    start = reverse("admin:battles_statement_add")
    assert f"?battle={ford.pk}" in text_of(curator.get(start))
    found = text_of(curator.get(start, {"q": "hill"}))
    assert f"?battle={hill.pk}" in found
    assert f"?battle={ford.pk}" not in found
    kinds = text_of(curator.get(start, {"battle": hill.pk}))
    for kind in Kind.values:
        assert f"?kind={kind}&amp;battle={hill.pk}" in kinds
    for nonsense in ({"battle": "none"}, {"kind": "rumour", "battle": ford.pk}):
        assert curator.get(start, nonsense).status_code == 200


def test_choices_are_those_of_the_battle(curator: Client):
    battle, other = make_battle(), make_battle("Another")
    north, far = make_side(battle=battle), make_side(battle=other)
    own, strange = make_question(battle=battle), make_question(battle=other)
    fields = curator.get(beginning("result", battle)).context["adminform"].form.fields
    assert list(fields["victor"].queryset) == [north]
    fields = curator.get(beginning("casualties", battle)).context["adminform"].form.fields
    assert list(fields["side"].queryset) == [north]
    fields = curator.get(beginning("narrative", battle)).context["adminform"].form.fields
    assert list(fields["question"].queryset) == [own]
    assert far
    assert strange


def test_entities_are_searched_among_the_kinds_that_fit(curator: Client):
    make_entity("Northern Kingdom", "party")
    make_entity("Northern Duke", "person")
    page = text_of(curator.get(beginning("commander", make_battle())))
    assert "of_kind=person" in page
    found = curator.get(
        reverse("admin:autocomplete"),
        {
            "app_label": "battles",
            "model_name": "statement",
            "field_name": "entity",
            "term": "north\0ern",
            "of_kind": "person",
        },
    ).json()["results"]
    assert [row["text"] for row in found] == ["Northern Duke (person)"]


def test_without_javascript_a_name_or_an_id_is_typed(curator: Client):
    duke, kingdom = make_entity("Duke Aldo", "person"), make_entity("Northern Kingdom")
    where = beginning("commander", make_battle())
    page = curator.get(where)
    assert '<noscript><label>Its name or id: <input type="text" name="entity"' in text_of(page)
    typed = filled(page) | {"entity": ["", "Duke Aldo"], "party": str(kingdom.pk)}
    curator.post(where, typed)
    statement = Statement.objects.get()
    assert (statement.entity, statement.party) == (duke, kingdom)
    make_entity("Duke Aldo", "person", description="his son")
    for unclear in ("Duke Aldo", "Nobody", "\0"):
        page = curator.post(where, filled(curator.get(where)) | {"entity": unclear})
        assert "Select a valid choice" in text_of(page)
    assert Statement.objects.count() == 1


def test_a_value_that_is_needed_is_asked_for_once_in_plain_words(curator: Client):
    page = save(curator, beginning("casualties", make_battle()), bound="", counted="")
    form = page.context["adminform"].form
    assert form.errors["bound"] == ["A statement of the kind “casualties” needs this."]
    assert form.errors["category"] == ["A statement of the kind “casualties” needs this."]
    assert "__all__" not in form.errors
    assert Statement.objects.count() == 0


def test_a_figure_without_a_number_is_refused_in_plain_words(curator: Client):
    page = save(
        curator,
        beginning("casualties", make_battle()),
        bound="about",
        counted="persons",
        category="total",
    )
    assert "Give a number, or choose “vague, no numbers” and none." in text_of(page)


def test_of_two_values_one_is_enough(curator: Client):
    battle = make_battle()
    page = save(curator, beginning("date", battle), aspect="whole")
    assert "lacks a value it needs" in text_of(page)
    assert "This or “Why no date” is needed." in text_of(page)
    save(curator, beginning("date", battle), aspect="whole", date_reason="soon after")
    assert Statement.objects.get().date_reason == "soon after"


def test_saving_and_adding_another_keeps_kind_and_battle(curator: Client):
    battle = make_battle()
    page = save(curator, beginning("name", battle), text="Ford Fight", _addanother="1")
    assert page.context["adminform"].form.battle == battle
    assert page.context["adminform"].form.kind == "name"


# Citing -----------------------------------------------------------------------------------------


def test_a_pasted_quote_becomes_a_passage_on_its_sources_word(curator: Client):
    document, battle = make_document(), make_battle()
    save(
        curator,
        beginning("narrative", battle),
        text="Many were killed.",
        section="course",
        cite__0__document=document.pk,
        cite__0__words="  2,689\nkilled ",
    )
    citation = Citation.objects.get()
    assert citation.statement.text == "Many were killed."
    assert citation.passage.quote == "2,689 killed"
    assert citation.passage.start == CHRONICLE.index("2,689")
    assert citation.claimant == document.source.origin
    assert citation.bearing == "supports"


def test_a_place_that_is_known_is_cited_again_and_not_doubled(curator: Client):
    passage, draft = make_passage(), make_statement()
    save(
        curator,
        address(draft),
        cite__0__document=passage.document.pk,
        cite__0__words="2,689 killed",
    )
    assert draft.citations.get().passage == passage
    assert Passage.objects.count() == 1


def test_of_several_places_a_person_chooses_one_in_its_context(curator: Client):
    document, draft = make_document(), make_statement()
    words = "crossed the ford"
    page = save(curator, address(draft), cite__0__document=document.pk, cite__0__words=words)
    assert "These words stand at 2 places in the document. Choose one." in text_of(page)
    assert "again at dusk" in text_of(page)
    assert "The army <mark>crossed the ford</mark> at dawn" in text_of(page)
    assert Citation.objects.count() == 0
    second = CHRONICLE.rindex(words)
    page = save(
        curator,
        address(draft),
        cite__0__document=document.pk,
        cite__0__words=words,
        cite__0__place=f"{second}-{second + len(words)}",
    )
    assert draft.citations.get().passage.start == second


def test_a_place_that_does_not_hold_the_words_cannot_be_chosen(curator: Client):
    document, draft = make_document(), make_statement()
    save(
        curator,
        address(draft),
        cite__0__document=document.pk,
        cite__0__words="crossed the ford",
        cite__0__place="0-10",
    )
    assert Citation.objects.count() == 0


def test_words_that_differ_are_only_proposed_and_the_documents_own_are_stored(curator: Client):
    document, draft = make_document(), make_statement()
    misquote = "Northern sources: 2,698 killed."
    where = address(draft)
    page = save(curator, where, cite__0__document=document.pk, cite__0__words=misquote)
    assert "The document does not say quite this" in text_of(page)
    assert "The document says:" in text_of(page)
    assert "<mark>Northern sources: 2,689 killed.</mark>" in text_of(page)
    assert "checked" not in str(page.context["inline_admin_formsets"][1].formset.forms[0]["place"])
    assert Citation.objects.count() == 0
    start = CHRONICLE.index("Northern sources")
    save(
        curator,
        where,
        cite__0__document=document.pk,
        cite__0__words=misquote,
        cite__0__place=f"{start}-{start + len(misquote)}",
    )
    assert draft.citations.get().passage.quote == "Northern sources: 2,689 killed."


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"words": "It rained all day long."}, "The document does not say this"),
        ({"words": ""}, "Paste the words of the document."),
    ],
)
def test_words_the_document_does_not_say_are_refused(curator: Client, typed: dict, said: str):
    document, draft = make_document(), make_statement()
    changes = {f"cite__0__{name}": value for name, value in typed.items()}
    page = save(curator, address(draft), cite__0__document=document.pk, **changes)
    assert said in text_of(page)
    assert Citation.objects.count() == 0


def test_a_quote_needs_a_document_that_is_held(curator: Client):
    draft, absent = make_statement(), make_document("Elsewhere.", held=False)
    page = save(curator, address(draft), cite__0__words="It rained.")
    assert "Choose the document that says this." in text_of(page)
    page = save(curator, address(draft), cite__0__document=absent.pk, cite__0__words="Elsewhere.")
    assert "not held here, so no quote can be checked" in text_of(page)


def test_a_locator_alone_is_for_a_source_without_a_document(curator: Client):
    draft, source = make_statement(), make_source()
    held = make_document().source
    page = save(curator, address(draft), cite__0__source=held.pk, cite__0__locator="p. 1")
    assert "quote it instead" in text_of(page)
    save(curator, address(draft), cite__0__source=source.pk, cite__0__locator="p. 12")
    passage = draft.citations.get().passage
    assert (passage.source, passage.locator, passage.document) == (source, "p. 12", None)


def test_a_known_passage_can_be_chosen_but_is_cited_once(curator: Client):
    draft, passage = make_statement(), make_locator()
    save(curator, address(draft), cite__0__known_passage=passage.pk)
    assert draft.citations.get().passage == passage
    page = save(curator, address(draft), cite__0__known_passage=passage.pk)
    assert "already cites this passage" in text_of(page)
    assert draft.citations.count() == 1


def test_the_same_quote_twice_in_one_form_is_cited_once(curator: Client):
    document, draft = make_document(), make_statement()
    rows = {
        f"cite__{number}__{name}": value
        for number in (0, 1)
        for name, value in (
            ("document", document.pk),
            ("words", "2,689 killed"),
            ("bearing", "supports"),
        )
    }
    page = save(curator, address(draft), cite__TOTAL_FORMS=2, **rows)
    assert "cited twice here" in text_of(page)
    assert Passage.objects.count() == 0


def test_a_source_without_origin_needs_a_claimant(curator: Client):
    draft, source = make_statement(), make_source(origin=None)
    document, voice = make_document(source=source), make_origin("Southern Staff")
    asked = {"cite__0__document": document.pk, "cite__0__words": "2,689 killed"}
    page = save(curator, address(draft), **asked)
    assert "say on whose word it stands" in text_of(page)
    save(curator, address(draft), **asked, cite__0__claimant=voice.pk)
    assert draft.citations.get().claimant == voice


def test_a_citation_is_changed_and_deleted_on_its_statements_page(curator: Client):
    draft = make_statement()
    cite(draft)
    save(curator, address(draft), citations__0__bearing="disputes")
    assert draft.citations.get().bearing == "disputes"
    save(curator, address(draft), citations__0__DELETE="on")
    assert not draft.citations.exists()


# Review and publication -------------------------------------------------------------------------


def step(client: Client, statement: Statement, name: str, **more: object) -> object:
    statement.refresh_from_db()
    data = {"version": statement.version} | more
    return client.post(address(statement, name), data, follow=True)


def test_a_draft_is_sent_for_review_and_back(curator: Client):
    draft = make_statement()
    assert "Send for review" in text_of(curator.get(address(draft)))
    step(curator, draft, "review")
    draft.refresh_from_db()
    assert draft.state == "in_review"
    step(curator, draft, "return")
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_curators_neither_see_nor_take_the_steps_of_publishers(curator: Client):
    draft, public = make_statement(), make_published()
    cite(draft)
    page = text_of(curator.get(address(draft)))
    assert ">Publish<" not in page
    assert step(curator, draft, "publish").status_code == 403
    assert step(curator, public, "withdraw", reason="Wrong.").status_code == 403
    listed = text_of(curator.get(address(Statement, "changelist")))
    assert 'value="publish"' not in listed
    act(curator, Statement, "publish", [draft])
    act(curator, Statement, "withdraw", [public], reason="Wrong.")
    draft.refresh_from_db()
    public.refresh_from_db()
    assert (draft.state, public.state) == ("draft", "published")


def test_the_publish_action_publishes_what_it_can_and_says_why_not_the_rest(publisher: Client):
    battle = make_battle()
    one, two, bare = (
        make_statement(battle=battle, text=f"{which} sentence.")
        for which in ("One", "Next", "Bare")
    )
    cite(one)
    cite(two)
    page = act(publisher, Statement, "publish", [one, two, bare])
    said = text_of(page)
    assert "2 statements are now published: Battle of the Ford, edition 1." in said
    assert "Bare sentence. · Course: nothing is cited" in said
    assert Statement.objects.published().count() == 2
    assert set(Publication.objects.values_list("edition", "by_name")) == {(1, "publisher")}


def test_selecting_all_publishes_nothing_again(publisher: Client):
    withdrawn = make_published()
    withdraw([withdrawn], "Misread.")
    page = act(publisher, Statement, "publish", [withdrawn])
    assert "it can be published again on its own page" in text_of(page)
    withdrawn.refresh_from_db()
    assert withdrawn.state == "withdrawn"


def test_a_part_is_published_together_with_the_battle_it_belongs_to(publisher: Client):
    war, battle = make_battle("War", scale="war"), make_battle()
    why = "The chronicle is of one war."
    part = make_statement("part_of", battle=battle, parent=war, inference=why)
    cite(part)
    page = act(publisher, Statement, "publish", [part])
    assert "nothing is published yet about “War”" in text_of(page)
    name = make_statement("name", battle=war, inference=why)
    page = act(publisher, Statement, "publish", [part, name])
    assert Statement.objects.published().count() == 0
    cite(name)
    act(publisher, Statement, "publish", [part, name])
    assert Statement.objects.published().count() == 2


def test_publishing_from_a_page_that_is_no_longer_true_is_refused(publisher: Client):
    draft = make_statement()
    cite(draft)
    page = publisher.post(address(draft, "publish"), {"version": "1"}, follow=True)
    assert "Somebody else changed this statement since you opened it" in text_of(page)
    assert not Statement.objects.published().exists()
    step(publisher, draft, "publish")
    assert Statement.objects.published().exists()


def test_steps_are_not_taken_by_following_a_link(publisher: Client):
    draft = make_statement()
    for name in ("review", "return", "publish", "revise"):
        assert publisher.get(address(draft, name)).status_code == 405


def test_withdrawing_asks_for_the_reason(publisher: Client):
    public, draft = make_published(), make_statement()
    page = act(publisher, Statement, "withdraw", [public, draft])
    assert "it is not published" in text_of(page)
    assert "Readers who come back to it will see this." in text_of(page)
    page = act(publisher, Statement, "withdraw", [public], reason="  ")
    assert "Say why: readers who come back will see the reason." in text_of(page)
    public.refresh_from_db()
    assert public.is_published
    page = act(publisher, Statement, "withdraw", [public], reason="Misprint\x0bon page 3.")
    assert "After “Misprint” stands a control character (U+000B)" in text_of(page)
    act(publisher, Statement, "withdraw", [public], reason="The page was misread.")
    public.refresh_from_db()
    assert (public.state, public.withdrawn_because) == ("withdrawn", "The page was misread.")
    assert Publication.objects.get(action="withdrawn").by_name == "publisher"


def test_a_statement_is_withdrawn_and_published_again_on_its_own_page(publisher: Client):
    public = make_published()
    assert "Withdraw" in text_of(publisher.get(address(public, "withdraw")))
    page = step(publisher, public, "withdraw", reason="")
    assert "Say why" in text_of(page)
    step(publisher, public, "withdraw", reason="The page was misread.")
    public.refresh_from_db()
    assert public.state == "withdrawn"
    assert "The page was misread." in text_of(publisher.get(address(public)))
    step(publisher, public, "publish")
    public.refresh_from_db()
    assert public.is_published


def test_a_published_statement_is_changed_by_its_revision(publisher: Client):
    public = make_published()
    page = text_of(publisher.get(address(public)))
    assert "keeps its values and citations" in page
    assert 'name="_save"' not in page
    assert "-DELETE" not in page
    page = step(publisher, public, "revise")
    revision = public.revision
    assert page.redirect_chain[-1][0] == address(revision)
    assert "This revises" in text_of(page)
    save(publisher, address(revision), text="The army crossed at dusk.")
    rechecked(revision)
    page = step(publisher, revision, "publish")
    assert page.redirect_chain[-1][0] == address(public)
    public.refresh_from_db()
    assert public.text == "The army crossed at dusk."
    assert not Statement.objects.drafts().exists()


def test_opening_a_revision_again_leads_to_the_one_that_is_open(curator: Client):
    public = make_published()
    step(curator, public, "revise")
    step(curator, public, "revise")
    assert Statement.objects.filter(revises=public).count() == 1
    assert address(public.revision) in text_of(curator.get(address(public)))


def test_drafts_have_no_link_to_the_site_and_public_rows_do(curator: Client):
    draft, public = make_statement(), make_published()
    withdrawn = make_published(battle=public.battle)
    withdraw([withdrawn], "Wrong.")
    for row, shown in (
        (draft, False),
        (draft.battle, False),
        (public, True),
        (public.battle, True),
        (public.evidence.passage, True),
        (withdrawn, False),
    ):
        assert ("viewsitelink" in text_of(curator.get(address(row)))) is shown, row


# History ----------------------------------------------------------------------------------------


def test_each_save_is_recorded_with_citations_and_who_made_it(curator: Client):
    document, battle = make_document(), make_battle()
    save(
        curator,
        beginning("narrative", battle),
        text="One.",
        section="course",
        cite__0__document=document.pk,
        cite__0__words="2,689 killed",
    )
    statement = Statement.objects.get()
    save(curator, address(statement), text="Two.", citations__0__note_marker="[8]")
    statement.refresh_from_db()
    newest, oldest = Version.objects.get_for_object(statement)
    assert (oldest.field_dict["text"], newest.field_dict["text"]) == ("One.", "Two.")
    assert newest.field_dict["version"] == statement.version
    assert newest.revision.user.username == "curator"
    citations = newest.revision.version_set.get_for_model(Citation)
    assert [version.object_id for version in citations] == [str(statement.citations.get().pk)]


def test_publication_review_and_withdrawal_are_recorded(publisher: Client):
    draft = make_statement()
    cite(draft)
    act(publisher, Statement, "send_for_review", [draft])
    act(publisher, Statement, "publish", [draft])
    act(publisher, Statement, "withdraw", [draft], reason="Misread.")
    step(publisher, draft, "publish")
    draft.refresh_from_db()
    versions = Version.objects.get_for_object(draft)
    assert [version.field_dict["state"] for version in versions] == [
        "published",
        "withdrawn",
        "published",
        "in_review",
        "draft",  # as it was found, never recorded before
    ]
    assert versions[0].field_dict["version"] == draft.version
    assert versions[1].revision.comment == "Withdrawn: Misread."


def test_publishing_a_revision_records_what_it_revised(publisher: Client):
    public = make_published()
    revision = open_revision(public)
    rechecked(revision)
    step(publisher, revision, "publish")
    now, found = Version.objects.get_for_object(public)
    assert (found.revision.user, now.revision.user.username) == (None, "publisher")
    assert now.revision.version_set.get_for_model(Citation).count() == 1


def test_a_deleted_citation_is_recorded_in_its_statement(curator: Client):
    draft = make_statement()
    citation = cite(draft)
    before = draft.version
    act(curator, Citation, "delete_selected", [citation], post="yes")
    draft.refresh_from_db()
    assert draft.version == before + 1
    assert Version.objects.get_for_object(draft)[0].field_dict["version"] == draft.version


def test_nothing_can_be_reverted_or_recovered_past_publication(curator: Client):
    with reversion.create_revision():
        draft = make_statement()
    assert Version.objects.get_for_object(draft).exists()
    listed = address(Statement, "changelist")
    for where in (f"{address(draft, 'history')}revert/", f"{listed}recover/"):
        assert curator.get(where).status_code in {302, 404}
    assert "recover" not in text_of(curator.get(address(Statement, "changelist")))


# Battles, sides, questions ----------------------------------------------------------------------


def test_a_battle_is_made_with_its_sides(curator: Client):
    save(
        curator,
        address(Battle, "add"),
        name="Battle of the Bridge",
        slug="battle-of-the-bridge",
        sides__TOTAL_FORMS=1,
        sides__0__name="North",
        sides__0__position=1,
    )
    assert Side.objects.get().battle.slug == "battle-of-the-bridge"


def test_a_side_that_statements_name_is_not_deleted(curator: Client):
    battle = make_battle()
    side = make_side(battle=battle)
    make_statement("strength", battle=battle, side=side)
    page = save(curator, address(battle), sides__0__DELETE="on")
    assert "protected related objects" in text_of(page)
    assert Side.objects.exists()


def test_curators_word_typed_questions_and_make_narrative_ones(curator: Client):
    battle = make_battle()
    typed = make_statement("casualties", battle=battle).question
    save(curator, address(typed), wording="How many died?", key="x", kind="narrative")
    key = typed.key
    typed.refresh_from_db()
    assert (typed.wording, typed.key, typed.kind) == ("How many died?", key, "casualties")
    save(curator, address(Question, "add"), battle=battle.pk, wording="Who had the guns?")
    made = Question.objects.get(wording="Who had the guns?")
    assert made.kind == "narrative"
    other = make_battle("Another")
    save(curator, address(made), battle=other.pk)
    made.refresh_from_db()
    assert made.battle == battle


def test_a_battle_counts_its_statements_by_state_and_leads_to_them(curator: Client):
    battle = make_battle()
    make_published(battle=battle)
    make_statement(battle=battle)
    make_statement(battle=battle)
    page = text_of(curator.get(address(Battle, "changelist")))
    query = f"?battle__id__exact={battle.pk}&amp;state__exact=draft"
    assert f'{query}">2</a>' in page
    listed = curator.get(
        address(Statement, "changelist"),
        {"battle__id__exact": battle.pk, "state__exact": "draft"},
    )
    assert listed.context["cl"].result_count == 2
    assert "Battle of the Ford" in text_of(listed)


def test_a_publication_reads_as_a_record(curator: Client):
    public = make_published(text="The army crossed at dawn.")
    page = text_of(curator.get(address(Publication.objects.get())))
    assert "The army crossed at dawn." in page
    assert "(its evidence)" in page
    assert str(public.evidence.claimant) in page
