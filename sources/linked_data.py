"""Sources and origins as schema.org describes them, for machines that read pages."""

from typing import Any

from sources.bibliographies.entry import is_calendar_date
from sources.models import Contribution, Origin, Source, SourceIdentifier
from sources.rendering import absolute

CONTEXT = "https://schema.org"

_TYPES = {
    Source.Kind.BOOK: "Book",
    Source.Kind.CHAPTER: "Chapter",
    Source.Kind.ARTICLE: "Article",
    Source.Kind.ENTRY: "Article",
    Source.Kind.WEB_PAGE: "WebPage",
    Source.Kind.REPORT: "Report",
    Source.Kind.DATASET: "Dataset",
    Source.Kind.ARCHIVAL_ITEM: "ArchiveComponent",
}
_ROLES = {
    Contribution.Role.AUTHOR: "author",
    Contribution.Role.EDITOR: "editor",
    Contribution.Role.TRANSLATOR: "translator",
}
_VOICES = {
    Origin.Kind.PERSON: "Person",
    Origin.Kind.REFERENCE: "CreativeWork",
    Origin.Kind.SCHOLARSHIP: "Thing",  # many persons, and no body that they form
}


def source_as_work(source: Source) -> dict[str, Any]:
    """Return a source as a schema.org CreativeWork; only what is recorded of it is named."""
    work: dict[str, Any] = {
        "@context": CONTEXT,
        "@type": _TYPES.get(Source.Kind(source.kind), "CreativeWork"),
        "@id": absolute(source.get_absolute_url()),
        "name": source.title,
        "alternateName": [
            title for title in (source.title_original, source.title_translated) if title
        ],
        "inLanguage": source.language,
        "datePublished": next(
            filter(is_calendar_date, (source.issued_edtf, source.issued_printed)), ""
        ),
        "publisher": {"@type": "Organization", "name": source.publisher}
        if source.publisher
        else None,
        "sameAs": source.url,
    }
    # Each of these is a property of one type alone.
    if source.repository and work["@type"] == "ArchiveComponent":
        work["holdingArchive"] = {"@type": "ArchiveOrganization", "name": source.repository}
    for person in source.contributions.all():
        if role := _ROLES.get(Contribution.Role(person.role)):
            names = [person.name_original, person.name_corrected]
            named = {
                # A name without a comma may be a body's.
                "@type": "Person" if ", " in person.name else "",
                "name": person.name,
                "alternateName": [*filter(None, names)],
            }
            work.setdefault(role, []).append(filled(named))
    for identifier in source.identifiers.all():
        is_isbn = identifier.scheme == SourceIdentifier.Scheme.ISBN
        name = "isbn" if is_isbn and work["@type"] == "Book" else "identifier"
        work.setdefault(name, []).append(identifier.value)
    if source.contained_in and source.contained_in.public:
        container = source.contained_in
        address = absolute(container.get_absolute_url())
        work["isPartOf"] = {"@type": "CreativeWork", "@id": address, "name": container.title}
    return filled(work)


def origin_as_voice(origin: Origin) -> dict[str, Any]:
    """Return an origin as the schema.org thing that it is: a person, a body, a work."""
    return filled(
        {
            "@context": CONTEXT,
            "@type": _VOICES.get(Origin.Kind(origin.kind), "Organization"),
            "@id": absolute(origin.get_absolute_url()),
            "name": origin.name,
            "description": origin.description,
        }
    )


def filled(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without the properties that nothing is known of."""
    return {name: value for name, value in record.items() if value not in ("", None, [])}
