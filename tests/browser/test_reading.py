"""A visitor's way through the archive, in a real browser."""

import pytest
from playwright.sync_api import expect

from battles.kinds import Kind
from battles.models import Citation, Statement
from battles.publication import publish
from tests.builders import cite, make_battle, make_passage, make_published, make_statement

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def marker_of(page, text):
    statement = Statement.objects.get(text=text)
    return page.locator(f'[data-statement="{statement.pk}"] .marker')


def tab_to(page, wanted):
    """Press Tab until the focus is where it is wanted, as often as a patient reader would."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if wanted.evaluate("it => it === document.activeElement"):
            break
    expect(wanted).to_be_focused()


def test_from_the_first_page_to_the_passage_and_back(page, archive):
    page.goto(archive["home"])
    page.get_by_role("link", name="Battle of the Ford").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Battle of the Ford")

    name = "source for casualties, North; category not stated, 32,253: Chronicle of the Ford"
    page.get_by_role("link", name=name).hover()
    note = page.locator(".note:popover-open")
    expect(note).to_contain_text("Chinese sources: 32,253")
    expect(note).to_contain_text("On the word of China")
    expect(note).to_contain_text("Reported in Chronicle of the Ford, Chroniclers")

    note.get_by_role("link", name="Read the passage").click()
    citation = Citation.objects.get(statement__value=32253)
    assert page.url.endswith(f"#p-{citation.passage_id}")
    mark = page.locator(f'[id="p-{citation.passage_id}"]')
    expect(mark).to_have_text("Chinese sources: 32,253")
    expect(mark).to_be_in_viewport()

    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Battle of the Ford")


def test_a_note_closes_when_the_pointer_leaves(page, archive):
    page.goto(archive["battle"])
    marker_of(page, "They crossed at dawn.").hover()
    expect(page.locator(".note:popover-open")).to_have_count(1)
    page.get_by_role("heading", level=1).hover()
    expect(page.locator(".note:popover-open")).to_have_count(0)


def test_a_finger_that_just_misses_a_number_opens_its_note_and_no_other(open_page, archive):
    page = open_page(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.goto(archive["battle"])
    markers = page.locator(".statement .marker")
    sizes = markers.evaluate_all(
        """markers => markers.map((marker) => {
          marker.scrollIntoView({block: "center"});
          const {x, y, width, height} = marker.getBoundingClientRect();
          const hits = (left) => document.elementFromPoint(left, y + height / 2) === marker;
          const reach = [...Array(64).keys()].filter((n) => hits(x + width / 2 + n / 2 - 16));
          const inside = [0.2, 0.5, 0.8].every((part) => hits(x + width * part));
          return [marker.ariaLabel, inside, reach.length / 2, height];
        })"""
    )
    assert len(sizes) > 10
    assert [label for label, inside, _, _ in sizes if not inside] == []
    wide = [label for label, _, reach, height in sizes if reach >= 24 and height >= 22]
    assert len(wide) > len(sizes) / 2  # the others have a neighbour


def test_in_a_low_window_no_note_reaches_out_of_it(open_page, archive):
    page = open_page(viewport={"width": 1280, "height": 300})
    page.goto(archive["battle"])
    note = page.locator(".note:popover-open")
    for marker in page.locator(".statement .marker").all()[:12]:
        marker.evaluate("it => it.scrollIntoView({block: 'center'})")
        marker.hover()
        expect(marker).to_have_attribute("aria-expanded", "true")
        box = note.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 300
        page.mouse.move(1279, 1)
        expect(note).to_have_count(0)


def test_with_the_keyboard_alone(page, archive):
    page.goto(archive["battle"])
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    contents = page.get_by_role("navigation", name="On this page")
    tab_to(page, contents.get_by_role("link", name="Course"))
    page.keyboard.press("Enter")
    marker = marker_of(page, "They crossed at dawn.")
    note = page.locator(".note:popover-open")
    tab_to(page, marker)
    expect(note).to_contain_text("crossed the ford at dawn, and")

    page.keyboard.press("Tab")
    assert note.evaluate("it => it.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(note).to_have_count(0)
    expect(marker).to_be_focused()

    page.keyboard.press("Enter")
    page.wait_for_url("**/documents/**")
    passage = Citation.objects.get(statement__text="They crossed at dawn.").passage_id
    assert page.url.endswith(f"#p-{passage}")


def test_a_finger_opens_the_note_first(open_page, archive):
    page = open_page(**PHONE)
    page.goto(archive["battle"])
    marker = marker_of(page, "They crossed at dawn.")
    marker.tap()
    note = page.locator(".note:popover-open")
    expect(note).to_contain_text("crossed the ford at dawn, and")
    assert page.url == archive["battle"]
    note.get_by_role("link", name="Read the passage").tap()
    page.wait_for_url("**/documents/**")
    expect(page.locator("mark:target")).to_be_in_viewport()


def test_a_finger_beside_an_open_note_only_closes_it(open_page, archive):
    page = open_page(**PHONE)
    page.goto(archive["battle"])
    marker_of(page, "They crossed at dawn.").tap()
    note = page.locator(".note:popover-open")
    expect(note).to_have_count(1)
    link = page.get_by_role("article").get_by_role("link", name="River War", exact=True).first
    link.evaluate("it => it.scrollIntoView({block: 'start'})")
    link.tap()
    expect(note).to_have_count(0)
    page.wait_for_timeout(300)
    assert page.url == archive["battle"]
    link.tap()
    page.wait_for_url(archive["war"])


def test_a_finger_on_another_marker_opens_its_note_instead(open_page, archive):
    page = open_page(**PHONE)
    page.goto(archive["battle"])
    marker_of(page, "They crossed at dawn.").tap()
    other = marker_of(page, "They crossed again.")
    other.evaluate("it => it.scrollIntoView({block: 'start'})")
    other.tap()
    expect(page.locator(".note:popover-open")).to_contain_text("dawn, and the army crossed")
    assert page.url == archive["battle"]


def test_a_mouse_beside_an_open_note_follows_what_it_clicks(page, archive):
    page.goto(archive["battle"])
    marker_of(page, "They crossed at dawn.").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(page.locator(".note:popover-open")).to_have_count(1)
    page.get_by_role("article").get_by_role("link", name="River War", exact=True).first.click()
    page.wait_for_url(archive["war"])


def test_without_scripts_a_marker_leads_to_the_mark(open_page, archive):
    page = open_page(java_script_enabled=False)
    page.goto(archive["battle"])
    assert page.locator(".note:visible").count() == 0
    marker_of(page, "They crossed again.").click()
    page.wait_for_url("**/documents/**")
    expect(page.locator("mark:target")).to_be_in_viewport()


def test_a_passage_that_another_crosses_is_lit_whole(open_page, archive):
    page = open_page(java_script_enabled=False)
    citation = Citation.objects.get(statement__text="They crossed again.")
    page.goto(f"{archive['reader, open']}#p-{citation.passage_id}")
    pieces = page.locator(f'[id="p-{citation.passage_id}"], [data-passage="{citation.passage_id}"]')
    assert "".join(pieces.all_inner_texts()) == "dawn, and the army crossed the ford again"
    colours = [
        piece.evaluate("it => getComputedStyle(it).backgroundColor") for piece in pieces.all()
    ]
    assert len(colours) > 1
    assert len(set(colours)) == 1
    assert colours[0] != "rgba(0, 0, 0, 0)"


def test_the_origin_filter_makes_an_address_to_share(page, archive):
    page.goto(archive["battle"])
    page.get_by_text("Show only some accounts").click()
    page.get_by_label("Only what is heard from").select_option(value="china")
    page.get_by_role("button", name="Show").click()
    assert page.url.startswith(archive["battle, filtered"])
    expect(page.get_by_role("status")).to_contain_text("statements hidden")


def test_the_sources_filter(page, archive):
    page.goto(archive["sources"])
    page.get_by_label("Origin").select_option(value="states")
    page.get_by_role("button", name="Show").click()
    assert "origin=states" in page.url
    expect(page.get_by_role("link", name="History of the River War")).to_be_visible()
    assert page.get_by_role("main").get_by_role("link", name="Chroniclers").count() == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_in_the_hand_the_filters_of_a_list_are_folded_above_it(open_page, archive, scripts):
    page = open_page(viewport={"width": 390, "height": 844}, java_script_enabled=scripts)
    page.goto(archive["sources"])
    expect(page.get_by_label("Origin")).to_be_hidden()
    page.get_by_text("Narrow the list").click()
    page.get_by_label("Origin").select_option(value="states")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("Narrowed by origin: ")).to_be_visible()
    expect(page.get_by_label("Origin")).to_be_hidden()
    page.goto(f"{archive['sources']}?from_year=soon")
    expect(page.get_by_label("From year")).to_be_visible()


def test_dark_mode_is_dark(open_page, archive):
    def paper(**wishes):
        page = open_page(**wishes)
        page.goto(archive["home"])
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        return sum(int(part) for part in colour[4:-1].split(","))

    assert paper(color_scheme="light") > 600
    assert paper(color_scheme="dark") < 150


@pytest.mark.parametrize("word", ["When?", "金城战役"])
def test_a_marker_stands_on_the_line_of_the_last_word(open_page, live_server, word):
    text = f"Who crossed the ford, and who had the guns on that day? {word}"
    battle = make_published(text=text).battle
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}{battle.get_absolute_url()}")
    marker = page.locator(".narrative .marker")
    for width in range(320, 720, 5):
        page.set_viewport_size({"width": width, "height": 800})
        apart = marker.evaluate(
            """it => {
                const last = document.createRange(), words = it.previousSibling;
                last.setStart(words, words.length - 1);
                last.setEnd(words, words.length);
                return it.getBoundingClientRect().x - last.getBoundingClientRect().right;
            }"""
        )
        assert abs(apart) < 8, width


def test_the_markers_of_a_statement_stay_on_one_line(open_page, live_server):
    statement = make_statement(text="Who crossed the ford, and who had the guns on that day?")
    for _ in range(4):
        cite(statement)
    publish([statement])
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}{statement.battle.get_absolute_url()}")
    markers = page.locator(".narrative .marker")
    for width in range(320, 720, 5):
        page.set_viewport_size({"width": width, "height": 800})
        tops = markers.evaluate_all("all => all.map(it => it.getBoundingClientRect().top)")
        assert len(tops) == 4
        assert max(tops) - min(tops) < 1, width


def test_very_many_markers_part_between_their_numbers(open_page, live_server):
    statement = make_statement(Kind.DATE, date_edtf="1953-07-27")
    for _ in range(30):
        cite(statement)
    publish([statement])
    page = open_page(java_script_enabled=False)
    page.goto(f"{live_server.url}{statement.battle.get_absolute_url()}")
    for width in (320, 390, 700):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == width
        lines = page.locator(".marker").evaluate_all(
            "all => all.map(it => [...it.getClientRects()].filter(box => box.width > 3).length)"
        )
        assert lines == [1] * 30, width


def test_on_paper_the_sources_stand_beside_the_sentences(page, archive):
    page.goto(archive["battle"])
    page.emulate_media(media="print")
    expect(page.locator(".sidenotes").first).to_be_visible()
    expect(page.get_by_role("heading", name="Sources of this page")).to_be_visible()
    assert page.locator("form").first.is_hidden()


def test_on_paper_nothing_is_folded(page, live_server):
    passage = make_passage()
    for number in range(6):
        make_published(text=f"Sentence {number}.", passage=passage)
    page.goto(f"{live_server.url}{passage.document.get_absolute_url()}")
    last = page.locator("details .statement").last
    folds = page.locator(".notes summary")
    expect(folds).to_be_visible()
    assert not last.is_visible()
    page.emulate_media(media="print")
    expect(last).to_be_visible()
    expect(folds).to_be_hidden()


@pytest.mark.parametrize("width", [320, 768, 1280])
def test_no_page_is_wider_than_its_window(open_page, archive, width):
    page = open_page(viewport={"width": width, "height": 800})
    wide = {}
    for name, address in archive.items():
        page.goto(address)
        if over := page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        ):
            wide[name] = over
    assert wide == {}


def test_a_name_longer_than_the_window_makes_no_page_wider(open_page, live_server):
    battle = make_battle("The Siege of Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch")
    statement = make_published(battle=battle, text="They crossed at dawn.")
    page = open_page(viewport={"width": 320, "height": 800})
    for address in (
        battle.get_absolute_url(),
        f"{battle.get_absolute_url()}accounts/",
        battle.get_history_url(),
        statement.get_absolute_url(),
    ):
        page.goto(f"{live_server.url}{address}")
        expect(page.locator(".breadcrumbs")).to_contain_text(battle.name)
        assert page.evaluate("document.documentElement.scrollWidth") == 320, address


@pytest.mark.parametrize("scripts", [True, False])
def test_from_the_search_box_to_the_words(open_page, archive, scripts):
    page = open_page(java_script_enabled=scripts)
    page.goto(archive["home"])
    page.get_by_label("Search the archive").fill("GUNS “deng hua”")
    page.keyboard.press("Enter")
    texts = page.get_by_role("region", name="Texts")
    expect(texts.locator("mark").first).to_have_text("guns")
    texts.get_by_role("link", name="Chronicle of the Ford").first.click()
    page.wait_for_url("**/documents/**")
    mark = page.locator("mark:target")
    expect(mark).to_have_text("guns")
    expect(mark).to_be_in_viewport()


def test_a_drawn_claim_opens_its_passage(page, archive):
    page.goto(archive["battle"])
    mark = page.locator(".drawn tbody tr", has_text="29 May").locator("svg.mark rect")
    mark.click()
    page.wait_for_url("**/documents/**")
    expect(page.locator("mark:target")).to_have_text("at dawn")


def test_drawn_claims_cost_the_keyboard_no_stop(page, archive):
    page.goto(archive["battle"])
    assert page.locator(".drawn svg a, .drawn a:has(svg)").count() > 0
    assert page.locator('.drawn a:has(svg):not([tabindex="-1"])').count() == 0


def test_from_the_page_to_what_changed_in_it(page, archive):
    page.goto(archive["battle"])
    page.get_by_role("link", name="what changed", exact=True).click()
    page.get_by_label("From edition").select_option("2")
    page.get_by_role("button", name="Show what changed").click()
    assert page.url == archive["history, compared"]
    expect(page.get_by_text("The passage says the contrary.")).to_be_visible()
