"""The list of battles and its filters."""

from urllib.parse import unquote

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from battles.filters import OFFERED
from battles.kinds import Aspect, Category, Kind
from battles.models import Battle
from battles.publication import open_revision, publish, withdraw
from sources.years import YearField
from tests.builders import (
    cite,
    make_battle,
    make_entity,
    make_origin,
    make_passage,
    make_published,
    make_side,
    make_statement,
    rechecked,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db

ADDRESS = "/battles/"


def read(client, query=""):
    return Page(client.get(ADDRESS + query))


def listed(client, query=""):
    """Return the names of the battles that the list shows, in its order."""
    page = read(client, query)
    assert page.status == 200, page.words
    links = [
        link
        for link in page.links
        if link.startswith(ADDRESS) and link != ADDRESS and "?" not in link
    ]
    return [link.removeprefix(ADDRESS).strip("/") for link in links]


def make_dated(slug, edtf, **values):
    battle = make_battle(slug, slug=slug, **values)
    reason = {} if edtf else {"date_reason": "soon after"}
    make_published(Kind.DATE, battle=battle, date_edtf=edtf, **reason)
    return battle


def test_only_public_battles_are_listed_in_the_order_of_their_names(client):
    make_dated("b", "1453")
    make_dated("a", "1453")
    make_battle("draft", slug="draft")
    assert listed(client) == ["a", "b"]


def test_a_date_in_the_list_links_to_its_passage(client):
    battle = make_dated("a", "1453-05-29")
    page = read(client)
    statement = battle.statements.get()
    [address] = page.cited[str(statement.pk)].values()
    assert "29 May 1453" in page.words
    assert address.endswith(f"#p-{statement.evidence.passage_id}")


@pytest.mark.parametrize("view", ["list", "timeline"])
def test_dates_of_parts_stand_for_a_whole_that_nothing_dates(client, view):
    battle = make_battle("a", slug="a")
    for edtf in ("1622-05-07", "1622-05-06"):
        make_published(Kind.DATE, battle=battle, date_edtf=edtf, aspect=Aspect.PHASE)
    told = read(client, f"?view={view}").words
    assert "No date is recorded" not in told
    assert told.casefold().index("a phase: 6 may 1622") < told.casefold().index("a phase: 7 may")
    make_published(Kind.DATE, battle=battle, date_edtf="1622-05")
    told = read(client, f"?view={view}").words
    assert "May 1622" in told
    assert "phase" not in told


def make_phases(slug, number):
    battle = make_battle(slug.title(), slug=slug)
    for day in range(1, number + 1):
        make_published(Kind.DATE, battle=battle, date_edtf=f"1622-05-{day:02}", aspect=Aspect.PHASE)
    return battle


def test_of_many_phases_a_few_are_shown_and_the_others_folded(client):
    make_phases("ford", 14)
    page = read(client)
    assert "11 more dates of Ford" in page.words
    shown, folded = page.html.split("<details><summary>")
    assert shown.count("a phase:") == 3
    assert folded.count("a phase:") == 11  # none is left out, nor is the way to its passage
    assert len(page.cited) == 14


def test_a_few_phases_and_any_number_of_rival_dates_are_all_shown(client):
    make_phases("ford", 4)
    hill = make_battle("Hill", slug="hill")
    for year in range(1600, 1609):
        make_published(Kind.DATE, battle=hill, date_edtf=str(year))
    assert " more dates of" not in read(client).words


def test_rival_dates_of_a_battle_are_told_apart_in_the_list(client):
    battle = make_dated("a", "1453-05-29")
    make_published(Kind.DATE, battle=battle, date_edtf="1453-05-30")
    text = client.get(ADDRESS).content.decode()
    between = text.partition(">29 May 1453<")[2].partition(">30 May 1453<")[0]
    assert "</span></span></span>; <span" in between


def test_a_war_that_nothing_is_filed_under_may_be_asked_for(client):
    make_dated("war", "1453", scale="war")
    assert listed(client, "?war=war") == []
    assert "No battle fits." in read(client, "?war=war").words


def test_the_war_filter_reaches_all_that_is_part_of_it(client):
    war = make_dated("war", "1950", scale="war")
    campaign = make_dated("campaign", "1950", scale="campaign", part_of=war)
    make_dated("deep", "1950", part_of=campaign)
    make_dated("elsewhere", "1950")
    found = read(client, "?war=war").words
    assert "campaign" in found
    assert "deep" in found
    assert "elsewhere" not in found
    assert "campaign (1)" in read(client).words
    assert "war (2)" in read(client).words


def test_the_party_filter_finds_where_it_fought(client):
    china, rome = make_entity("China", slug="china"), make_entity("Rome", slug="rome")
    for slug, party in (("a", china), ("b", rome)):
        battle = make_dated(slug, "1453")
        make_published(Kind.BELLIGERENT, battle=battle, entity=party)
    drafted = make_dated("c", "1453")
    cite(make_statement(Kind.BELLIGERENT, battle=drafted, entity=china))
    assert listed(client, "?party=china") == ["a"]
    assert "China (1)" in read(client).words


def test_the_disputed_filter_and_the_mark(client):
    battle = make_dated("a", "1453")
    make_dated("b", "1453")
    side = make_side(battle=battle)
    for name, value in (("North", 10), ("South", 20)):
        statement = make_statement(
            Kind.CASUALTIES, battle=battle, side=side, value=value, category=Category.DIED
        )
        cite(statement, make_passage(), claimant=make_origin(name))
        publish([statement])
    assert listed(client, "?disputed=yes") == ["a"]
    assert listed(client, "?disputed=no") == ["b"]
    assert read(client).words.count("disputed") == 1


def test_what_a_list_is_narrowed_by_is_said_in_words_above_the_folded_form(client):
    war = make_battle("War of the Rivers", slug="rivers", scale="war")
    make_published(battle=war)
    make_dated("a", "1453", part_of=war)
    assert "Narrow the list" in read(client).words
    words = read(client, "?war=rivers&from_year=1400").words
    assert "Narrowed by war or campaign: War of the Rivers (1); from year: 1400 War" in words
    assert "Narrowed by war or campaign: <b>" in read(client, "?war=<b>").words


@pytest.mark.parametrize("view", ["list", "timeline", "map"])
def test_a_disputed_result_is_said_so(client, view):
    battle = make_battle("Battle of the Ford")
    make_published(Kind.PLACE, battle=battle, place=make_entity("Ford", "place"))
    for name in ("North", "South"):
        side = make_side(name, battle=battle)
        make_published(Kind.RESULT, battle=battle, victor=side, degree="")
    assert "Battle of the Ford who won is disputed" in read(client, f"?view={view}").words


@pytest.mark.parametrize(
    ("edtf", "query", "found"),
    [
        ("1453-05-29", "from_year=1453&to_year=1453", True),
        ("1453-05-29", "from_year=1454", False),
        ("1453-05-29", "to_year=1452", False),
        ("1450/1460", "from_year=1455&to_year=1455", True),
        ("1453/..", "from_year=2000", True),
        ("1453/..", "to_year=1452", False),
        ("../1453", "to_year=1000", True),
        ("../1453", "from_year=1454", False),
        ("-0479", "from_year=480 BCE&to_year=480 bce", True),
        ("-0479", "from_year=-480&to_year=-480", True),
        ("-0479", "from_year=479 BCE", False),
        ("-0479", "to_year=1", True),
        ("0000", "from_year=1 BC&to_year=1 BC", True),
        ("XXXX-07", "from_year=1", False),
        ("", "from_year=1", False),
    ],
)
def test_the_year_filter_finds_dates_that_can_mean_those_years(client, edtf, query, found):
    make_dated("ford", edtf)
    assert listed(client, f"?{query}") == (["ford"] if found else [])


def test_a_draft_date_is_not_found(client):
    battle = make_battle("a")
    make_published(battle=battle)
    cite(make_statement(Kind.DATE, battle=battle, date_edtf="1453"))
    assert listed(client, "?from_year=1453") == []


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("war=nowhere", "“nowhere” is a war or campaign that the archive does not know."),
        ("party=nobody", "“nobody” is a party that the archive does not know."),
        ("party=%00", "that the archive does not know."),
        ("disputed=perhaps", "“perhaps”"),
        ("from_year=soon", "“soon” is no year."),
        ("to_year=0", "There is no year 0"),
        ("from_year=1953&to_year=1950", "The years end before they begin."),
    ],
)
def test_an_unknown_value_is_named_and_nothing_is_listed(client, query, message):
    make_dated("ford", "1453")
    page = read(client, f"?{query}")
    assert page.status == 400
    assert message in page.words
    assert page.cited == {}
    assert "/battles/ford/" not in page.links
    assert ADDRESS in page.links


def test_what_was_chosen_stays_chosen_and_counts_follow_the_other_filters(client):
    war = make_dated("war", "1950", scale="war")
    china, rome = make_entity("China", slug="china"), make_entity("Rome", slug="rome")
    make_published(Kind.BELLIGERENT, battle=make_dated("a", "1950", part_of=war), entity=china)
    make_published(Kind.BELLIGERENT, battle=make_dated("b", "1453"), entity=rome)
    page = read(client, "?war=war")
    assert '<option value="war" selected>' in page.html
    assert "China (1)" in page.words
    assert "Rome" not in page.words


def test_a_long_list_has_pages_that_keep_the_filter(client):
    for number in range(55):
        make_dated(f"b-{number:02}", "1453")
    first = listed(client, "?from_year=1453")
    assert first[:50] == [f"b-{number:02}" for number in range(50)]
    assert "?from_year=1453&page=2" in read(client, "?from_year=1453").links
    assert listed(client, "?from_year=1453&page=2")[:5] == [f"b-{n}" for n in range(50, 55)]


@pytest.mark.parametrize("number", ["0", "3", "-1", "x", "�"])
def test_a_page_that_is_not_there_is_not_found(client, number):
    make_dated("a", "1453")
    page = read(client, f"?page={number}".replace("�", "%07"))
    assert page.status == 404
    assert f"There is no page “{number}” of this list; it has 1." in page.words


def test_the_list_costs_the_same_queries_for_one_battle_or_many(client, django_assert_num_queries):
    party = make_entity("China")
    make_published(Kind.BELLIGERENT, battle=make_dated("a", "1453"), entity=party)
    with django_assert_num_queries(9):
        read(client)
    war = make_dated("war", "1950", scale="war")
    for number in range(8):
        battle = make_dated(f"b-{number}", "1453", part_of=war)
        make_published(Kind.BELLIGERENT, battle=battle, entity=make_entity(f"Party {number}"))
    with django_assert_num_queries(9):
        read(client)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("1953", 1953),
        ("480 BCE", -479),
        ("-480", -479),
        ("−480", -479),
        ("1 bc", 0),
        ("33 AD", 33),
        ("AD 33", 33),
        ("ad33", 33),
    ],
)
def test_years_are_read_as_historians_write_them(text, year):
    assert YearField().clean(text) == year


@pytest.mark.parametrize("text", ["soon", "-33 AD", "AD 33 BCE", "BCE 480", "1234567"])
def test_what_is_no_year_is_refused_with_examples(text):
    with pytest.raises(ValidationError, match="Write one as 1953, 480 BCE or -480"):
        YearField().clean(text)


def test_the_address_is_as_published():
    assert reverse("battles:battle-list") == ADDRESS


def make_fought(slug, **told):
    """Make a battle with one statement of each kind given, of the entity or side given with it."""
    battle = make_dated(slug, "1453")
    for kind, entity in told.items():
        column = "place" if kind == Kind.PLACE else "entity"
        make_published(kind, battle=battle, **{column: entity})
    return battle


def test_a_commander_a_place_and_a_voice_narrow_the_list(client):
    deng = make_entity("Deng Hua", "person", slug="deng-hua")
    ford = make_entity("Ford", "place", slug="ford")
    make_fought("a", commander=deng)
    make_fought("b", place=ford)
    statement = make_statement(battle=make_dated("c", "1453"))
    cite(statement, make_passage(), claimant=make_origin("China", slug="china"))
    publish([statement])
    assert listed(client, "?person=deng-hua") == ["a"]
    assert listed(client, "?place=ford") == ["b"]
    assert listed(client, "?claimant=china") == ["c"]
    words = read(client).words
    for choice in ("Deng Hua (1)", "Ford (1)", "China (1)", "Chroniclers (3)"):
        assert choice in words, choice


def test_a_wider_voice_finds_its_parts_and_says_no_number(client):
    states = make_origin("States", slug="states")
    statement = make_statement(battle=make_dated("a", "1453"))
    cite(statement, make_passage(), claimant=make_origin("China", slug="china", part_of=states))
    publish([statement])
    make_dated("b", "1453")
    assert listed(client, "?claimant=states") == ["a"]
    assert '<option value="states">States</option>' in read(client).html


def test_a_wider_voice_under_which_nothing_is_said_leaves_nothing(client):
    make_dated("a", "1453")
    make_origin("Silent", slug="silent", public=True)
    page = read(client, "?claimant=silent")
    assert (page.status, "No battle fits." in page.words) == (200, True)
    assert page.cited == {}


def test_the_victor_is_a_party_on_the_side_that_is_said_to_have_won(client):
    battle = make_dated("a", "1453")
    north, south = make_side("North", battle=battle), make_side("South", battle=battle)
    for side, slug in ((north, "northern"), (south, "southern")):
        party = make_entity(slug.title(), slug=slug)
        make_published(Kind.BELLIGERENT, battle=battle, entity=party, side=side)
    make_published(Kind.RESULT, battle=battle, victor=north, degree="decisive")
    assert listed(client, "?victor=northern") == ["a"]
    assert listed(client, "?degree=decisive") == ["a"]
    assert read(client, "?victor=southern").status == 400
    assert "decisive (1)" in read(client).words


def test_a_disputed_result_is_said_so_and_found(client):
    for slug in ("a", "b"):
        battle = make_dated(slug, "1453")
        for name in ("North", "South")[: 2 if slug == "a" else 1]:
            statement = make_statement(
                Kind.RESULT, battle=battle, victor=make_side(name, battle=battle), degree=""
            )
            cite(statement, make_passage(), claimant=make_origin(name))
            publish([statement])
    assert listed(client, "?disputed=result") == ["a"]
    assert "a who won is disputed" in read(client).words
    assert "b who won is disputed" not in read(client).words


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("", ["älpha", "Beta", "gamma", "none"]),
        ("name", ["älpha", "Beta", "gamma", "none"]),
        ("date", ["Beta", "gamma", "älpha", "none"]),
        ("latest", ["älpha", "gamma", "Beta", "none"]),
        ("statements", ["gamma", "älpha", "Beta", "none"]),
    ],
)
def test_the_list_is_sorted_as_wished(client, sort, found):
    for slug, edtf in (("gamma", "../0999"), ("älpha", "1950"), ("Beta", "-0479"), ("none", "")):
        make_dated(slug, edtf)
    make_published(battle=Battle.objects.get(slug="gamma"))
    assert [unquote(slug) for slug in listed(client, f"?sort={sort}")] == found


def test_a_timeline_begins_at_the_beginning_and_shows_the_same_battles(client):
    make_dated("late", "1950")
    make_dated("early", "-0479")
    make_dated("other", "1453")
    page = read(client, "?view=timeline&from_year=1900")
    assert listed(client, "?view=timeline") == ["early", "other", "late"]
    assert listed(client, "?view=timeline&from_year=1900") == ["late"]
    assert "?from_year=1900" in "".join(page.links)
    assert page.cited


@pytest.mark.parametrize("view", ["map", "timeline"])
def test_from_a_wrong_value_the_ways_on_keep_the_view(client, view):
    page = read(client, f"?view={view}&party=nobody")
    assert page.status == 400
    assert page.links.count(f"/battles/?view={view}") == 2  # to clear, and to see the whole list


@pytest.mark.parametrize("view", ["list", "map", "timeline"])
def test_to_clear_a_filter_keeps_the_view(client, view):
    make_dated("a", "1453")
    query = "" if view == "list" else f"?view={view}"
    page = read(client, f"{query or '?'}&from_year=1400&sort=date")
    assert f'<a href="/battles/{query}">Clear</a>' in page.html


def test_an_order_is_offered_where_there_is_one(client):
    make_dated("a", "1453")
    for view in ("list", "timeline"):
        assert "Sorted by" in read(client, f"?view={view}").words
    page = read(client, "?view=map&sort=latest")
    assert "Sorted by" not in page.words
    assert '<input type="hidden" name="sort" value="latest"' in page.html  # back in the list


def test_a_timeline_of_battles_without_dates_draws_no_line(client):
    make_published(battle=make_battle("a"))
    page = read(client, "?view=timeline")
    assert "No date is recorded for these battles." in page.words
    assert "Each bar is one claimed date" not in page.words
    assert "timeline-axis" not in page.html
    make_dated("b", "")
    make_dated("c", "XXXX-07")
    page = read(client, "?view=timeline")
    assert "No day of these dates is known, so there is no line of time." in page.words
    assert "a No date is recorded." in page.words
    assert "timeline-axis" not in page.html
    make_dated("d", "1953-07")
    assert "timeline-axis" in read(client, "?view=timeline").html


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("person=nobody", "nobody"),
        ("place=nowhere", "nowhere"),
        ("claimant=nobody", "nobody"),
        ("victor=nobody", "nobody"),
        ("degree=total", "total"),
        ("sort=colour", "colour"),
        ("view=film", "film"),
    ],
)
def test_an_unknown_heading_order_or_view_is_named(client, query, value):
    make_dated("ford", "1453")
    page = read(client, f"?{query}")
    assert page.status == 400
    assert f"“{value}” is" in page.words
    assert page.cited == {}


def test_of_many_headings_those_with_most_battles_are_offered(client):
    battle = make_dated("a", "1453")
    for number in range(OFFERED + 2):
        party = make_entity(f"Party {number:02}", slug=f"party-{number}")
        make_published(Kind.BELLIGERENT, battle=battle, entity=party)
    often = make_entity("Zulu", slug="zulu")
    for slug in ("b", "c"):
        make_published(Kind.BELLIGERENT, battle=make_dated(slug, "1453"), entity=often)
    words = read(client).words
    assert "Zulu (2)" in words
    assert words.count("Party ") == OFFERED - 1 + words.count("Party any")
    assert f"The {OFFERED} with most battles. The index has all" in words
    assert "/entities/?kind=party" in read(client).links
    assert 'aria-describedby="id_party_helptext"' in read(client).html
    assert "/entities/?kind=person" not in read(client).links
    hidden = next(n for n in range(OFFERED + 2) if f"Party {n:02} (1)" not in words)
    assert listed(client, f"?party=party-{hidden}") == ["a"]


def test_too_many_battles_are_not_counted_under_each_choice(client, monkeypatch):
    monkeypatch.setattr("battles.filters.COUNTED", 1)
    china = make_entity("China", slug="china")
    for slug in ("a", "b"):
        make_fought(slug, belligerent=china)
    page = read(client, "?from_year=1453")
    assert '<option value="china">China</option>' in page.html
    assert "China (2)" in read(client).words


def test_every_heading_may_be_chosen_at_once(client):
    china = make_entity("China", slug="china")
    deng = make_entity("Deng Hua", "person", slug="deng-hua")
    ford = make_entity("Ford", "place", slug="ford")
    battle = make_fought("a", commander=deng, place=ford)
    side = make_side("North", battle=battle)
    make_published(Kind.BELLIGERENT, battle=battle, entity=china, side=side)
    statement = make_statement(Kind.RESULT, battle=battle, victor=side, degree="decisive")
    cite(statement, make_passage(), claimant=make_origin("Press", slug="press"))
    publish([statement])
    make_fought("b", belligerent=china)
    chosen = "?party=china&person=deng-hua&place=ford&victor=china&degree=decisive&disputed=no"
    assert listed(client, f"{chosen}&claimant=press") == ["a"]
    words = read(client, f"{chosen}&claimant=press").words
    for choice in ("China (1)", "Deng Hua (1)", "Ford (1)", "decisive (1)", "Press (1)"):
        assert choice in words, choice


def test_the_index_follows_publication_and_withdrawal(client):
    party = make_entity("China", slug="china")
    battle = make_fought("a", belligerent=party)
    withdraw(battle.statements.filter(kind=Kind.BELLIGERENT), "A slip.")
    page = read(client, "?party=china")
    assert page.status == 400
    assert "China" not in read(client).words


def test_the_index_follows_a_revision(client):
    china, rome = make_entity("China", slug="china"), make_entity("Rome", slug="rome")
    battle = make_fought("a", belligerent=china)
    revision = open_revision(battle.statements.get(kind=Kind.BELLIGERENT))
    revision.entity = rome
    revision.save()
    publish(rechecked(revision))
    assert listed(client, "?party=rome") == ["a"]
    assert read(client, "?party=china").status == 400


def test_filters_cost_the_same_queries_for_one_battle_or_many(client, django_assert_num_queries):
    china = make_entity("China", slug="china")
    war = make_dated("war", "1950", scale="war")
    make_fought("a", belligerent=china)
    Battle.objects.filter(slug="a").update(part_of=war)
    query = "?party=china&war=war&from_year=1400"
    with django_assert_num_queries(14):
        read(client, query)
    for number in range(8):
        make_fought(f"b-{number}", belligerent=china)
    Battle.objects.filter(slug__startswith="b-").update(part_of=war)
    with django_assert_num_queries(14):
        read(client, query)
