"""A curator reads and cites at the desk, in a real browser."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from battles.models import Citation, Reading, Statement
from battles.readings import mark
from sources.anchoring import Span
from sources.footnotes import find_in
from sources.models import Passage
from tests.browser.signing_in import sign_in
from tests.builders import (
    cite,
    make_battle,
    make_curator,
    make_document,
    make_origin,
    make_passage,
    make_published,
    make_source,
    make_statement,
)

HARD = (
    "The army crossed the ford at dawn. South Korean sources: 2,689 killed.\n\n"
    "Astral \U00020bb7\U0001f600 words, cafe\u0301 marks, 金城战役 began.\xa0Then all was "
    "quiet.\r\n\f\nAnother page <of> & 'words'. The end came at dusk."
)

# Selects from one code point of the document to another, as a pointer would.
SELECT = """([start, end]) => {
  const place = (wanted) => {
    const all = document.querySelectorAll('.words');
    const words = [...all].findLast((one) => Number(one.dataset.start) <= wanted);
    let left = wanted - Number(words.dataset.start);
    const walker = document.createTreeWalker(words, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const points = [...node.data];
      if (left <= points.length) return [node, points.slice(0, left).join('').length];
      left -= points.length;
    }
  };
  const range = document.createRange();
  range.setStart(...place(start));
  range.setEnd(...place(end));
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@pytest.fixture
def document():
    make_origin("South Korea")
    return make_document(HARD, source=make_source(title="Annals of the Ford"))


@pytest.fixture
def battle(document):
    battle = make_battle()
    statement = make_statement(battle=battle, text="They crossed at dawn.")
    cite(statement, make_passage("crossed the ford at dawn", document=document))
    make_statement(battle=battle, text="It was over by dusk.")
    make_statement("casualties", battle=battle)
    return battle


@pytest.fixture
def at_desk(open_page, live_server, document, battle):
    """Open the desk as a curator who is logged in."""
    curator = make_curator()

    def open_desk(document=document, **wishes):
        page = open_page(**wishes)
        sign_in(page, live_server, curator)
        where = reverse("admin:battles_statement_read", args=[document.pk])
        page.goto(f"{live_server.url}{where}")
        return page

    return open_desk


def select(page, quote):
    start = HARD.index(quote)
    page.evaluate(SELECT, [start, start + len(quote)])


def test_two_statements_are_cited_at_once_by_selecting_words(at_desk):
    page = at_desk()
    box = page.get_by_text("The army", exact=False).first.bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 12)
    page.mouse.down()
    page.mouse.move(box["x"] + 130, box["y"] + 12, steps=5)
    page.mouse.up()
    quote = page.locator("#panel-quote mark")
    expect(quote).to_be_visible()
    selected = quote.inner_text()
    assert len(selected) > 5
    assert selected in HARD

    page.get_by_label("Find statements").fill("dusk")
    expect(page.locator("#panel-statements label")).to_have_count(1)
    page.get_by_text("It was over by dusk.").click()
    page.get_by_label("Find statements").fill("casualties")
    expect(page.locator("#panel-statements label")).to_have_count(2)
    page.locator("#panel-statements label").last.click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("2 citations saved.")).to_be_visible()
    passage = Passage.objects.get(quote=selected)
    assert passage.citations.count() == 2
    expect(page.locator(f'[id="p-{passage.pk}"]')).to_be_in_viewport()


@pytest.mark.parametrize(
    "quote",
    [
        "\U00020bb7\U0001f600 words",
        "\U0001f600",
        "cafe\u0301",
        "金城战役",
        "began.\xa0Then",
        "ford at dawn. South",  # over the end of a mark
        "killed.\n\nAstral",
        "quiet.\r\n\f\nAnother page <of> &",
        HARD,
    ],
)
def test_what_is_stored_is_what_was_selected(at_desk, quote):
    page = at_desk()
    select(page, quote)
    page.keyboard.press("c")
    page.locator("#panel-statements input").first.check()
    expect(page.locator("#panel-quote")).to_be_visible()
    start, end, words = json.loads(page.locator("[name=at]").input_value())
    assert (start, end, words) == (HARD.index(quote), HARD.index(quote) + len(quote), quote)
    page.select_option("[name=bearing]", "context")
    assert page.locator("[name=claimant]").input_value()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 citation saved.")).to_be_visible()
    assert Passage.objects.get(start=start, end=end).quote == quote


def test_in_the_hand_a_button_cites_the_words_that_were_selected(at_desk):
    page = at_desk(viewport={"width": 390, "height": 800}, has_touch=True)
    expect(page.locator("#panel")).to_be_hidden()
    select(page, "金城战役")
    page.wait_for_timeout(200)
    page.evaluate("getSelection().removeAllRanges()")  # as a tap may do
    page.get_by_role("button", name="Cite the words selected").tap()
    expect(page.locator("#panel-quote mark")).to_have_text("金城战役")
    page.locator("#panel-statements input").first.check()
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(page.get_by_text("1 citation saved.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Cite the words selected").tap()  # nothing is, any more
    expect(page.get_by_text("Select words of the text first.")).to_be_visible()


def test_a_marker_leads_to_its_note_beside_it_and_the_note_back(at_desk):
    noted = make_document("They crossed.[1]\n" * 2 + "It rained.\n", source=make_source())
    find_in(noted, noted.text.content)
    page = at_desk(document=noted)
    page.get_by_role("link", name="[1]", exact=True).last.click()
    expect(page.locator("li:target")).to_contain_text("This note is missing.")
    page.get_by_role("link", name="[1], back to the text").click()
    expect(page.locator(".call:target")).to_be_in_viewport()


def test_with_the_keyboard_alone(at_desk):
    page = at_desk()
    page.keyboard.press("n")
    assert page.evaluate("getSelection().toString()") == "South Korean sources: 2,689 killed."
    page.keyboard.press("n")
    assert page.evaluate("getSelection().toString()").startswith("Astral")
    page.keyboard.press("p")
    assert page.evaluate("getSelection().toString()") == "South Korean sources: 2,689 killed."
    page.keyboard.press("c")
    wanted = page.get_by_label("Find statements")
    expect(wanted).to_be_focused()
    expect(page.get_by_text("South Korea is proposed below")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("1 citation saved.")).to_be_visible()
    citation = Citation.objects.get(passage__quote="South Korean sources: 2,689 killed.")
    assert citation.claimant.name == "South Korea"
    page.keyboard.press("u")
    expect(page.get_by_text("The last save was taken back.")).to_be_visible()
    assert Citation.objects.count() == 1


def test_what_is_selected_is_marked_as_read_by_a_key(at_desk, document, battle):
    page = at_desk()
    select(page, "killed.\n\nAstral")
    page.keyboard.press("m")
    expect(page.get_by_label("From number")).to_have_value("1")
    expect(page.get_by_label("To number")).to_have_value("2")
    page.locator(".select2-selection").click()
    page.locator(".select2-search__field").fill("Ford")
    page.locator(".select2-results__option", has_text=battle.name).click()
    page.get_by_role("button", name="Mark as read through").click()
    expect(page.get_by_text("Paragraphs 1–2, by curator")).to_be_visible()
    assert Reading.objects.get().start == 0


def test_a_new_statement_is_started_with_the_fields_of_its_kind(at_desk):
    page = at_desk()
    select(page, "金城战役")
    page.keyboard.press("c")
    page.get_by_label("Start a new statement").select_option("name")
    page.locator("#id_new-text").fill("金城战役")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 citation saved.")).to_be_visible()
    made = Statement.objects.get(kind="name")
    assert made.text == made.citations.get().passage.quote == "金城战役"


def test_what_was_typed_stays_where_a_save_is_refused(at_desk):
    page = at_desk()
    select(page, "金城战役")
    page.keyboard.press("c")
    page.locator("#panel-statements input").first.check()
    page.get_by_text("Its own note, a locator").click()
    page.locator("#id_note").fill("Typed with care.")
    for statement in Statement.objects.all():
        statement.save()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Somebody else changed what you chose")).to_be_visible()
    expect(page.locator("#id_note")).to_have_value("Typed with care.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 citation saved.")).to_be_visible()


def test_a_dropped_connection_loses_nothing_typed(at_desk):
    page = at_desk()
    select(page, "金城战役")
    page.keyboard.press("c")
    page.locator("#panel-statements input").first.check()
    page.route("**/cite/", lambda route: route.fulfill(status=502, body="Bad gateway"))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("What you typed is still here")
    page.unroute("**/cite/")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 citation saved.")).to_be_visible()


def test_after_a_save_the_text_goes_on_where_it_was_and_the_page_is_not_loaded_anew(at_desk):
    page = at_desk()
    page.evaluate("window.still = true")
    page.keyboard.press("n")
    page.keyboard.press("c")
    page.locator("#panel-statements input").first.check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("1 citation saved.")
    passage = Passage.objects.get(quote="South Korean sources: 2,689 killed.")
    expect(page.locator(f'[id="p-{passage.pk}"]')).to_have_text(passage.quote)
    expect(page.locator(".beside").first).to_contain_text("2,689 · persons")
    assert page.evaluate("window.still")
    page.keyboard.press("n")
    assert page.evaluate("getSelection().toString()").startswith("Astral")
    select(page, "words")
    page.keyboard.press("c")
    page.locator("#panel-statements input").first.check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".words mark")).to_have_count(3)
    page.keyboard.press("u")
    expect(page.get_by_text("The last save was taken back.")).to_be_visible()
    assert Citation.objects.count() == 2


def test_a_sentence_is_selected_whole_although_a_mark_begins_a_stretch_within_it(at_desk):
    sentence = (
        "The \U00020bb7 army, which had waited by the river all night long for a sign, at\n"
        "dawn crossed the ford in silence and took the hill."
    )
    tale = make_document(f"{sentence} It won the war.\n", source=make_source(title="A tale"))
    make_passage("It won", document=tale)
    page = at_desk(document=tale)
    assert page.locator(".words").count() == 2
    page.keyboard.press("n")
    page.keyboard.press("c")
    expect(page.locator("#panel-quote mark")).to_be_visible()
    assert json.loads(page.locator("[name=at]").input_value()) == [0, len(sentence), sentence]


def test_an_ended_session_loses_nothing_typed(at_desk, live_server):
    page = at_desk()
    select(page, "金城战役")
    page.keyboard.press("c")
    page.locator("#panel-statements input").first.check()
    page.get_by_text("Its own note, a locator").click()
    page.locator("#id_note").fill("Typed with care.")
    Session.objects.all().delete()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("You are no longer signed in.")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="sign in again in a new tab").click()
    door = opened.value
    door.locator("[name=login]").fill("curator")
    door.locator("[name=password]").fill("ford-and-river")
    door.get_by_role("button", name="Sign in", exact=True).click()
    door.wait_for_url("**/admin/**/read/**")
    door.close()
    expect(page.locator("#id_note")).to_have_value("Typed with care.")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 citation saved.")).to_be_visible()
    assert Citation.objects.get(passage__quote="金城战役").note == "Typed with care."


def test_without_scripts_words_are_pasted_and_their_place_chosen(at_desk):
    page = at_desk(java_script_enabled=False)
    page.get_by_label("Quote").fill("words")
    page.get_by_role("button", name="Find these words").click()
    expect(page.get_by_text("These words stand at 2 places")).to_be_visible()
    page.locator(".places label").last.click()
    page.get_by_role("button", name="Find these words").click()
    page.get_by_label("Find statements").fill("dusk")
    page.get_by_role("button", name="Find", exact=True).click()
    page.locator("#panel-statements input").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("1 citation saved.")).to_be_visible()
    assert Passage.objects.get(quote="words").start == HARD.rindex("words")


def test_without_scripts_an_ended_session_gives_back_what_was_typed(at_desk, live_server):
    page = at_desk(java_script_enabled=False)
    page.get_by_label("Quote").fill("金城战役")
    Session.objects.all().delete()
    page.get_by_role("button", name="Find these words").click()
    expect(page.get_by_text("You are not signed in any more")).to_be_visible()
    sign_in(page, live_server, User.objects.get())
    page.get_by_role("button", name="Put it into the form").click()
    page.locator("#panel-statements input").first.check()
    page.locator("summary").first.click()
    page.locator("#id_note").fill("Typed with care.")
    Session.objects.all().delete()
    page.get_by_role("button", name="Save", exact=True).click()
    sign_in(page, live_server, User.objects.get())
    page.get_by_role("button", name="Put it into the form").click()
    expect(page.locator("#id_note")).to_have_value("Typed with care.")
    expect(page.locator("#panel-statements input").first).to_be_checked()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 citation saved.")).to_be_visible()
    assert Citation.objects.get(passage__quote="金城战役").note == "Typed with care."


SCREENS = {
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "phone, dark": {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
}

OPTIONS = {"preload": False}  # axe would write styles into the page, which it does not allow


@pytest.mark.parametrize("screen", SCREENS)
def test_axe_finds_nothing_at_the_desk(at_desk, live_server, document, battle, screen):
    make_published(battle=battle, passage=make_passage("The end came", document=document))
    find_in(document, "They crossed.[1]")
    page = at_desk(**SCREENS[screen])
    found = [Axe().run(page, options=OPTIONS)]
    select(page, "South Korean sources: 2,689 killed")
    page.keyboard.press("c")
    page.get_by_label("Start a new statement").select_option("casualties")
    page.locator("#panel-new").wait_for()
    found.append(Axe().run(page, options=OPTIONS))
    page.goto(f"{live_server.url}{reverse('admin:battles_statement_shelf')}")
    found.append(Axe().run(page, options=OPTIONS))
    mark(document, battle, Span(0, 9), by=None)
    mark(document, make_battle("Another"), Span(0, document.text_length), by=None)
    page.goto(f"{live_server.url}{reverse('admin:battles_reading_of', args=[document.pk])}")
    found.append(Axe().run(page, options=OPTIONS))
    reports = [one.generate_report() for one in found if one.violations_count]
    assert reports == [], "\n".join(reports)
