"""The search as visitors use it: the same results in the same order on every database."""

import re

import pytest

from battles.kinds import Kind
from battles.models import EntityName
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
    make_source,
    make_statement,
)
from tests.reading import Page

pytestmark = pytest.mark.django_db

RIVER = (
    "A river runs north.\n\nThe Kŭmsŏng salient was held by two corps. 金城以南有两个军。\n\n"
    "The army crossed the ford at dawn."
)


def search(client, question, **parameters):
    return client.get("/search/", {"q": question} | parameters)


def titles(client, question, **parameters):
    """The headings of all results, in order."""
    page = search(client, question, **parameters)
    assert page.status_code == 200, page.content.decode()
    found = re.findall(r'<div class="index-name">(.*?)</div>', page.content.decode(), re.DOTALL)
    return [re.sub("<[^>]*>", "", title) for title in found]


def marks(client, question, **parameters):
    return re.findall("<mark>(.*?)</mark>", search(client, question, **parameters).content.decode())


@pytest.fixture
def kumsong():
    battle = make_battle("Battle of Kumsong")
    place = make_entity("Kumsong", "place")
    EntityName.objects.create(entity=place, text="금성", language="ko")
    for name, romanises in (("Jīn Chéng Zhàn Yì", "金城战役"), ("The salient", "")):
        make_published(Kind.NAME, battle=battle, text=name, romanises=romanises)
    make_published(Kind.PLACE, battle=battle, place=place)
    other = make_battle("Battle of the Ford")
    make_published(battle=other, text="It was far from the town of Kumsong.")
    return battle


@pytest.mark.parametrize(
    "question",
    [
        "金城",
        "금성",
        "Jincheng",
        "jin cheng",
        "Jin Cheng Zhan Yi",
        "JĪN CHÉNG",
        "Kumsong",
        "Kŭmsŏng",
        "Ｋｕｍｓｏｎｇ",
        "金城战役",
        "金城戰役",
        "战役",
        "戰役",
        "役",
        "Jincheng Zhanyi",
        '"jin cheng"',
        "battle Kum song",
    ],
)
def test_every_form_of_its_name_finds_a_battle(client, kumsong, question):
    assert titles(client, question, kind="battles") == ["Battle of Kumsong"]


@pytest.mark.parametrize("question", ["城金", "金成", "Jinchang", '"cheng jin"', "Kumsong dawn"])
def test_other_words_do_not(client, kumsong, question):
    assert titles(client, question, kind="battles") == []


def test_traditional_and_simplified_characters_find_each_other(client):
    text = "此戰之後，兩軍在金城以南停戰。"
    make_published(Kind.NAME, battle=make_battle("Truce"), text="停戰", language="zh-Hant")
    make_published(passage=make_passage("兩軍", document=make_document(text)))
    for question, words in (("两军", "兩軍"), ("兩軍", "兩軍"), ("停战", "停戰")):
        assert words in marks(client, question)
    assert titles(client, "停战", kind="battles") == titles(client, "停戰", kind="battles") != []


def test_a_battle_of_that_name_comes_before_those_to_which_it_only_belongs(client, kumsong):
    place = kumsong.statements.get(kind=Kind.PLACE).place
    told_more = make_battle("Battle of the Hill")
    make_published(Kind.PLACE, battle=told_more, place=place)
    for _ in range(9):
        make_published(battle=told_more)
    assert titles(client, "kumsong", kind="battles") == ["Battle of Kumsong", "Battle of the Hill"]


def test_battles_come_by_how_much_is_told_and_then_by_their_dates(client):
    for name, years in (("Late Ford", ["1900"]), ("Early Ford", ["-0480"]), ("Dateless Ford", [])):
        battle = make_battle(name)
        for year in years:
            make_published(Kind.DATE, battle=battle, date_edtf=year)
        for _ in range(2 - len(years)):
            make_published(battle=battle)
    great = make_battle("Great Ford")
    for _ in range(4):
        make_published(battle=great)
    assert titles(client, "ford", kind="battles") == [
        "Great Ford",
        "Early Ford",
        "Late Ford",
        "Dateless Ford",
    ]


def test_statements_come_as_facts_first_and_then_in_the_order_of_the_page(client):
    battle = make_battle()
    for text, position in (("Guns fell silent.", 7), ("Guns spoke.", 2)):
        make_published(battle=battle, text=text, position=position)
    make_published(battle=battle, text="Guns came.", section="background", position=9)
    make_published(Kind.NAME, battle=battle, text="Day of Guns")
    assert titles(client, "guns", kind="statements") == [
        "name: Day of Guns",
        "Guns came.",
        "Guns spoke.",
        "Guns fell silent.",
    ]


def test_a_statement_is_found_by_its_battle_after_its_own_words(client):
    battle = make_battle("Battle of the Guns")
    make_published(battle=battle, text="Nobody came.", section="background")
    make_published(text="The guns came.")
    assert titles(client, "guns", kind="statements") == ["The guns came.", "Nobody came."]
    assert titles(client, "guns nobody") == ["Nobody came."]
    assert marks(client, "guns nobody") == ["Nobody", "Guns"]


def test_a_figure_is_found_however_its_thousands_are_written(client):
    make_published(Kind.CASUALTIES, value=32253)
    assert titles(client, "32253") == titles(client, "32,253") != []


def test_a_result_shows_the_words_and_leads_to_the_passage(client):
    passage = make_passage("at dawn")
    statement = make_published(text="The army crossed at dawn.", passage=passage)
    page = Page(search(client, "army", kind="statements"))
    assert statement.get_absolute_url() in page.links
    assert f"{passage.document.get_absolute_url()}#p-{passage.pk}" in page.links
    assert marks(client, "ARMY", kind="statements") == ["army"]


def test_a_source_is_found_by_titles_and_by_makers(client):
    source = make_source(title="Annals", title_original="河战史", note="By a monk.")
    source.contributions.create(name="Sima Qian", name_original="司马迁")
    make_published(passage=make_locator(source=source))
    for question in ("annals", "河战", "司马迁", '"sima qian"', "monk", "Chroniclers"):
        assert titles(client, question, kind="sources") == ["Annals"], question


# Texts


def test_a_hit_in_an_open_text_opens_at_the_words(client):
    document = make_document(RIVER, source=make_source(title="River Book"))
    make_published(passage=make_passage("at dawn", document=document))
    page = Page(search(client, "kumsong", kind="texts"))
    start = RIVER.index("Kŭmsŏng")
    link = f"{document.get_absolute_url()}?at={start}-{start + 7}#p-found"
    assert link in page.links
    reader = client.get(link)
    assert '<mark id="p-found">Kŭmsŏng</mark>' in reader.content.decode()
    assert marks(client, "kumsong", kind="texts") == ["Kŭmsŏng"]
    assert marks(client, "个军", kind="texts") == ["个军"]


def test_a_hit_of_several_words_opens_where_they_stand_together(client):
    text = f"The of the of the Persians. {'So it went. ' * 60}There\nthe zyxwv hero stands."
    document = make_document(text)
    make_published(passage=make_passage("hero", document=document))
    assert marks(client, "the zyxwv", kind="texts") == ["the zyxwv"]
    [link] = [x for x in Page(search(client, "the zyxwv", kind="texts")).links if "?at=" in x]
    assert '<mark id="p-found">the zyxwv</mark>' in client.get(link).content.decode()


def test_words_found_may_cross_a_passage(client):
    document = make_document(RIVER)
    passage = make_passage("crossed the ford at", document=document)
    make_published(passage=passage)
    [link] = [x for x in Page(search(client, '"ford at dawn"', kind="texts")).links if "?at=" in x]
    reader = Page(client.get(link))
    assert {"p-found", f"p-{passage.pk}"} <= set(reader.ids)


def test_phrases_stand_together_in_one_paragraph(client):
    document = make_document(RIVER)
    make_published(passage=make_passage("at dawn", document=document))
    assert len(titles(client, '"the army crossed"', kind="texts")) == 1
    assert titles(client, '"army the crossed"', kind="texts") == []
    assert titles(client, '"runs north the"', kind="texts") == []
    assert titles(client, "river dawn", kind="texts") == []


def test_of_a_protected_text_only_the_public_quotes_and_glosses_are_found(client):
    source = make_source(rights="in_copyright")
    document = make_document(RIVER, source=source)
    passage = make_passage("at dawn", document=document)
    make_published(passage=passage)
    make_passage("two corps", document=document)
    assert titles(client, "salient") == titles(client, "corps") == []
    page = Page(search(client, "dawn", kind="texts"))
    assert f"{document.get_absolute_url()}#p-{passage.pk}" in page.links
    assert "crossed" not in page.words
    Gloss.objects.create(passage=passage, language="en", text="In the early morning.", by="us")
    assert len(titles(client, "early morning", kind="texts")) == 1


def test_a_place_of_a_protected_text_cannot_be_asked_for(client):
    document = make_document(RIVER, source=make_source(rights="unknown"))
    make_published(passage=make_passage("at dawn", document=document))
    address = document.get_absolute_url()
    assert client.get(address).status_code == 200
    assert client.get(f"{address}?at=0-40").status_code == 404


@pytest.mark.parametrize("at", ["x", "5-5", "9-2", "0-99999", "-1-3", "1-2-3", "%00", "٣-٤"])
def test_a_place_that_is_not_in_the_text_is_not_found(client, at):
    document = make_document(RIVER)
    make_published(passage=make_passage("at dawn", document=document))
    assert client.get(f"{document.get_absolute_url()}?at={at}").status_code == 404


def test_drafts_are_not_found(client):
    public = make_published(text="The army crossed.")
    cite(make_statement(battle=public.battle, text="A secret draft."))
    make_battle("Secret Battle")
    make_source(title="Secret Source", origin=make_origin("Secret Voice"))
    make_document("A secret text.")
    document = public.evidence.passage.document
    make_document("A secret version.", source=document.source)
    Gloss.objects.create(passage=make_locator(), language="en", text="A secret gloss.", by="us")
    assert titles(client, "secret") == []


# The page


def test_the_page_of_all_kinds_shows_the_first_of_each_and_leads_to_the_rest(client):
    battle = make_battle("Battle of the Guns")
    for number in range(24):
        make_published(battle=battle, text=f"Guns {number}.", position=number)
    page = Page(search(client, "guns"))
    assert "Battles 1" in page.words
    assert "Statements 24" in page.words
    assert "All 24 statements" in page.words
    assert len(titles(client, "guns")) == 6
    first = titles(client, "guns", kind="statements")
    assert first == [f"Guns {number}." for number in range(20)]
    assert "?q=guns&kind=statements&page=2" in Page(search(client, "guns", kind="statements")).links
    assert titles(client, "guns", kind="statements", page=2) == [
        f"Guns {number}." for number in range(20, 24)
    ]
    assert search(client, "guns", kind="statements", page=3).status_code == 404


def test_what_is_too_much_to_count_is_said(client, monkeypatch):
    monkeypatch.setattr("sources.search.LIMIT", 21)
    monkeypatch.setattr("archive.views.LIMIT", 21)
    battle = make_battle()
    for number in range(22):
        make_published(battle=battle, text=f"Guns {number}.", position=number)
    assert "Statements more than 21" in Page(search(client, "guns")).words
    last = Page(search(client, "guns", kind="statements", page=2)).words
    assert "There are more than can be listed here." in last


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"q": "\0\x01"}, "“��” holds no letter or digit to look for."),
        ({"q": "x" * 201}, "201 characters"),
        ({"q": "…"}, "“…” holds no letter or digit to look for."),
        ({"q": "army", "kind": "ships"}, "“ships” is a kind that the archive does not know."),
        ({"q": "army", "kind": "\0"}, "is a kind that the archive does not know."),
    ],
)
def test_what_cannot_be_looked_for_is_named(client, parameters, problem):
    page = Page(client.get("/search/", parameters))
    assert page.status == 400
    assert problem in page.words


def test_an_open_quotation_mark_is_said(client):
    make_published(text="The army crossed.")
    page = Page(search(client, '"crossed army'))
    assert "A quotation mark is not closed" in page.words
    assert "Statements 1" in page.words


def test_nothing_found_is_said_and_nothing_asked_finds_nothing(client):
    assert "Nothing public holds all of this." in Page(search(client, "army")).words
    assert Page(client.get("/search/")).status == Page(search(client, "  ")).status == 200


def test_the_question_is_shown_as_it_was_asked_and_never_as_markup(client):
    page = search(client, "<b>army</b> & “dawn”")
    assert 'value="&lt;b&gt;army&lt;/b&gt; &amp; “dawn”"' in page.content.decode()
    assert "<b>army" not in page.content.decode()


def test_every_page_has_a_box_that_asks(client):
    for address in ("/", "/about/", "/battles/", "/nowhere/", "/search/"):
        page = client.get(address).content.decode()
        assert page.count('action="/search/"') == 1, address


def test_a_page_costs_the_same_queries_for_one_result_or_many(client, django_assert_num_queries):
    passage = make_passage("crossed the ford")
    make_published(text="The ford.", passage=passage)
    counted = {"": 17, "battles": 10, "statements": 10, "sources": 10, "texts": 11}

    def ask():
        for kind, number in counted.items():
            with django_assert_num_queries(number):
                search(client, "ford", kind=kind)

    ask()
    for number in range(7):
        text = f"The ford {number}."
        quote = make_passage("ford", document=make_document(text))
        make_published(battle=make_battle(f"Ford {number}"), text=text, passage=quote)
    ask()
