"""The reader in a real browser: it opens where a link says, and notes stay by their lines."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from battles.publication import publish, withdraw
from sources.text_fragments import text_directive
from tests.builders import cite, make_battle, make_document, make_passage, make_statement

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
INFOBOX = [f"United Kingdom of the North, commander number {n}" for n in range(1, 26)]
PAGES = 250
LONG = "\f".join(
    f"Page {page} begins.\n\n"
    + "\n\n".join(
        f"On day {day} of year {page} the army crossed the ford. " + "It rained. " * 30
        for day in range(1, 13)
    )
    for page in range(1, PAGES + 1)
)


def read(live_server, text, quotes):
    """Publish a statement on each quote of a text; return its address and its passages."""
    document = make_document(text)
    battle = make_battle()
    passages = [make_passage(quote, document=document) for quote in quotes]
    statements = [
        make_statement(battle=battle, text=f"A sentence that rests on “{passage.quote}”.")
        for passage in passages
    ]
    for statement, passage in zip(statements, passages, strict=True):
        cite(statement, passage)
    publish(statements)
    return f"{live_server.url}{document.get_absolute_url()}", passages


def mark_of(page, passage):
    return page.locator(f'[id="p-{passage.pk}"]')


def test_a_document_of_a_megabyte_opens_at_the_mark_the_page_and_the_paragraph(
    open_page, live_server
):
    assert len(LONG) > 1_000_000
    address, [_, passage] = read(live_server, LONG, ["day 2 of year 3 ", "day 7 of year 201 "])
    page = open_page(java_script_enabled=False)
    page.goto(f"{address}#p-{passage.pk}")
    expect(mark_of(page, passage)).to_be_in_viewport()
    behaviour = page.locator("html").evaluate("html => getComputedStyle(html).scrollBehavior")
    assert behaviour == "auto"  # at once: to glide there would draw all that lies between
    page.goto(f"{address}#page-150")
    expect(page.get_by_role("link", name="page 150", exact=True)).to_be_in_viewport()
    expect(page.get_by_text("Page 150 begins.")).to_be_in_viewport()
    page.goto(f"{address}#par-3000")
    expect(page.get_by_role("link", name="paragraph 3000", exact=True)).to_be_in_viewport()


def test_the_address_of_a_passage_that_was_withdrawn_says_so_to_those_who_come_by_it(
    open_page, live_server
):
    address, [kept, gone] = read(live_server, "\n".join(INFOBOX), INFOBOX[:2])
    withdraw([gone.citations.get().statement], "It counts another army.")
    page = open_page(java_script_enabled=False)
    page.goto(address)
    notice = page.get_by_text("no longer cited here")
    expect(notice).to_have_count(1)
    expect(notice).to_be_hidden()
    page.goto(f"{address}#p-{kept.pk}")
    expect(notice).to_be_hidden()
    page.goto(f"{address}#p-{gone.pk}")
    expect(notice).to_be_in_viewport()
    expect(notice).to_contain_text("It counts another army.")


def test_the_number_of_a_passage_stands_on_the_line_of_its_first_word(open_page, live_server):
    address, [passage] = read(
        live_server, "The second page begins here. Nobody knows who had the guns.", ["Nobody knows"]
    )
    page = open_page(java_script_enabled=False)
    page.goto(address)
    for width in range(320, 400, 4):
        page.set_viewport_size({"width": width, "height": 800})
        first = mark_of(page, passage).evaluate("it => it.getClientRects()[0].width")
        assert first > 40, width  # the number alone is narrower


# The numbers stand in no text: they are counted by the style sheet, mark by mark.
NUMBERS_IN_THE_TEXT = """() => {
    let number = 0;
    const found = {};
    for (const mark of document.querySelectorAll(".reader mark")) {
        const [counter, step] = getComputedStyle(mark).counterIncrement.split(" ");
        if (counter === "passage") number += Number(step);
        const before = getComputedStyle(mark, "::before").content;
        if (before.includes("counter")) found[`#${mark.id}`] = number;
    }
    return found;
}"""
NUMBERS_IN_THE_MARGIN = """notes => Object.fromEntries(
    notes.map(note => [note.getAttribute("href"), parseInt(note.textContent)])
)"""


@pytest.mark.parametrize("found", ["", "day 1 of", "in it", "Fifty men"])
def test_passages_have_one_number_in_the_text_and_in_the_margin_whatever_was_found(
    page, live_server, found
):
    text = "Fifty men crossed on day 1 of June. On day 2 none did.\n\nA dog was in it."
    address, passages = read(live_server, text, ["Fifty men", "day 2", "A dog was in it"])
    if found:
        at = text.index(found)
        address += f"?at={at}-{at + len(found)}#p-found"
    page.goto(address)
    in_the_text = page.evaluate(NUMBERS_IN_THE_TEXT)
    assert in_the_text == {f"#p-{row.pk}": number for number, row in enumerate(passages, 1)}
    margin = page.locator(".entry-number")
    assert margin.evaluate_all(NUMBERS_IN_THE_MARGIN) == in_the_text


def test_a_text_directive_opens_a_page_at_the_words(open_page, live_server):
    address, [passage] = read(live_server, "\n\n".join(INFOBOX), ["commander number 25"])
    page = open_page(viewport={"width": 1280, "height": 400})
    page.goto(address)
    expect(mark_of(page, passage)).not_to_be_in_viewport()
    page = open_page(viewport={"width": 1280, "height": 400})
    directive = text_directive(passage.quote, passage.prefix, passage.suffix)
    page.goto(f"{address}#:~:{directive}")
    expect(mark_of(page, passage)).to_be_in_viewport()


def test_at_a_desk_every_note_stands_by_its_own_line(page, live_server):
    address, passages = read(live_server, "\n".join(INFOBOX), INFOBOX)
    page.goto(address)
    for passage in passages:
        mark = mark_of(page, passage).bounding_box()
        note = page.locator(f'.entry-number[href="#p-{passage.pk}"]').bounding_box()
        assert abs(mark["y"] - note["y"]) < 12
        assert note["x"] > mark["x"] + mark["width"]


@pytest.mark.parametrize("scripts", [True, False])
def test_in_the_hand_a_button_by_the_line_opens_its_notes(open_page, live_server, scripts):
    page = open_page(**PHONE, java_script_enabled=scripts)
    address, passages = read(live_server, "\n".join(INFOBOX), INFOBOX)
    page.goto(address)
    assert page.locator(".notes:visible").count() == 0
    tops = [mark_of(page, passage).bounding_box()["y"] for passage in passages[:2]]
    button = page.get_by_role("button", name="What rests on passage 2", exact=True)
    assert abs(button.bounding_box()["y"] - tops[1]) < 12
    button.tap()
    notes = page.locator(".notes:popover-open")
    expect(notes).to_contain_text("commander number 2")
    if scripts:
        results = Axe().run(page)
        assert results.violations_count == 0, results.generate_report()
    notes.get_by_role("link", name="To the next passage, 3").tap()
    expect(mark_of(page, passages[2])).to_be_in_viewport()
    if scripts:
        expect(notes).to_contain_text("commander number 3")
    notes.get_by_role("button", name="Close").tap()
    expect(notes).to_have_count(0)


def test_a_finger_beside_an_open_sheet_only_closes_it(open_page, live_server):
    page = open_page(**PHONE)
    address, _ = read(live_server, "\n\n".join(INFOBOX), INFOBOX)
    page.goto(address)
    page.get_by_role("button", name="What rests on passage 1", exact=True).tap()
    sheet = page.locator(".notes:popover-open")
    expect(sheet).to_have_count(1)
    link = page.get_by_role("link", name="paragraph 1", exact=True)
    link.evaluate("it => it.scrollIntoView({block: 'start'})")
    link.tap()
    expect(sheet).to_have_count(0)
    page.wait_for_timeout(300)
    assert page.url == address
    link.tap()
    page.wait_for_url(f"{address}#par-1")
    page.get_by_role("button", name="What rests on passage 1", exact=True).tap()
    page.get_by_role("button", name="What rests on passage 2", exact=True).tap()
    expect(sheet).to_contain_text("commander number 2")


def test_stepping_leads_from_mark_to_mark(page, live_server):
    address, passages = read(live_server, LONG, [f"day 5 of year {n} " for n in (10, 20, 30)])
    page.goto(address)
    page.get_by_role("link", name="Begin at the first").click()
    expect(mark_of(page, passages[0])).to_be_in_viewport()
    page.get_by_role("link", name="To the next passage, 2", exact=True).click()
    expect(mark_of(page, passages[1])).to_be_in_viewport()
    page.get_by_role("link", name="To the passage before, 1", exact=True).click()
    expect(mark_of(page, passages[0])).to_be_in_viewport()


def test_the_address_of_a_paragraph_shows_under_the_pointer_and_the_focus(page, live_server):
    address, _ = read(live_server, "\n\n".join(INFOBOX[:3]), INFOBOX[:1])
    page.goto(address)
    link = page.get_by_role("link", name="paragraph 2", exact=True)

    def opacity():
        return link.evaluate("it => getComputedStyle(it, '::before').opacity")

    assert opacity() == "0"
    page.locator(".text").last.hover()
    assert opacity() == "1"
    page.mouse.move(0, 0)
    link.focus()
    assert opacity() == "1"
    page.keyboard.press("Enter")
    assert page.url == f"{address}#par-2"
