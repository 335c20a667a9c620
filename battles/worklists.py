"""What waits for a curator among statements."""

from battles.models import Statement
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
