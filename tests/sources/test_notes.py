"""What calls for a note in a text, and what only looks as if it did."""

import pytest

from sources.notes import calls, joined, markers_between, markers_of, number_of, unresolved


@pytest.mark.parametrize(
    ("text", "markers"),
    [
        ("They crossed.[1] It rained. [2]", ["[1]", "[2]"]),
        ("The duke[note 1] and his heir[Note 2].", ["[note 1]", "[Note 2]"]),
        ("The duke[a] met his heir,[b] then left.[c]", ["[a]", "[b]", "[c]"]),
        ("They crossed.¹ It rained,² they say.", ["¹", "²"]),
        ("They killed many¹ and wounded²; see ³.", ["¹", "²"]),
        ("战役¹在七月开始。² 그들은 건넜다³", ["¹", "²", "³"]),
        ("They lost 2,689† there.", ["†"]),
        ("They lost 2,689* there.", ["*"]),
        ("They lost few.‡", ["‡"]),
    ],
)
def test_markers_are_found_where_they_call_for_a_note(text, markers):
    found = calls(text)
    assert [call.marker for call in found] == markers
    assert [text[call.start : call.end] for call in found] == markers


@pytest.mark.parametrize(
    "text",
    [
        "The year [1953], and the army [sic] came.",
        "The Soviet[s] will go on, and [t]hey know it; [a] former duke, too.",
        "It took 5 m² of 12 km², and 10² men; x² + y² = z².",
        "It took 5 m¹, 6 m² and 7 m³, or cm³ and 3 metres².",
        "In 1953² it ended, in 1954³ it was told.",
        "Only a second one stands here.² Or a third.³ Then a ninth.⁹",
        "平方米¹ 平方米²",
        "*They crossed* and M*A*S*H was shown; 3 * 4 is 12, and 3*4 too.",
        "Odo († 1953) and Bero, †1954, and Emma †.",
        "* They crossed.\n* They left.",
        "The first page.*\f\nThe second page.*",
        "1⁹⁵³ and ¹⁹⁵³ are years.",
        "",
    ],
)
def test_what_could_be_something_else_is_no_marker(text):
    assert calls(text) == []
    assert unresolved(text) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("One.¹ Two.² Three.³\n\n¹ Odo, p. 1.\n³ Bero.", ["²"]),
        ("One.¹ Two.² Four.⁴\n", ["¹", "²", "³", "⁴"]),
        ("The duke[a] met his heir.[b]\n\n[a] Odo.", ["[b]"]),
        ("The duke[note 1] and his heir.[note 3]", ["[note 1]", "[note 2]", "[note 3]"]),
        ("They lost 2,689† there.\n\n† As Odo has it.", []),
        ("They lost 2,689* there.\n\n* As Odo has it.", []),
        ("One.¹ One more.[1]", ["¹", "[1]"]),
    ],
)
def test_notes_that_the_text_holds_are_not_missing_and_gaps_are(text, missing):
    assert [one.marker for one in unresolved(text)] == missing


def test_markers_can_be_told_apart_again():
    assert joined(["[1]", "[2]", "[1]"]) == "[1][2]"
    assert joined(["¹", "²"]) == "¹ ²"
    for markers in (["[1]", "[2]"], ["¹", "²"], ["¹²"], ["[a]", "¹", "†"], ["[note 1]", "[7]"]):
        assert markers_of(joined(markers)) == markers


def test_the_markers_of_a_part_are_those_within_it():
    text = "They crossed.[1] It rained.[2][2] They left.[3]"
    found = calls(text)
    start, end = text.index("It"), text.index(" They left")
    assert markers_between(found, start, end) == "[2]"
    assert markers_between(found, start, end - 1) == "[2]"
    assert markers_between(found, 0, 3) == ""


@pytest.mark.parametrize(
    ("marker", "number"), [("[7]", 7), ("[note 12]", 12), ("[c]", 3), ("¹²", 12), ("†", 2)]
)
def test_a_marker_has_its_place_in_its_series(marker, number):
    assert number_of(marker) == number
