"""Mappings: what they may say, how they are refused, and that their paper is complete."""

import re
from pathlib import Path

import pytest

from battles.datasets import mapping as mappings
from battles.datasets.mapping import MappingError, RowError, Template, in_ordinary_letters, parse
from tests.battles.small_dataset import MAPPING

PAPER = Path(__file__).resolve().parents[2] / "docs" / "dataset-mappings.md"


def refused(text: str) -> list[str]:
    with pytest.raises(MappingError) as error:
        parse(text.encode(), "m.toml")
    return error.value.reasons


def replaced(old: str, new: str) -> str:
    assert old in MAPPING
    return MAPPING.replace(old, new, 1)


@pytest.mark.parametrize("name", mappings.shipped())
def test_mappings_that_come_with_the_archive_are_in_order(name):
    assert mappings.load(mappings.SHIPPED / f"{name}.toml").name == name


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("format = 1", "format = 2", "format: 1 is the one that can be read."),
        ("format = 1", 'format = "1"', "format: a whole number was expected."),
        ('name = "fords"', "", "“name” is missing."),
        ('slug = "fords"', 'slug = "the fords"', "[dataset] slug: Enter a valid “slug”"),
        (
            'rights = "open_licence"',
            'rights = "free"',
            "[dataset] rights: Value 'free' is not a valid choice; ",
        ),
        ('title = "Annals"', 'title = "Annals"\nurl = "x"', "[[source]] 1 url: Enter a valid URL"),
        ('origin = "ford-society"', 'origin = "x"', "[dataset] origin: “x” is no slug of any"),
        ("[dataset]", "[datasets]", "“datasets” is not known here; these are: format, name"),
        ('key = ["id"]', 'key = ["nr"]', "[file.battles] key: “nr” is no column; these are: id, "),
        ('key = ["id"]', "key = 1", "[file.battles] key: a list of texts, such as"),
        ('{ battle = "id" }', '{ battle = "name" }', "[file.losses] join.battles: the key of "),
        ("join.battles", "join.nothing", "[file.losses] join.nothing: it names no other"),
        ('north = "North"', "north = 1", "values.side: a table of texts was expected"),
        ('scale = "war"', 'scale = "duel"', "[[battle]] 1 scale: “duel” is not one of: battle, "),
        ('name = "{name}"', 'name = "{nome}"', "[[battle]] 2 name: “nome” is no column"),
        ('name = "{name}"', 'name = "{name"', "[[battle]] 2 name: a brace stands alone"),
        ('name = "{name}"', 'name = "{name|upper}"', "[[battle]] 2 name: there is neither"),
        ('name = "{name}"', 'name = "{name.__class__}"', "“name.__class__” is no column"),
        ('file = "battles"\nonce', 'file = "b"\nonce', "[[statement]] “war” file: there is no "),
        ('kind = "name"', 'kind = "names"', "[[statement]] “war” kind: “names” is not one of: "),
        ('kind = "name"', 'kind = "date"', "[[statement]] “war” text: a statement of this kind "),
        ('bound = "exactly"', "", "[[statement]] “loss”: a statement of this kind needs “bound”."),
        ('bound = "exactly"', 'bound = "circa"', "[[statement]] “loss” bound: “circa” is not "),
        ('claimant = "the-north"', 'claimant = "n"', "[[statement]] “course” claimant: “n” is "),
        ('quote = "{words}"', "", "[[statement]] “course”: a passage needs document, start, "),
        ('name = "loss"', 'name = "war"', "[[statement]]: each needs a name of its own."),
        ('name = "loss"', 'name = "loss"\nwhose = "x"', "[[statement]] 4: “whose” is not known "),
        ('file = "annals.txt"', 'file = "losses.csv"', "[file.…]: “losses.csv” is named twice."),
    ],
)
def test_a_wrong_mapping_is_refused_by_key(old, new, said):
    assert any(said in reason for reason in refused(replaced(old, new))), refused(
        replaced(old, new)
    )


def test_everything_wrong_is_told_at_once():
    text = replaced('scale = "war"', 'scale = "duel"').replace('bound = "exactly"\n', "")
    assert len(refused(text)) == 2
    text = replaced("format = 1", "format = 2").replace('key = ["id"]', "key = 1")
    assert len(refused(text)) == 2


@pytest.mark.parametrize("data", [b"\xff", b"[", b"a = 1\n" * 100_000, b"x = " + b"[" * 10_000])
def test_what_is_no_toml_is_refused(data):
    with pytest.raises(MappingError):
        parse(data)


def test_a_template_is_text_and_columns():
    mapping = parse(MAPPING.encode())
    template = Template.of("{name}, {side|side}!")
    assert mapping.read(template, {"name": "Ford", "side": "north"}) == "Ford, North!"
    with pytest.raises(RowError, match=r"side is “east”, which \[values.side\] does not list"):
        mapping.read(template, {"name": "Ford", "side": "east"})


def test_prefixes_part_a_rank_from_a_name():
    text = MAPPING + '\n[prefixes]\nrank = ["Major", "Major General"]\n'
    mapping = parse(text.encode())
    row = {"who": "Major General John Newton"}
    assert mapping.read(Template.of("{who|rank}"), row) == "Major General"
    assert mapping.read(Template.of("{who|-rank}"), row) == "John Newton"
    assert mapping.read(Template.of("{who|-rank}"), {"who": "John Newton"}) == "John Newton"


@pytest.mark.parametrize(
    ("printed", "usual"),
    [
        ("THIRTY YEAR'S WAR", "Thirty Year's War"),
        ("WORLD WAR II (NORTH AFRICA 1942-1943)", "World War II (North Africa 1942-1943)"),
        ("ALLERHEIM (NORDLINGEN II)", "Allerheim (Nordlingen II)"),
        ("US-MEXICAN WAR", "US-Mexican War"),
        ("OKINAWA (US 7TH DIVISION)", "Okinawa (US 7th Division)"),
        ("Day's Gap", "Day's Gap"),
    ],
)
def test_capitals_become_ordinary_letters(printed, usual):
    assert in_ordinary_letters(printed, ["US"]) == usual


def test_the_paper_names_every_key_and_no_other():
    documented = set(re.findall(r"^\| `([^`]+)` \|", PAPER.read_text(), flags=re.MULTILINE))
    known = {
        f"{table}.{key}" if table else key
        for table, keys in mappings.TABLES.items()
        for key in keys
    }
    assert documented == known
