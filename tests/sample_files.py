"""Honest files of each format, written by hand as far as a reader of them looks."""

import io
import random
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence

PICTURE = "a page that is a picture"

_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def archive(entries: Mapping[str, str | bytes]) -> bytes:
    """Return a ZIP archive of some entries."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in entries.items():
            packed.writestr(name, content)
    return written.getvalue()


def pdf(pages: Sequence[Sequence[str] | str], *, trailer: str = "") -> bytes:
    """Return a PDF of pages of lines in any script; a page may be PICTURE, or blank.

    Its font holds no shapes, only what each of its codes means: all that reading the text takes.
    """
    letters = sorted(
        {letter for page in pages if page is not PICTURE for line in page for letter in line}
    )
    codes = {letter: code for code, letter in enumerate(letters, start=1)}
    narrow = "".join(
        f"{code} [500] "
        for letter, code in codes.items()
        if unicodedata.east_asian_width(letter) not in "WF"
    )
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        _stream(_meanings(codes)),
        b"<< /Type /FontDescriptor /FontName /Plain /Flags 4 /FontBBox [0 -200 1000 900] "
        b"/ItalicAngle 0 /Ascent 900 /Descent -200 /CapHeight 700 /StemV 80 >>",
        f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Plain /CIDSystemInfo << /Registry "
        f"(Adobe) /Ordering (Identity) /Supplement 0 >> /FontDescriptor 4 0 R /DW 1000 "
        f"/W [{narrow}] /CIDToGIDMap /Identity >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Plain /Encoding /Identity-H "
        b"/DescendantFonts [5 0 R] /ToUnicode 3 0 R >>",
    ]
    kids = []
    for page in pages:
        objects.append(_stream(_content(page, codes)))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources "
            f"<< /Font << /F 6 0 R >> >> /Contents {len(objects)} 0 R >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return pdf_of_objects(objects, trailer=trailer)


def pdf_of_objects(objects: Sequence[bytes], *, trailer: str = "") -> bytes:
    """Return a PDF of numbered objects, the first of which is its catalogue."""
    written, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return written + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R %s >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, table, size, trailer.encode(), len(written))
    )


def _stream(content: bytes) -> bytes:
    return b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content)


def _content(page: Sequence[str] | str, codes: Mapping[str, int]) -> bytes:
    if page is PICTURE:
        return b"q 500 0 0 700 50 50 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q"
    lines = " ".join(
        f"<{''.join(f'{codes[letter]:04X}' for letter in line)}> Tj T*" for line in page
    )
    return f"BT /F 12 Tf 16 TL 50 780 Td {lines} ET".encode() if lines else b""


def _meanings(codes: Mapping[str, int]) -> bytes:
    said = "".join(
        f"1 beginbfchar <{code:04X}> <{letter.encode('utf-16-be').hex()}> endbfchar\n"
        for letter, code in codes.items()
    )
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Plain def "
        "/CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
        f"{said}endcmap end end"
    ).encode()


def docx(
    body: str, *, notes: Sequence[str] = (), extra: Mapping[str, str | bytes] | None = None
) -> bytes:
    """Return a DOCX of a body in WordprocessingML, with footnotes 1, 2, …"""
    footnotes = "".join(
        f'<w:footnote w:id="{number}">{word_paragraph(note)}</w:footnote>'
        for number, note in enumerate(notes, start=1)
    )
    return archive(
        {
            "[Content_Types].xml": (
                f'<Types xmlns="{_PACKAGE}/content-types">'
                '<Default Extension="xml" ContentType="application/xml"/></Types>'
            ),
            "_rels/.rels": _relations("officeDocument", "word/document.xml"),
            "word/_rels/document.xml.rels": _relations("footnotes", "footnotes.xml"),
            "word/document.xml": (
                f'<w:document xmlns:w="{_WORD}" xmlns:r="{_RELATIONS}"><w:body>{body}</w:body>'
                "</w:document>"
            ),
            "word/footnotes.xml": f'<w:footnotes xmlns:w="{_WORD}">{footnotes}</w:footnotes>',
            **(extra or {}),
        }
    )


def word_paragraph(text: str, *, note: int = 0) -> str:
    mark = f'<w:r><w:footnoteReference w:id="{note}"/></w:r>' if note else ""
    return f'<w:p><w:r><w:t xml:space="preserve">{text}</w:t></w:r>{mark}</w:p>'


def word_table(rows: Sequence[Sequence[str]]) -> str:
    return "<w:tbl>{}</w:tbl>".format(
        "".join(
            "<w:tr>{}</w:tr>".format(
                "".join(f"<w:tc>{word_paragraph(cell)}</w:tc>" for cell in row)
            )
            for row in rows
        )
    )


def _relations(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_RELATIONS}/{kind}" Target="{target}"/></Relationships>'
    )


def epub(chapters: Mapping[str, str], *, extra: Mapping[str, str | bytes] | None = None) -> bytes:
    """Return an EPUB of chapters by file name, each the inside of a page's body."""
    items = "".join(
        f'<item id="c{number}" href="{name}" media-type="application/xhtml+xml"/>'
        for number, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(chapters)))
    pages = {f"OEBPS/{name}": epub_page(body) for name, body in chapters.items()}
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": (
                '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
                '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'
            ),
            "OEBPS/book.opf": (
                '<package xmlns="http://www.idpf.org/2007/opf" version="3.0">'
                f"<manifest>{items}</manifest><spine>{spine}</spine></package>"
            ),
            **pages,
            **(extra or {}),
        }
    )


def epub_page(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html>'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">'
        f"<head><title>Ford</title></head><body>{body}</body></html>"
    )


_WORDS = "the army ford dawn river crossed killed losses division 金城战役 금성전투".split()


def _sentence(chance: random.Random) -> str:
    return " ".join(f"{chance.choice(_WORDS)} {chance.randrange(2000)}" for _ in range(6))


def long_pdf(pages: int, chance: random.Random) -> bytes:
    """Return a PDF of so many full pages."""
    return pdf([[_sentence(chance) for _ in range(45)] for _ in range(pages)])


def long_docx(characters: int, chance: random.Random) -> bytes:
    """Return a DOCX with at least so many characters of text, in runs as Word writes them."""
    paragraphs, length = [], 0
    while length < characters:
        sentences = [_sentence(chance) for _ in range(8)]
        length += sum(map(len, sentences))
        runs = "".join(
            f'<w:r w:rsidRPr="00112233"><w:rPr><w:sz w:val="24"/></w:rPr><w:t>{one}</w:t></w:r>'
            for one in sentences
        )
        paragraphs.append(f'<w:p w:rsidR="00AB12CD" w:rsidRDefault="00AB12CD">{runs}</w:p>')
    return docx("".join(paragraphs))
