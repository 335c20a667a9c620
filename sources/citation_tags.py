"""A source as reference managers read it from a page: the tags of Highwire Press, which Google
Scholar's inclusion guidelines for webmasters name and Zotero reads as well."""

from collections.abc import Iterator

from sources.bibliographies.entry import entry_of, is_calendar_date, numbers_to_write
from sources.models import Contribution, Source, SourceIdentifier

_ROLES = {Contribution.Role.AUTHOR: "author", Contribution.Role.EDITOR: "editor"}
_NUMBERS = (
    SourceIdentifier.Scheme.ISBN,
    SourceIdentifier.Scheme.ISSN,
    SourceIdentifier.Scheme.DOI,
)


def citation_tags(source: Source, issued: str) -> list[tuple[str, str]]:
    """Return the names and contents of the tags that describe a source, and what it stands in.

    When it was `issued`, in words, is told where there is no date that machines read.
    """
    return [(f"citation_{name}", content) for name, content in _tags(source, issued) if content]


def _tags(source: Source, issued: str) -> Iterator[tuple[str, str]]:
    entry = entry_of(source)
    yield "title", source.title
    for name in entry.names:
        if role := _ROLES.get(Contribution.Role(name.role)):
            yield role, name.name
    dated = (source.issued_edtf, source.issued_printed)
    yield "publication_date", next(filter(is_calendar_date, dated), issued)
    if entry.container:
        is_article = source.kind == Source.Kind.ARTICLE
        yield "journal_title" if is_article else "inbook_title", entry.container.title
    yield "volume", source.volume
    yield "issue", source.issue
    first, _, last = source.pages.partition("–")
    yield "firstpage", first
    yield "lastpage", last
    yield "publisher", source.publisher
    yield "language", source.language
    for scheme in _NUMBERS:
        for number in numbers_to_write(entry, scheme):
            yield scheme.value, number
