"""The comparison in a real browser: at a desk, in the hand, on paper."""

import re

from playwright.sync_api import expect

from battles.kinds import Aspect, Kind
from battles.publication import publish
from tests.builders import cite, make_battle, make_origin, make_statement

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


def test_from_the_battle_to_two_claimants_side_by_side(page, archive):
    page.goto(archive["battle"])
    page.get_by_role("link", name="The accounts side by side").click()
    expect(page.get_by_role("columnheader", name="China", exact=True)).to_be_visible()
    page.get_by_label("Compare").select_option("china")
    page.get_by_label("with").select_option("south-korea")
    page.get_by_role("button", name="Show the two").click()
    assert page.url.endswith("?claimants=china&claimants=south-korea")
    expect(page.get_by_role("status")).to_contain_text("Only China and South Korea.")
    assert page.get_by_role("columnheader").all_inner_texts() == [
        "Question",
        "China",
        "South Korea",
    ]
    row = page.get_by_role("row", name="Who had the guns?")
    assert row.get_by_role("cell").count() == 2
    expect(row.get_by_role("cell").first).to_contain_text("differs from South Korea")


def test_a_cell_leads_to_the_passage(page, archive):
    page.goto(archive["accounts of two"])
    cell = page.get_by_role("cell").filter(has_text="32,253")
    cell.locator(".marker").click()
    page.wait_for_url("**/documents/**")
    expect(page.locator("mark:target")).to_have_text("Chinese sources: 32,253")


def test_of_many_claimants_each_has_a_readable_column_and_the_first_stay_in_view(page, live_server):
    battle = make_battle()
    dates = []
    for number in range(9):
        voice = make_origin(f"Battlefield Commission {number}")
        for aspect in Aspect.values:
            edtf = f"1953-07-{10 + number}"
            dates.append(make_statement(Kind.DATE, battle=battle, aspect=aspect, date_edtf=edtf))
            cite(dates[-1], claimant=voice)
    publish(dates)
    page.goto(f"{live_server.url}{battle.get_absolute_url()}accounts/")
    columns = page.get_by_role("columnheader")
    assert columns.count() == 10
    widths = columns.evaluate_all("all => all.map(it => it.getBoundingClientRect().width)")
    assert min(widths) > 170
    assert page.evaluate("document.documentElement.scrollWidth") == 1280

    frame = page.get_by_role("region", name="What each claimant says")
    frame.focus()
    expect(frame).to_be_focused()  # so that arrow keys move it
    frame.evaluate("it => it.scrollTo(it.scrollWidth, it.scrollHeight)")
    for kept in (columns.first, columns.last, page.get_by_role("rowheader").last):
        expect(kept).to_be_in_viewport(ratio=1)
    left = frame.bounding_box()["x"]
    assert columns.first.bounding_box()["x"] == left
    assert page.get_by_role("rowheader").last.bounding_box()["x"] == left


def test_in_the_hand_each_question_is_a_card_with_named_voices(open_page, archive):
    page = open_page(**PHONE)
    page.goto(archive["accounts"])
    card = page.locator("tr").filter(has_text="Category not stated")
    voices = card.locator(".cell-claimant:visible").all_inner_texts()
    assert [voice.casefold() for voice in voices] == ["china", "south korea"]
    expect(card.get_by_text("Nothing recorded: Chroniclers")).to_be_visible()
    boxes = [cell.bounding_box() for cell in card.locator("td:visible").all()]
    assert boxes[0]["y"] + boxes[0]["height"] <= boxes[1]["y"]


def test_on_paper_it_is_a_table_without_the_form(open_page, archive):
    page = open_page(viewport={"width": 658, "height": 900})  # between the margins of A4
    page.goto(archive["accounts of two"])
    page.emulate_media(media="print")
    assert page.locator("form").count() == 2  # the search, and the choice of two
    expect(page.locator("form:visible")).to_have_count(0)
    row = page.locator("tr").filter(has_text="Category not stated")
    tops = {round(cell.bounding_box()["y"]) for cell in row.locator("td").all()}
    assert len(tops) == 1
    expect(page.get_by_role("heading", name="Sources of this table")).to_be_visible()


def test_on_paper_many_voices_lie_across_the_sheet_and_two_stand_upright(page, archive):
    def sheets():
        printed = page.pdf(prefer_css_page_size=True)
        boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
        return {float(width) > float(height) for width, height in boxes}

    page.goto(archive["accounts"])
    assert page.get_by_role("columnheader").count() > 3
    assert sheets() == {True}
    page.goto(archive["accounts of two"])
    assert sheets() == {False}
