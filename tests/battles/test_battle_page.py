"""The page of a battle: its statements, its rivals, its filter."""

import re

import pytest
from django.urls import reverse

from battles.kinds import Aspect, Bound, Category, Kind, Section
from battles.models import Battle, Citation, EntityName, Question, Statement
from battles.publication import publish, withdraw
from sources.models import Gloss
from tests.builders import (
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
)
from tests.reading import Page

pytestmark = pytest.mark.django_db


@pytest.fixture
def battle():
    return make_battle(slug="the-ford")


def read(client, battle, query=""):
    return Page(client.get(battle.get_absolute_url() + query))


def publish_claim(kind, battle, claimant, passage=None, **values):
    statement = make_statement(kind, battle=battle, **values)
    cite(statement, passage or make_passage(), claimant=claimant)
    publish([statement])
    return statement


def casualties(battle, claimant, value, category, **values):
    return publish_claim(
        Kind.CASUALTIES, battle, claimant, value=value, category=category, **values
    )


def test_every_statement_links_to_each_passage_it_rests_on_and_the_links_open(client, battle):
    text = make_document("The army crossed <the> ford at dawn.\n\nTwo corps stood there.")
    held, locator = make_passage("army crossed <the> ford", document=text), make_locator()
    for kind, passage in ((Kind.NARRATIVE, held), (Kind.DATE, locator), (Kind.NOTE, held)):
        statement = make_statement(kind, battle=battle)
        cite(statement, passage)
        cite(statement, make_passage(), bearing=Citation.Bearing.DISPUTES)
        publish([statement])
    page = read(client, battle)
    assert len(page.cited) == 3
    for statement in Statement.objects.published():
        addresses = page.cited[str(statement.pk)]
        assert set(addresses) == {str(citation.pk) for citation in statement.citations.all()}
        for citation in statement.citations.all():
            address = addresses[str(citation.pk)]
            if citation.passage.document_id:
                assert address.endswith(f"#p-{citation.passage_id}")
            opened = Page(client.get(address))
            assert opened.status == 200
            assert f"p-{citation.passage_id}" in opened.ids


def test_a_draft_is_nowhere_on_the_page(client, battle):
    make_published(battle=battle)
    cite(make_statement(battle=battle, text="Nobody crossed."))
    assert "Nobody crossed" not in read(client, battle).html


def test_a_battle_never_published_answers_like_one_that_does_not_exist(client, battle):
    make_statement(battle=battle)
    drafted = client.get(battle.get_absolute_url())
    missing = client.get(reverse("battles:battle-detail", args=["no-such-battle"]))
    assert (drafted.status_code, drafted.content) == (404, missing.content)


def test_a_former_slug_redirects_for_ever_once_the_battle_is_public(client, battle):
    battle.slug = "new-ford"
    battle.save()
    assert client.get("/battles/the-ford/?origin=x").status_code == 404
    make_published(battle=battle)
    response = client.get("/battles/the-ford/?origin=x")
    assert (response.status_code, response["Location"]) == (301, "/battles/new-ford/?origin=x")


def test_a_slug_of_another_script_has_a_page(client):
    battle = make_battle("金城战役", slug="金城战役")
    make_published(battle=battle)
    assert "金城战役" in Page(client.get(battle.get_absolute_url())).words


def test_rivals_stand_together_by_claimant_and_the_page_says_that_they_differ(client, battle):
    side = make_side("China", battle=battle)
    south, china = make_origin("South Korea"), make_origin("China")
    casualties(battle, south, 66000, Category.DIED, side=side, printed="66,000")
    casualties(battle, china, 32253, Category.DIED, side=side)
    page = read(client, battle)
    question = Question.objects.get()
    [summary] = [link for link in page.links if link == f"#q-{question.pk}"]
    assert summary.removeprefix("#") in page.ids
    assert "accounts differ" in page.words
    together = page.words[page.words.index("Casualties, China") :]
    assert together.index("32,253") < together.index("66,000")


def test_figures_of_other_categories_are_not_comparable_and_the_page_says_why(client, battle):
    side = make_side("United Nations", battle=battle)
    korea, china = make_origin("South Korea"), make_origin("China")
    casualties(battle, korea, 2689, Category.KILLED_IN_ACTION, side=side)
    casualties(battle, china, 78000, Category.UNSPECIFIED, side=side, bound=Bound.ABOUT)
    page = read(client, battle)
    assert "not comparable: category not stated" in page.words
    assert "accounts differ" not in page.words
    assert "about 78,000" in page.words


def test_nothing_is_added_up(client, battle):
    side = make_side(battle=battle)
    claimant = make_origin("South Korea")
    for value, category in ((2689, "killed_in_action"), (7548, "wounded"), (4136, "missing")):
        casualties(battle, claimant, value, category, side=side)
    assert "14,373" not in read(client, battle).words


def test_one_claim_told_by_two_documents_is_not_called_agreement(client, battle):
    side, china = make_side(battle=battle), make_origin("China")
    for _ in range(2):
        casualties(battle, china, 32253, Category.DIED, side=side)
    assert "one account, told more than once" in read(client, battle).words


def test_accounts_that_agree_differ_from_a_passage_cited_against_them(client, battle):
    side, gamma = make_side("North", battle=battle), make_origin("Gamma board", slug="gamma")
    casualties(battle, make_origin("Alpha"), 500, Category.DIED, side=side)
    statement = make_statement(
        Kind.CASUALTIES, battle=battle, value=500, category=Category.DIED, side=side
    )
    cite(statement, make_passage(), claimant=make_origin("Beta"))
    cite(statement, make_passage(), claimant=gamma, bearing="disputes")
    publish([statement])
    page = read(client, battle)
    assert "accounts differ" in page.words
    assert "agree" not in page.words
    assert "Beta; disputed by Gamma board" in page.words


def test_one_account_that_a_passage_is_cited_against_is_said_to_be_disputed(client, battle):
    date = make_statement(Kind.DATE, battle=battle, date_edtf="1453-05-29")
    cite(date)
    cite(date, make_passage(), claimant=make_origin("Gamma board"), bearing="disputes")
    publish([date])
    page = read(client, battle)
    assert "Date disputed" in page.words
    assert "disputed by Gamma board" in page.words


def test_of_answers_that_are_compared_in_part_the_page_says_so(client, battle):
    publish_claim(Kind.DATE, battle, make_origin("Alpha"), date_edtf="1453")
    publish_claim(Kind.DATE, battle, make_origin("Beta"), date_edtf="1453-05-29")
    torn = {"date_edtf": "", "date_reason": "The page is torn."}
    publish_claim(Kind.DATE, battle, make_origin("Gamma"), **torn)
    assert "some are not comparable: no date is given" in read(client, battle).words


def test_results_on_several_levels_are_not_comparable_and_the_page_says_why(client, battle):
    north = make_side("North", battle=battle)
    for level in ("tactical", "strategic"):
        publish_claim(Kind.RESULT, battle, make_origin(level), level=level, victor=north)
    assert (
        "Who won? (strategic level) and Who won? (tactical level) – not comparable: they speak of "
        "different levels, or do not say which." in read(client, battle).words
    )


def test_rival_sentences_stand_together_where_the_first_stands(client, battle):
    question = make_question("Who had the guns?", battle=battle)
    for section, text, name in (
        (Section.FORCES, "The north had.", "Northern annals"),
        (Section.OUTCOME, "The south had.", "Southern annals"),
    ):
        publish_claim(
            Kind.NARRATIVE,
            battle,
            make_origin(name),
            question=question,
            section=section,
            text=text,
        )
    words = read(client, battle).words
    assert "Who had the guns? accounts differ" in words
    assert 0 < words.index("The north had.") < words.index("The south had.")
    assert "Outcome" not in words


def test_printed_words_are_quoted_once_and_not_at_all_where_only_their_marks_are_more(
    client, battle
):
    make_published(Kind.NAME, battle=battle, text="the Late War", printed="“the Late War”")
    make_published(Kind.NAME, battle=battle, text="Ford War", printed="“War of the Ford”")
    html = client.get(battle.get_absolute_url()).content.decode()
    assert re.findall(r"as printed: <q[^>]*>(.*?)</q>", html) == ["War of the Ford"]


def test_printed_words_are_kept_apart_from_our_reading(client, battle):
    make_published(Kind.DATE, battle=battle, date_edtf="1953-07-27", printed="July 27, 1953")
    make_published(
        Kind.STRENGTH,
        battle=battle,
        value=2,
        counted="corps",
        printed="two corps",
        inference="Led.",
    )
    words = read(client, battle).words
    assert "read as 27 July 1953" in words
    assert "as printed: two corps" in words
    assert "inferred: Led." in words


def test_a_date_without_edtf_says_why(client, battle):
    make_published(Kind.DATE, battle=battle, date_edtf="", date_reason="a few months later")
    assert "a few months later" in read(client, battle).words


def test_what_one_voice_says_stands_by_its_days_and_numbers(client, battle):
    voice, other = make_origin("Zhou"), make_origin("Annals")
    for day in (20, 3, 11, 7):
        publish_claim(Kind.DATE, battle, voice, date_edtf=f"1800-03-{day:02}", aspect=Aspect.PHASE)
    for value in (32_400, 32_253, 32_300):
        casualties(battle, voice, value, Category.WOUNDED)
    casualties(battle, other, 99_999, Category.WOUNDED)
    words = read(client, battle).words
    days = [words.index(f"{day} March 1800") for day in (3, 7, 11, 20)]
    assert days == sorted(days)
    # The alphabet still goes before: the order says nothing about trust.
    numbers = [words.index(number) for number in ("99,999", "32,253", "32,300", "32,400")]
    assert numbers == sorted(numbers)


def test_sentences_flow_in_the_order_of_sections(client, battle):
    for section in (Section.OUTCOME, Section.BACKGROUND):
        make_published(battle=battle, section=section, text=f"About the {section}.")
    words = read(client, battle).words
    assert words.index("About the background.") < words.index("About the outcome.")


def test_what_no_statement_says_is_told_as_nothing_recorded(client, battle):
    make_published(Kind.DATE, battle=battle)
    assert "Nothing recorded: place, result, belligerents" in read(client, battle).words


def test_sides_show_their_people_and_those_of_no_stated_side(client, battle):
    side = make_side("North", battle=battle)
    person = make_entity("Deng Hua", "person")
    other = make_entity("Yang Yong", "person")
    make_published(Kind.COMMANDER, battle=battle, side=side, entity=person)
    make_published(Kind.COMMANDER, battle=battle, entity=other)
    words = read(client, battle).words
    assert words.index("Deng Hua") < words.index("Side not stated") < words.index("Yang Yong")


def test_the_popover_has_the_words_the_claimant_and_the_place(client, battle):
    china, wiki = make_origin("China"), make_origin("Encyclopedia")
    source = make_source(title="The Ford in Brief", origin=wiki)
    book = make_source(title="Annals of the River")
    statement = make_statement(battle=battle)
    passage = make_passage("Southern sources", document=make_document(source=source))
    cite(statement, passage, claimant=china, named_source=book, note_marker="[8]", note="Mind it.")
    publish([statement])
    words = read(client, battle).words
    assert "Southern sources" in words
    assert "On the word of China" in words
    assert (
        "Reported in The Ford in Brief, Encyclopedia, which names Annals of the River [8]" in words
    )
    assert "Mind it." in words


def test_a_passage_that_is_not_held_shows_its_gloss_and_that_it_is_not_verified(client, battle):
    locator = make_locator("p. 479")
    Gloss.objects.create(passage=locator, language="en", text="Losses were lower.", by="a reader")
    make_published(battle=battle, passage=locator)
    words = read(client, battle).words
    assert "Losses were lower." in words
    assert "Not yet verified here." in words


def test_words_of_the_material_are_never_markup(client, battle):
    passage = make_passage("<script>", document=make_document("So <script>alert(1)</script> said."))
    make_published(battle=battle, text="<img src=x>", passage=passage)
    page = read(client, battle)
    assert "<script>" not in page.html
    assert "<img" not in page.html


def test_markers_have_accessible_names_of_their_own(client, battle):
    side = make_side("China", battle=battle)
    casualties(battle, make_origin("China"), 32253, Category.DIED, side=side)
    assert (
        'aria-label="1, source for casualties, China; died, 32,253: ' in read(client, battle).html
    )


# The filter


@pytest.fixture
def two_voices(battle):
    states = make_origin("States", slug="states")
    china = make_origin("China", slug="china", part_of=states)
    south = make_origin("South Korea", slug="south-korea", part_of=states)
    side = make_side("China", battle=battle)
    casualties(battle, china, 32253, Category.DIED, side=side)
    casualties(battle, south, 66000, Category.DIED, side=side)
    make_published(battle=battle, text="A scholar says so.")
    return battle


def test_the_filter_shows_one_voice_and_counts_what_it_hides(client, two_voices):
    page = read(client, two_voices, "?origin=china")
    assert page.status == 200
    assert len(page.cited) == 1
    assert "2 statements hidden" in page.words
    assert "66,000" not in page.words
    assert "1 rival account is hidden by the filter" in page.words


def test_the_filter_includes_what_is_part_of_the_origin(client, two_voices):
    page = read(client, two_voices, "?origin=states")
    assert len(page.cited) == 2
    assert "1 statement hidden" in page.words


def test_the_filter_finds_the_source_s_own_voice_too(client, battle):
    wiki = make_origin("Encyclopedia", slug="wiki")
    passage = make_passage(document=make_document(source=make_source(origin=wiki)))
    publish_claim(Kind.NARRATIVE, battle, make_origin("China"), passage)
    assert "0 statements hidden" in read(client, battle, "?origin=wiki").words


def test_notes_are_numbered_in_the_order_in_which_the_page_shows_them(client, battle):
    note = publish_claim(Kind.NOTE, battle, make_origin(), text="Two calendars differ.")
    publish_claim(Kind.NARRATIVE, battle, make_origin(), text="It rained.")
    publish_claim(Kind.CASUALTIES, battle, make_origin(), value=40, category=Category.WOUNDED)
    assert note.text in read(client, battle).words
    html = client.get(battle.get_absolute_url()).content.decode()
    assert re.findall(r'<a class="marker[^>]*>(\d+)</a>', html) == ["1", "2", "3"]


def test_the_sources_of_the_page_name_their_notes_one_or_several(client, battle):
    one, several = make_passage(), make_passage()
    publish_claim(Kind.NARRATIVE, battle, make_origin(), one)
    publish_claim(Kind.NARRATIVE, battle, make_origin(), several)
    publish_claim(Kind.NARRATIVE, battle, make_origin(), several)
    words = read(client, battle).words
    assert "note 1 " in words
    assert "notes 2–\N{WORD JOINER}3 " in words  # no line ends within it


def test_filtering_renumbers_nothing(client, two_voices):
    whole = read(client, two_voices)
    south = read(client, two_voices, "?origin=south-korea")
    assert 'aria-label="2, source for casualties, China; died, 66,000' in whole.html
    assert 'aria-label="2, source for casualties, China; died, 66,000' in south.html


@pytest.mark.parametrize("value", ["nobody", "%00", "<b>"])
def test_an_unknown_origin_is_named_and_nothing_is_shown(client, two_voices, value):
    page = read(client, two_voices, f"?origin={value}")
    assert page.status == 400
    assert "is an origin that the archive does not know" in page.words
    assert page.cited == {}
    assert two_voices.get_absolute_url() in page.links


def test_a_draft_origin_is_unknown(client, two_voices):
    make_origin("Secret voice", slug="secret")
    page = read(client, two_voices, "?origin=secret")
    assert page.status == 400
    assert "Secret voice" not in page.words


def offered(page, name):
    """What a field of the filter offers, with its counts."""
    field = re.search(rf'<select name="{name}".*?</select>', page.html, re.DOTALL)
    return (
        re.findall(r"<option value=\"[^\"]+\"[^>]*>\u2003*([^<]*)</option>", field[0])
        if field
        else []
    )


@pytest.fixture
def three_tellings(battle):
    """China's word in a participant's book, Korea's word in the same, Korea's in an essay."""
    china, south = make_origin("China", slug="china"), make_origin("South Korea", slug="korea")
    essayist, memoirist = make_origin("Essayist", slug="essayist"), make_origin("Memoirist")
    book = make_source(origin=memoirist, proximity="participant")
    essay = make_source(origin=essayist, proximity="tertiary")
    for text, claimant, source in (
        ("One.", china, book),
        ("Two.", south, book),
        ("Three.", south, essay),
    ):
        passage = make_passage(document=make_document(source=source))
        publish_claim(Kind.NARRATIVE, battle, claimant, passage, text=text)
    return battle


def test_the_filter_offers_what_is_there_with_counts(client, three_tellings):
    page = read(client, three_tellings)
    assert offered(page, "origin") == [
        "China (1)",
        "Essayist (1)",
        "Memoirist (2)",
        "South Korea (2)",
    ]
    assert offered(page, "claimant") == ["China (1)", "South Korea (2)"]
    assert offered(page, "proximity") == ["participant (2)", "tertiary (1)"]


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("claimant=korea", {"Two.", "Three."}),
        ("claimant=essayist", set()),
        ("origin=essayist", {"Three."}),
        ("proximity=participant", {"One.", "Two."}),
        ("claimant=korea&proximity=participant", {"Two."}),
        ("origin=essayist&claimant=korea&proximity=tertiary", {"Three."}),
        ("origin=essayist&claimant=china", set()),
    ],
)
def test_the_filter_leaves_what_is_all_that_was_asked_for(client, three_tellings, query, left):
    page = read(client, three_tellings, f"?{query}")
    assert page.status == 200
    assert {text for text in ("One.", "Two.", "Three.") if text in page.words} == left
    assert f"{3 - len(left)} statement{'s' if len(left) != 2 else ''} hidden" in page.words


def test_each_choice_counts_what_it_would_leave_given_the_others(client, three_tellings):
    page = read(client, three_tellings, "?claimant=korea")
    assert offered(page, "proximity") == ["participant (1)", "tertiary (1)"]
    assert offered(page, "claimant") == ["China (1)", "South Korea (2)"]
    assert "China" not in " ".join(offered(page, "origin"))
    chosen = read(client, three_tellings, "?claimant=china&proximity=tertiary")
    assert "tertiary (0)" in offered(chosen, "proximity")


def test_the_filter_looks_at_one_citation_at_a_time(client, battle):
    china, south = make_origin("China", slug="china"), make_origin("South Korea", slug="korea")
    statement = make_statement(battle=battle, text="They crossed.")
    for claimant, near in ((china, "participant"), (south, "tertiary")):
        source = make_source(proximity=near)
        cite(statement, make_passage(document=make_document(source=source)), claimant=claimant)
    publish([statement])
    query = "?claimant=china&proximity="
    assert "They crossed." in read(client, battle, f"{query}participant").words
    assert "They crossed." not in read(client, battle, f"{query}tertiary").words


def test_who_disputes_a_statement_does_not_give_their_word_for_it(client, battle):
    south = make_origin("South Korea", slug="korea")
    statement = make_statement(battle=battle, text="They crossed.")
    cite(statement)
    cite(statement, make_locator(), claimant=south, bearing=Citation.Bearing.DISPUTES)
    publish([statement])
    assert "They crossed." not in read(client, battle, "?claimant=korea").words
    assert "They crossed." in read(client, battle, "?origin=korea").words


def test_every_wrong_value_is_named(client, battle):
    make_published(battle=battle)
    page = read(client, battle, "?claimant=nobody&proximity=next-door")
    assert page.status == 400
    assert "“nobody” is a claimant that the archive does not know." in page.words
    assert "“next-door” is a nearness to the events that the archive does not know." in page.words
    assert page.cited == {}


def test_beside_a_wrong_value_the_filter_offers_what_it_always_does(client, two_voices):
    whole, wrong = read(client, two_voices), read(client, two_voices, "?proximity=next-door")
    for name in ("origin", "claimant", "proximity"):
        assert offered(wrong, name) == offered(whole, name) != []


def test_headings_with_nothing_under_them_are_left_out(client, two_voices):
    assert "Course" not in read(client, two_voices, "?origin=china").words


# Around the statements


def test_only_public_battles_are_shown_around_it(client, battle):
    hidden = make_battle("Secret War", scale="war")
    battle.part_of = hidden
    battle.save()
    make_battle("Secret Skirmish", part_of=battle)
    public = make_battle("Second Ford", part_of=battle)
    make_published(battle=public)
    make_published(battle=battle)
    page = read(client, battle)
    assert "Secret" not in page.words
    assert public.get_absolute_url() in page.links


def file_deeply(battle):
    """File a battle under an operation, that under a draft, and so on up to a war."""
    above = None
    for name in ("Great War", "Theatre", "Campaign", "Secret Phase", "Operation"):
        above = make_battle(name, slug=name.split()[0].lower(), scale="campaign", part_of=above)
        if "Secret" not in name:
            make_published(battle=above)
    Battle.objects.filter(pk=battle.pk).update(part_of=above)
    make_published(battle=battle)


@pytest.mark.parametrize("page", ["", "editions/1/"])
def test_it_is_filed_under_all_that_is_above_it_however_far_up(client, battle, page):
    file_deeply(battle)
    found = Page(client.get(f"/battles/the-ford/{page}"))
    trail = found.html.partition('class="breadcrumbs"')[2].partition("</nav>")[0]
    assert re.findall(r'href="(/battles/[^"]+)"', trail)[:4] == [
        f"/battles/{slug}/" for slug in ("great", "theatre", "campaign", "operation")
    ]
    assert "Secret" not in found.words


def test_a_step_further_up_costs_a_query_and_others_none(client, battle, django_assert_num_queries):
    make_published(battle=battle)
    with django_assert_num_queries(6):
        read(client, battle)
    for name, queries in (("War", 6), ("Theatre", 6), ("Campaign", 7)):
        top = Battle.objects.get(part_of=None)
        above = make_battle(name, scale="campaign")
        make_published(battle=above)
        Battle.objects.filter(pk=top.pk).update(part_of=above)
        with django_assert_num_queries(queries):
            read(client, battle)


def test_what_is_filed_under_it_stands_in_the_order_of_the_list(client, battle):
    make_published(battle=battle)
    names = {"zama": "Zama", "eire": "Éire", "qadisiyya": "al-Qadisiyya", "eagle": "Eagle"}
    for slug, name in names.items():
        make_published(battle=make_battle(name, slug=slug, part_of=battle))
    expected = [f"/battles/{slug}/" for slug in ("qadisiyya", "eagle", "eire", "zama")]
    for address in ("/battles/the-ford/", "/battles/?war=the-ford"):
        links = Page(client.get(address)).links
        assert [link for link in links if link in expected] == expected


def test_voices_are_offered_by_name_whatever_the_letters(client, battle):
    for name in ("zealots", "Álava", "Beta", "alpha"):
        casualties(battle, make_origin(name), 1, Category.DIED)
    offered = re.findall(r'<option value="origin[^>]*>(\S+)', read(client, battle).html)
    assert offered[:5] == ["Álava", "alpha", "Beta", "Chroniclers", "zealots"]


def test_what_is_filed_under_it_has_its_dates_and_says_who_won_is_disputed(client, battle):
    part = make_battle("Skirmish at the Ford", part_of=battle)
    make_published(Kind.DATE, battle=part, printed="at dawn")
    for name in ("North", "South"):
        side = make_side(name, battle=part)
        make_published(Kind.RESULT, battle=part, victor=side, degree="")
    make_published(battle=battle)
    page = read(client, battle)
    assert "Skirmish at the Ford who won is disputed Battle 29 May 1453" in page.words
    assert 'aria-label="2, source for date, at dawn: ' in page.html


def test_other_names_of_who_fought_stand_beside_them(client, battle):
    china = make_entity("China")
    for text, language in (("China", "en"), ("中国", "zh-Hans"), ("PRC", "en")):
        EntityName.objects.create(entity=china, text=text, language=language)
    make_published(Kind.BELLIGERENT, battle=battle, entity=china)
    page = read(client, battle)
    assert "also PRC, 中国" in page.words
    assert '<span lang="zh-Hans">中国</span>' in page.html


def test_categories_that_are_met_are_explained_and_linked(client, battle):
    casualties(battle, make_origin("China"), 5, Category.MISSING, side=make_side(battle=battle))
    page = read(client, battle)
    assert "#category-missing" in page.links
    assert "category-missing" in page.ids
    assert Category.MISSING.meaning in page.words
    assert Category.WOUNDED.meaning not in page.words


def test_two_statements_of_the_same_words_are_told_apart(client, battle):
    for _ in range(2):
        make_published(battle=battle, text="They crossed.", inference="So.", kind=Kind.NARRATIVE)
        make_published(Kind.DATE, battle=battle, inference="The year is inferred.")
    names = re.findall(r'aria-label="([^"]*)"', read(client, battle).html)
    assert len(names) == len(set(names))


def test_a_battle_whose_statements_were_all_withdrawn_says_so(client, battle):
    statement = make_published(battle=battle)
    withdraw([statement], "It said nothing of the kind.")
    page = read(client, battle)
    assert "Nothing is published here at present." in page.words
    assert battle.get_history_url() in page.links  # where the reason is


def test_a_page_costs_the_same_queries_with_one_statement_or_many(
    client, battle, django_assert_max_num_queries
):
    side = make_side(battle=battle)
    for number in range(12):
        make_published(battle=battle, text=f"Sentence {number}.", position=number)
        claimant = make_origin(f"Voice {number}")
        casualties(battle, claimant, 1000 + number, Category.DIED, side=side)
        make_published(battle=make_battle(f"Part {number}", part_of=battle))
    with django_assert_max_num_queries(9):
        many = read(client, battle)
    assert len(many.cited) == 24
    with django_assert_max_num_queries(10):  # it is looked for among former slugs, too
        read(client, battle, "?origin=nobody")


def test_the_cost_does_not_grow(client, django_assert_num_queries):
    one, many = make_battle("One"), make_battle("Many")
    make_published(battle=one)
    for number in range(9):
        make_published(battle=many, text=f"Sentence {number}.", passage=make_locator())
        make_published(Kind.DATE, battle=many)
    with django_assert_num_queries(6):
        read(client, one)
    with django_assert_num_queries(6):
        read(client, many)
