"""What waits for a curator: named lists of rows, each a filter of its model's list in the admin.

A list's rows come from a queryset, where the rule is; here it has its name and its address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.urls import reverse

from sources.models import Displacement, Document, Footnote, Passage

PARAMETER = "work"  # in the address of a list


@dataclass(frozen=True)
class WorkList:
    """Rows of one model that wait for the same thing."""

    key: str
    title: str
    asks: str  # what a curator is to do with each
    model: type[Model]
    waiting: Callable[[Any], QuerySet]  # keeps of a queryset what waits

    def rows(self) -> QuerySet:
        return self.waiting(self.model._default_manager.all())

    @property
    def address(self) -> str:
        meta = self.model._meta
        name = f"admin:{meta.app_label}_{meta.model_name}_changelist"
        return reverse(name, query={PARAMETER: self.key})


def _displaced(outcome: Displacement.Outcome) -> Callable[[Any], QuerySet]:
    return lambda rows: rows.waiting().filter(outcome=outcome)


PASSAGES = (
    WorkList(
        "arrived",
        "Locators whose document has arrived",
        "Find the words in the document, and cite them in the place of the locator.",
        Passage,
        lambda rows: rows.locators_with_a_document(),
    ),
)

DISPLACEMENTS = tuple(
    WorkList(
        outcome.value,
        f"Passages {words} a newer version",
        "Compare the two versions, cite the newer one where it matters, and mark as looked at.",
        Displacement,
        _displaced(outcome),
    )
    for outcome, words in (
        (Displacement.Outcome.MOVED, "moved within"),
        (Displacement.Outcome.EDITED, "reworded by"),
        (Displacement.Outcome.AMBIGUOUS, "found several times in"),
        (Displacement.Outcome.LOST, "missing from"),
    )
)

FOOTNOTES = (
    WorkList(
        "missing_notes",
        "Notes that documents call for and lack",
        "Look for each in another copy, and supply its words.",
        Footnote,
        lambda rows: rows.waiting(),
    ),
)

DOCUMENTS = (
    WorkList(
        "wordless",
        "Documents without a text",
        "Attach a transcription to each, so that it can be cited.",
        Document,
        lambda rows: rows.wordless(),
    ),
)
