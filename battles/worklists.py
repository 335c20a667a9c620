"""What waits for a curator among statements, and among documents that are to be read."""

from battles.models import Citation, Statement
from battles.readings import unread_or_partly_read
from sources.models import Document
from sources.worklists import WorkList

STATEMENTS = (
    WorkList(
        "in_review",
        "Statements in review",
        "Read each against its passage, and publish it or send it back.",
        Statement,
        lambda rows: rows.in_review(),
    ),
    WorkList(
        "uncited",
        "Drafts that nothing supports",
        "Cite a passage that supports each, or delete it.",
        Statement,
        lambda rows: rows.uncited(),
    ),
    WorkList(
        "uncompared",
        "Rival narratives not yet compared",
        "Two claimants tell of the battle. Give each sentence the question it answers, if both "
        "answer one.",
        Statement,
        lambda rows: rows.uncompared(),
    ),
)

CITATIONS = (
    WorkList(
        "recheck",
        "Citations to re-check",
        "Read each passage beside what the revision says now, on the revision’s page.",
        Citation,
        lambda rows: rows.to_recheck(),
    ),
)

DOCUMENTS = (
    WorkList(
        "unread",
        "Documents unread or partly read",
        "Read each at the desk, and mark it as read through for the battle it tells of.",
        Document,
        unread_or_partly_read,
    ),
)
