"""How to cite a page of the archive: one edition of a battle's page, which never changes.

The page has no author and stands in the archive as an entry stands in a reference work. The styles
are the Chicago Manual of Style, 18th edition (14.104, web pages), the APA Publication Manual, 7th
edition (10.3, entries of reference works archived by version), and the MLA Handbook, 9th edition
(5.48, versions); BibTeX has no kind for a web page, so it is `misc`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString

from sources.bibliographies.latex import encode

ARCHIVE = "Battle History Archive"


@dataclass(frozen=True, slots=True)
class PageCitations:
    """One edition of a page, as each style cites it."""

    title: str
    edition: int
    at: datetime
    address: str  # whole, with scheme and host
    key: str  # that BibTeX knows it by

    @property
    def styles(self) -> list[tuple[str, SafeString]]:
        return [("Chicago", self.chicago), ("APA", self.apa), ("MLA", self.mla)]

    @property
    def chicago(self) -> SafeString:
        return format_html(
            "“{}” {}. Edition {}, {}. {}.",
            _ended(_quoted(self.title)),
            ARCHIVE,
            self.edition,
            f"{self.at:%B} {self.at.day}, {self.at.year}",
            self.address,
        )

    @property
    def apa(self) -> SafeString:
        return format_html(
            "{} (Edition {}). ({}). In <i>{}</i>. {}",
            self.title,
            self.edition,
            f"{self.at.year}, {self.at:%B} {self.at.day}",
            ARCHIVE,
            self.address,
        )

    @property
    def mla(self) -> SafeString:
        month = f"{self.at:%B}"
        shortened = (
            month if len(month) <= 4 else "Sept." if month == "September" else f"{month[:3]}."
        )
        return format_html(
            "“{}” <i>{}</i>, edition {}, {} {} {}, {}.",
            _ended(_quoted(self.title)),
            ARCHIVE,
            self.edition,
            self.at.day,
            shortened,
            self.at.year,
            self.address.partition("://")[2],
        )

    @property
    def bibtex(self) -> str:
        fields = {
            "title": f"{{{encode(self.title)}}}",
            "howpublished": encode(ARCHIVE),
            "note": f"Edition {self.edition}",
            "year": self.at.year,
            "month": f"{self.at.day}~{self.at:%B}",
            "url": self.address,
        }
        lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
        return f"@misc{{{self.key},\n{lines}}}"


def _quoted(title: str) -> str:
    """Return a title as it stands within quotation marks: those of its own become single."""
    return title.replace("“", "‘").replace("”", "’")


def _ended(title: str) -> str:
    """Return a title with the full stop that belongs within the quotation marks."""
    return title if title.endswith(("?", "!", ".")) else f"{title}."
