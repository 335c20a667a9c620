"""The formats in which readers take bibliographies away, and the answers that hold them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.http import urlencode

from sources.addresses import address
from sources.bibliographies import bibtex, csl, ris
from sources.bibliographies.entry import Entry, entry_of
from sources.models import Source

_AT_ONCE = 500  # sources fetched in one go


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a bibliography. `carries` says which parts of a source it has a place for,
    and where: `docs/bibliography-formats.md` shows it."""

    name: str
    label: str
    suffix: str
    media_type: str
    carries: Mapping[str, str]
    write: Callable[[Iterable[Entry]], Iterator[str]]


FORMATS = {
    one.name: one
    for one in (
        Format(
            "bibtex",
            "BibTeX",
            "bib",
            "application/x-bibtex; charset=utf-8",
            bibtex.BIBTEX,
            bibtex.write_bibtex,
        ),
        Format(
            "biblatex",
            "BibLaTeX",
            "bib",
            "application/x-bibtex; charset=utf-8",
            bibtex.BIBLATEX,
            bibtex.write_biblatex,
        ),
        Format(
            "ris",
            "RIS",
            "ris",
            "application/x-research-info-systems; charset=utf-8",
            ris.RIS,
            ris.write,
        ),
        Format(
            "csl-json",
            "CSL-JSON",
            "json",
            "application/vnd.citationstyles.csl+json",
            csl.CSL,
            csl.write,
        ),
    )
}


def bibliography(sources: QuerySet[Source], format_name: str, file_name: str) -> HttpResponse:
    """Answer with the sources of one page in a format, as a file.

    Raises Http404 if there is no such format.
    """
    chosen = _format_named(format_name)
    rows: QuerySet[Source] = sources.for_bibliography()  # type: ignore[attr-defined]
    written = "".join(chosen.write(map(entry_of, rows)))
    return HttpResponse(written, headers=_headers(chosen, file_name))


def long_bibliography(
    sources: QuerySet[Source], format_name: str, file_name: str
) -> StreamingHttpResponse:
    """Answer as `bibliography` with any number of sources, fetched and written bit by bit."""
    chosen = _format_named(format_name)
    rows: QuerySet[Source] = sources.for_bibliography()  # type: ignore[attr-defined]
    entries = (entry_of(source) for source in rows.iterator(chunk_size=_AT_ONCE))
    pieces = (piece.encode() for piece in chosen.write(entries))
    return StreamingHttpResponse(pieces, headers=_headers(chosen, file_name))


def _format_named(name: str) -> Format:
    if name not in FORMATS:
        raise Http404(f"No bibliography is written as {name}.")
    return FORMATS[name]


def _headers(chosen: Format, file_name: str) -> dict[str, str]:
    # A slug may hold letters beyond ASCII, which this header's plain form cannot.
    plain = file_name if file_name.isascii() else "sources"
    return {
        "Content-Type": chosen.media_type,
        "Content-Disposition": f'attachment; filename="{plain}.{chosen.suffix}"',
    }


def bibliography_links(
    view_name: str, *args: str, query: Mapping[str, str] | None = None
) -> list[tuple[str, str]]:
    """Return the label and the address of each format of a bibliography."""
    asked = f"?{urlencode(query)}" if query else ""
    return [(one.label, address(view_name, one.name, *args) + asked) for one in FORMATS.values()]
