"""A battle's page as it will be: what is published, with the drafts in it."""

from collections.abc import Collection
from dataclasses import dataclass

from battles.editions import tell_disputes
from battles.models import Battle, Statement
from battles.pages import BattlePage, add_other_names, page_of
from battles.shown import Address, told


@dataclass(frozen=True, slots=True)
class Preview:
    """The page, how many of its statements are unpublished, and how many drafts it leaves out."""

    page: BattlePage
    unpublished: int
    uncited: int


def preview_of(battle: Battle, states: Collection[str], address: Address) -> Preview:
    """Return the page of a battle as if its drafts in some states were published now.

    A revision stands in the place of what it revises. A draft that nothing supports cannot be
    published, so it is left out.
    """
    drafts = Statement.objects.drafts().filter(battle=battle, state__in=states)
    uncited = drafts.uncited()
    coming = drafts.exclude(pk__in=uncited.order_by().values("pk"))
    labels = {
        pk: f"{'revision ' if revised else ''}{Statement.State(state).label}"
        for pk, state, revised in coming.values_list("pk", "state", "revises")
    }
    revised = coming.filter(revises__isnull=False).order_by().values("revises")
    staying = Statement.objects.published().filter(battle=battle).exclude(pk__in=revised)
    rows = Statement.objects.filter(pk__in=staying.order_by().values("pk")) | (
        Statement.objects.filter(pk__in=coming.order_by().values("pk"))
    )
    statements = told(rows, address)
    for statement in statements:
        statement.unpublished = labels.get(statement.pk, "")
    tell_disputes(statements)
    page = page_of(battle, statements)
    add_other_names(page.statements)
    return Preview(page, len(labels), uncited.count())
