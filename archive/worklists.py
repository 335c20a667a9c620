"""Every list of what waits for a curator, in the order of the front page."""

from archive.models import KnownFault
from battles.worklists import CITATIONS, STATEMENTS
from battles.worklists import DOCUMENTS as DOCUMENTS_TO_READ
from sources.worklists import DISPLACEMENTS, DOCUMENTS, FOOTNOTES, PASSAGES, WorkList

FAULTS = (
    WorkList(
        "faults",
        "Faults of the last verification",
        "Find out what happened to each; readers see only what is sound.",
        KnownFault,
        lambda rows: rows.of_last_verification(),
    ),
)

WORK_LISTS = (
    *STATEMENTS,
    *CITATIONS,
    *PASSAGES,
    *DISPLACEMENTS,
    *DOCUMENTS,
    *FOOTNOTES,
    *DOCUMENTS_TO_READ,
    *FAULTS,
)
