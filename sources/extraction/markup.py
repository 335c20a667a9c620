"""Reading HTML and XML into trees, without ever fetching, expanding or recovering in silence."""

import contextlib
import html.entities
import re
from typing import Any
from xml.parsers import expat

from lxml import etree

from sources.extraction import charsets
from sources.extraction.bases import ExtractionError

_SAFE = {"no_network": True, "huge_tree": False, "remove_comments": True, "remove_pis": True}
_HEAD = 4096  # bytes, in which a page declares its character set
_DECLARED = re.compile(
    rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)|<meta[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""",
    re.IGNORECASE,
)
_XML_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_NAMED_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_XML_ENTITIES = {"lt", "gt", "amp", "quot", "apos"}
# Pages are in more than they declare; browsers read them so. WHATWG Encoding Standard, section 4.2.
_WIDER = {
    **dict.fromkeys(("gb2312", "gbk", "hz", "gb18030"), "gb18030"),
    **dict.fromkeys(("euc_kr", "cp949"), "cp949"),
    **dict.fromkeys(("shift_jis", "cp932"), "cp932"),
    **dict.fromkeys(("ascii", "iso8859-1", "cp1252"), "cp1252"),
    **dict.fromkeys(("iso8859-9", "cp1254"), "cp1254"),
    **dict.fromkeys(("big5", "big5hkscs"), "big5hkscs"),
    **dict.fromkeys(("utf-16", "utf-16-le", "utf-16-be"), "utf-8"),  # or it could not be seen here
}
_OTHER_LABELS = {
    "x-sjis": "shift_jis",
    "x-gbk": "gbk",
    "windows-949": "cp949",
    "x-euc-jp": "euc_jp",
}


def decoded(data: bytes, charset: str | None = None) -> tuple[str, str]:
    """Return the text of a page and its character set, as a person or the page itself declares."""
    declared = None
    if not charset and (found := _DECLARED.search(data[:_HEAD])):
        label = (found[1] or found[2]).decode().lower()
        name = charsets.known(_OTHER_LABELS.get(label, label))
        declared = _WIDER.get(name, name)
    text, used = charsets.decode(data, charset, declared=declared)
    return text.replace("\0", "\ufffd"), used


def parse_html(text: str) -> Any:
    """Return the root of a page, or None if it holds nothing."""
    parser = etree.HTMLParser(encoding="utf-8", **_SAFE)
    root = etree.fromstring(_XML_DECLARATION.sub("", text, count=1).encode(), parser)
    for error in parser.error_log:
        if error.level == etree.ErrorLevels.FATAL:  # the rest of the page would be missing
            raise ExtractionError(f"Line {error.line} of the page: {_in_words(error.message)}")
    return root


def parse_xhtml(text: str) -> Any:
    """Return the root of a page written as XML; of one that is no good XML, read it as HTML."""
    text = _XML_DECLARATION.sub("", text, count=1)
    refuse_entities(text.encode())
    # The names of HTML are declared in files that are not fetched.
    named = _NAMED_ENTITY.sub(_character, text)
    try:
        return etree.fromstring(named.encode(), _xml_parser())
    except etree.XMLSyntaxError:
        return parse_html(text)


def parse_xml(data: bytes, name: str) -> Any:
    """Return the root of an XML file; `name` says in a refusal which file it was."""
    text, _ = decoded(data)
    text = _XML_DECLARATION.sub("", text, count=1)
    refuse_entities(text.encode(), name)
    try:
        return etree.fromstring(text.encode(), _xml_parser())
    except etree.XMLSyntaxError as error:
        raise ExtractionError(f"{name} is no good XML: {_in_words(error.msg or '')}") from error


def refuse_entities(data: bytes, name: str = "The page") -> None:
    """Refuse XML that declares entities: they fetch files, or grow without end."""

    def refuse(entity: str, *_: Any) -> None:
        raise ExtractionError(
            f"{name} declares the entity “{entity[:40]}” in its DOCTYPE. Entities can fetch other "
            "files and grow without end, so such a file is not read."
        )

    def stop(*_: Any) -> None:
        raise StopIteration

    prolog = expat.ParserCreate()
    prolog.EntityDeclHandler = refuse
    prolog.StartElementHandler = stop  # a DOCTYPE stands before the first element
    with contextlib.suppress(expat.ExpatError, StopIteration):
        prolog.Parse(data, True)


def local_name(element: Any) -> str:
    """Return an element's name without its namespace, in small letters; "" for what is none."""
    # Not by QName, which refuses the names that damaged pages give to elements.
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _xml_parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, load_dtd=False, **_SAFE)


def _character(entity: re.Match[str]) -> str:
    name = entity[1]
    if name in _XML_ENTITIES:
        return entity[0]
    return html.entities.html5.get(f"{name};", entity[0])


def _in_words(message: str) -> str:
    if "depth" in message:
        return "its elements are nested too deep to be read."
    if "limit exceeded" in message or "huge" in message.lower():
        return "it holds more in one piece than can be read."
    return f"{message.splitlines()[0].rstrip('.')}." if message else "it cannot be read."
