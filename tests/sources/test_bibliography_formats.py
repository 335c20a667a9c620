"""What is read from bibliographies as others write them, and what is said of the rest."""

import json

import pytest

from sources.bibliographies import bibtex, csl, ris
from sources.bibliographies.entry import BibliographyError, Entry, Name
from sources.bibliographies.formats import FORMATS
from sources.bibliographies.importing import decoded, read
from sources.bibliographies.latex import decode, encode


def one(reading) -> Entry:
    assert reading.unreadable == []
    (entry,) = reading.entries
    return entry


def names(entry: Entry) -> list[str]:
    return [name.name for name in entry.names]


# BibTeX and BibLaTeX


def test_bibtex_is_read_with_its_strings_accents_and_months():
    entry = one(
        bibtex.read(
            '@string{osprey = "Osprey Publishing"}\n'
            "@Book{malk,\n"
            '  author = "Carter Malkasian and {\\\'E}mile van der Berg and {Military Academy}",\n'
            "  title = {The {Korean} War, 1950--1953}, subtitle = {A History},\n"
            '  publisher = osprey # " Ltd.", address = {New York},\n'
            "  year = 2001, month = jul, isbn = {1-84176-282-2}, language = {english},\n"
            "}\n"
        )
    )
    assert entry.where == "line 2"
    assert names(entry) == ["Malkasian, Carter", "van der Berg, Émile", "Military Academy"]
    assert entry.values == {
        "kind": "book",
        "title": "The Korean War, 1950–1953: A History",
        "publisher": "Osprey Publishing Ltd.",
        "place_published": "New York",
        "issued_edtf": "2001-07",
        "language": "en",
    }
    assert entry.identifiers == [("isbn", "1-84176-282-2")]
    assert entry.unplaced == []


def test_biblatex_is_read_with_its_own_names_of_fields():
    entry = one(
        bibtex.read(
            '@article{a, author={Xu, Yan}, author+an:original={1="徐焰"}, title={On War},'
            " journaltitle={War Studies}, issn={0317-8471}, date={1990-06/1990-07},"
            " location={Beijing}, langid={chinese}, url={https://x.org/a\\_b\\%20c}}"
        )
    )
    assert entry.names == [Name("Xu, Yan", name_original="徐焰")]
    assert entry.container.title == "War Studies"
    assert entry.container.identifiers == (("issn", "0317-8471"),)
    assert entry.values["issued_edtf"] == "1990-06/1990-07"
    assert entry.values["url"] == "https://x.org/a_b%20c"
    assert entry.unplaced == [("langid", "chinese")]


def test_names_are_parted_outside_braces_whatever_they_begin_with():
    author = r"\'Emile Zola and {Simon and Schuster} AND \v{S}ef, Ann and Anders Land"
    entry = one(bibtex.read(f"@book{{b, title={{T}}, author={{{author}}}}}"))
    assert names(entry) == ["Zola, Émile", "Simon and Schuster", "Šef, Ann", "Land, Anders"]


def test_fields_without_a_place_are_told_with_what_they_say():
    entry = one(
        bibtex.read(
            "@phdthesis{t, title={T}, abstract={1--9}, urldate={n. d.}, language={Elvish},"
            " author={A, B and others}, series={S}, booktitle={C}}"
        )
    )
    assert entry.unplaced == [
        ("type", "@phdthesis"),
        ("author", "and others"),
        ("urldate", "n. d."),
        ("language", "Elvish"),
        ("abstract", "1–9"),
        ("series", "S"),
    ]


def test_a_date_that_is_no_date_is_kept_as_printed():
    entry = one(bibtex.read("@book{b, title={T}, year={ca. 1990}}"))
    assert entry.values["issued_printed"] == "ca. 1990"
    assert "issued_edtf" not in entry.values


def test_each_broken_entry_of_bibtex_is_named_and_the_others_are_read():
    reading = bibtex.read(
        "@book{first, title={One}}\n"
        "@book{open, title={never closed\n"
        "@book{second, title={Two}}\n"
        "@book{twice, title={A}, TITLE={B}}\n"
        "@book{nocomma title={x}}\n"
        "stray words and @an entry that is none\n"
        "@comment{kept out}\n"
        "@book{first, title={Three}}\n"
    )
    assert [entry.values["title"] for entry in reading.entries] == ["One", "Two", "Three"]
    told = {(lost.where, lost.key) for lost in reading.unreadable}
    assert ("line 2", "open") in told
    assert ("line 4", "twice") in told
    assert "line 5" in {where for where, _ in told}
    assert any("looks like an entry" in lost.reason for lost in reading.unreadable)
    assert all(lost.reason for lost in reading.unreadable)


def test_braces_nested_too_deep_are_refused_with_their_line():
    with pytest.raises(BibliographyError, match="Line 2 has braces within braces"):
        bibtex.read("@book{b,\n title = " + "{" * 60 + "x" + "}" * 60 + "}")


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"M{\"u}ller, Bront\"e, \c{c}, \v s, \'{\i}", "Müller, Brontë, ç, š, í"),
        (r"{\o}re, \ss{}, \L{}ódź, \AA", "øre, ß, Łódź, Å"),
        ("``x'' -- y---z", "“x” – y—z"),
        (r"\emph{The} \textbf{War} 100\% \& \$5", "The War 100% & $5"),
        (r"\unknown{kept} $x^2$ \foo", r"\unknown{kept} $x^2$ \foo"),
        (r"\input{/etc/passwd}", r"\input{/etc/passwd}"),
        ("抗美援朝 5% off", "抗美援朝 5% off"),
        ("ends with \\", "ends with \\"),
    ],
)
def test_latex_is_read_as_it_would_print_and_unknown_commands_stay(latex, text):
    assert decode(latex) == text


def test_what_latex_would_take_for_a_command_is_escaped():
    assert encode(r"50% of \{A & B}_1") == (
        r"50\% of {\textbackslash}{\textbraceleft}A \& B{\textbraceright}\_1"
    )


def test_the_capitals_of_a_title_are_kept_by_braces():
    (text,) = bibtex.write_biblatex([Entry(key="k", values={"kind": "book", "title": "A War"})])
    assert "title = {{A War}}" in text


def test_a_slug_beyond_ascii_gives_a_key_that_every_program_takes():
    (text,) = bibtex.write_bibtex([Entry(key="抗美", values={"kind": "book", "title": "T"})])
    key = text.partition("{")[2].partition(",")[0]
    assert key.isascii()
    assert key.startswith("source-")


# RIS

RECORD = """TY  - JOUR
AU  - Xu, Yan
AU  - Military Academy
A2  - Berg, Ludwig
T1  - On War
JO  - War Studies
SN  - 0317-8471
Y1  - 1990/07/13/printed on Friday
VL  - 3
IS  - 2
SP  - 241
EP  - 58
Y2  - 2001/1/5
UR  - https://x.org/a;b
UR  - https://y.org/
N1  - First line
  goes on.
ER  -
"""


def test_ris_is_read_with_its_older_tags_and_continued_lines():
    entry = one(ris.read(RECORD))
    assert [(name.name, name.role) for name in entry.names] == [
        ("Xu, Yan", "author"),
        ("Military Academy", "author"),
        ("Berg, Ludwig", "editor"),
    ]
    assert entry.values == {
        "kind": "article",
        "title": "On War",
        "issued_edtf": "1990-07-13",
        "issued_printed": "printed on Friday",
        "volume": "3",
        "issue": "2",
        "pages": "241–58",
        "accessed": "2001-01-05",
        "url": "https://x.org/a;b",
        "note": "First line goes on.",
    }
    assert entry.container.title == "War Studies"
    assert entry.unplaced == [("UR", "https://y.org/")]


def test_records_of_ris_that_do_not_end_and_lines_outside_are_told_by_line():
    reading = ris.read(f"stray\n{RECORD}TY  - BOOK\nID  - lost\nTI  - Lost\nTY  - BOOK\nTI  - B\n")
    assert len(reading.entries) == 1
    assert [(lost.where, lost.key) for lost in reading.unreadable] == [
        ("line 1", ""),
        ("line 20", "lost"),
        ("line 23", ""),
    ]
    assert "no end" in reading.unreadable[1].reason


def test_what_other_programs_keep_in_custom_tags_is_told_and_not_taken():
    entry = one(ris.read("TY  - JOUR\nTI  - T\nC1  - Dept. of War\nC2  - PMC123\nER  -\n"))
    assert entry.values == {"kind": "article", "title": "T"}
    assert entry.unplaced == [("C1", "Dept. of War"), ("C2", "PMC123")]


@pytest.mark.parametrize(
    ("lines", "values", "unplaced"),
    [
        ("PY  - 1990/07/13/", {"issued_edtf": "1990-07-13"}, []),
        ("PY  - 1990\nDA  - 1990/7", {"issued_edtf": "1990-07"}, []),
        ("DA  - 1990/July/13", {"issued_edtf": "1990"}, [("DA", "1990/July/13")]),
        ("PY  - in press", {"issued_printed": "in press"}, []),
    ],
)
def test_no_part_of_a_date_in_ris_goes_untold(lines, values, unplaced):
    entry = one(ris.read(f"TY  - BOOK\nTI  - T\n{lines}\nER  -\n"))
    assert entry.values == {"kind": "book", "title": "T"} | values
    assert entry.unplaced == unplaced


def test_a_value_cannot_begin_another_tag_of_ris():
    entry = Entry(key="k", values={"kind": "book", "title": "T\nER  - \nTY  - BOOK"})
    text = "".join(ris.write([entry]))
    assert text.count("\r\nER  -") == 1
    assert one(ris.read(text.replace("\r\n", "\n"))).values["title"] == "T ER - TY - BOOK"


# CSL-JSON


def test_csl_json_is_read_with_particles_seasons_and_literal_names():
    entry = one(
        csl.read(
            json.dumps(
                [
                    {
                        "id": 7,
                        "type": "chapter",
                        "title": "On War",
                        "author": [
                            {"family": "Berg", "non-dropping-particle": "van der", "given": "L."},
                            {"literal": "Military Academy"},
                            {"family": "Paik", "given": "Sun Yup", "static-ordering": True},
                        ],
                        "issued": {"date-parts": [["1990"]], "season": 1},
                        "container-title": "Wars",
                        "volume": 3,
                        "page": "1-9",
                        "number": 7,
                        "issue": 2,
                        "accessed": {"date-parts": [[2001, 1]]},
                    }
                ]
            )
        )
    )
    assert (entry.where, entry.key) == ("item 1", "7")
    assert names(entry) == ["van der Berg, L.", "Military Academy", "Paik, Sun Yup"]
    assert entry.names[2].family_first
    assert entry.values["issued_edtf"] == "1990-21"
    assert entry.values["volume"] == "3"
    assert entry.container.title == "Wars"
    assert (entry.values["issue"], entry.values["pages"]) == ("2", "1-9")
    assert entry.unplaced == [("accessed", "2001-01"), ("number", "7")]


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ("a string", "no JSON object"),
        ({"type": "book", "title": ["x"]}, "“title” is neither text nor a number"),
        ({"type": "book", "title": "x", "author": "Xu"}, "“author” is no list"),
        ({"type": "book", "title": "x", "author": [{}]}, "“author” is empty"),
        ({"type": "book", "title": "x\0"}, "holds a NUL"),
        ({"type": "book", "title": "x\ud800"}, "half a character"),
        ({"type": "book", "title": "x", "custom": 1}, "“custom” is no JSON object"),
    ],
)
def test_an_item_of_csl_json_that_is_none_is_told_and_the_others_are_read(item, reason):
    reading = csl.read(json.dumps([item, {"type": "book", "title": "Good", "id": "b"}]))
    assert [entry.key for entry in reading.entries] == ["b"]
    (lost,) = reading.unreadable
    assert lost.where == "item 1"
    assert reason in lost.reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('[{"id": 1,\n "id" 2}]', "Line 2 is not JSON"),
        ('[{"title": "a", "title": "b"}]', "“title” stands twice"),
        ("[" * 100_000, "nested too deep"),
        ("3", "no list of CSL items"),
        ("[" + "{}," * 1000 + "{}]", "more than 1,000 entries"),
    ],
)
def test_json_that_is_no_bibliography_is_refused_with_the_reason(text, reason):
    with pytest.raises(BibliographyError, match=reason):
        csl.read(text)


def test_a_date_of_csl_json_that_is_none_is_told():
    issued = {"date-parts": [["spring"]]}
    entry = one(csl.read(json.dumps([{"type": "book", "title": "T", "issued": issued}])))
    assert entry.unplaced == [("issued", '{"date-parts": [["spring"]]}')]


# Any file


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("x.bib", "@book{a, title={T}}", "book"),
        ("x.txt", "\n@book{a, title={T}}", "book"),
        ("x", "TY  - BOOK\nTI  - T\nER  -", "book"),
        ("x.JSON", '[{"type": "book", "title": "T"}]', "book"),
    ],
)
def test_the_format_is_told_by_the_name_or_the_beginning(name, text, kind):
    assert one(read(text, name)).kind == kind


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"caf\xe9", "not UTF-8: byte 4 does not fit"),
        (b"@book{a,\n\0}", "Line 2 holds a NUL"),
        (b"x" * 1_000_001, "at most 1,000,000"),
    ],
)
def test_a_file_that_is_no_text_or_too_long_is_refused(data, reason):
    with pytest.raises(BibliographyError, match=reason):
        decoded(data)


@pytest.mark.parametrize("text", ["nothing of the kind", "", "@"])
def test_a_file_without_entries_is_refused(text):
    with pytest.raises(BibliographyError):
        read(text)


@pytest.mark.parametrize("format_name", FORMATS)
def test_too_many_names_are_refused_and_no_entry_at_all_is_written_well(format_name):
    chosen = FORMATS[format_name]
    crowd = Entry(key="k", values={"kind": "book", "title": "T"}, names=[Name("A, B")] * 501)
    text = "".join(chosen.write([crowd])).replace("\r\n", "\n")
    reading = read(text, f"x.{chosen.suffix}")
    assert "more than 500 names" in reading.unreadable[0].reason
    assert "".join(chosen.write([])) in ("", "[]\n")
