"""What every page may say of the whole archive: how it may be used, whom to tell of an error."""

from typing import NamedTuple
from urllib.parse import quote

from django.conf import settings


class Licence(NamedTuple):
    name: str
    url: str  # nothing if the licence has no page of its own


def content_licence() -> Licence | None:
    """Return the licence of the archive's own words; None where nobody has stated one."""
    name, url = settings.CONTENT_LICENCE, settings.CONTENT_LICENCE_URL
    return Licence(name or url, url) if name or url else None


def report_address(of: str) -> str:
    """Return where to report an error on the page at that whole address; nothing if unknown.

    A mail names the page, so that whoever reads it knows where to look (RFC 6068).
    """
    contact: str = settings.CONTACT
    if "@" not in contact or "://" in contact:
        return contact
    words = f"subject={quote('An error in the archive', safe='')}&body={quote(of, safe='')}"
    return f"mailto:{quote(contact, safe='@')}?{words}"
