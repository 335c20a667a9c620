"""How often what readers see has changed."""

from django.db import models
from django.db.models import Q


class Counter(models.Model):
    """One row, bumped last in each transaction that writes, and so the validator of every page.

    The connection to the database bumps it, whoever writes.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    number = models.BigIntegerField(default=0, editable=False)
    # Never met before, even where an older copy of the database was put back.
    stamp = models.UUIDField(editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1),
                name="counter_is_one_row",
                violation_error_message="There is one counter.",
            )
        ]
        default_permissions = ()  # written by the connection alone

    def __str__(self) -> str:
        return str(self.number)
