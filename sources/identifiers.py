"""The numbers by which libraries know works: what is wrong with one, and its comparable form."""

import re

from stdnum import isbn, issn
from stdnum.exceptions import InvalidChecksum, ValidationError

_DOI_PREFIX = re.compile(r"^(?:https?://(?:dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


def problem_of(scheme: str, value: str) -> str:
    """Return why a printed ISBN or ISSN is none; empty for a right one and for other schemes.

    ISBN follows ISO 2108, ISSN follows ISO 3297.
    """
    numbers = {"isbn": isbn, "issn": issn}.get(scheme)
    if numbers is None:
        return ""
    try:
        numbers.validate(_ascii_hyphens(value))
    except InvalidChecksum:
        return f"not a valid {scheme.upper()}: its check digit does not fit the others"
    except ValidationError:
        return f"not a valid {scheme.upper()}: it has other digits or another length"
    return ""


def comparable(scheme: str, value: str) -> str:
    """Return a form that is the same for all ways to print one number.

    An ISBN of ten digits and its form of thirteen are one; the case of a DOI does not count. What
    is invalid is compared as it is printed.
    """
    match scheme:
        case "isbn" if not problem_of(scheme, value):
            return str(isbn.to_isbn13(isbn.compact(_ascii_hyphens(value))))
        case "issn" if not problem_of(scheme, value):
            return str(issn.compact(_ascii_hyphens(value)))
        case "doi":
            return _DOI_PREFIX.sub("", value.strip()).casefold()
    return value.strip().casefold()


def _ascii_hyphens(value: str) -> str:
    return re.sub("[‐-―−]", "-", value)
