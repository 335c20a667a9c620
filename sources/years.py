"""Years as historians write them, for forms that narrow a list to some of them."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django_filters import CharFilter

from sources.dates import day_number
from sources.listing import OneOfEach

_YEAR = re.compile(
    r"(?P<minus>[-−])?(?P<before>AD\s*)?0*(?P<year>[0-9]{1,6})(?:\s*(?P<era>BCE?|CE|AD))?",
    re.IGNORECASE,
)


class YearField(forms.CharField):
    """A year as historians write it, cleaned to a number in which 0 is 1 BCE."""

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        match = _YEAR.fullmatch(text)
        if match is None or sum(map(bool, match.group("minus", "before", "era"))) > 1:
            raise ValidationError(f"“{text:.80}” is no year. Write one as 1953, 480 BCE or -480.")
        year = int(match["year"])
        if year == 0:
            raise ValidationError("There is no year 0: 1 BCE is followed by 1 CE.")
        is_before = match["minus"] or (match["era"] or "").upper().startswith("B")
        return 1 - year if is_before else year


class YearFilter(CharFilter):
    field_class = YearField


class YearsInOrder(OneOfEach):
    """A form that refuses years that end before they begin."""

    def clean(self) -> dict[str, Any]:
        chosen = super().clean()
        first, last = chosen.get("from_year"), chosen.get("to_year")
        if first is not None and last is not None and last < first:
            raise ValidationError("The years end before they begin.")
        return chosen


def within_years(first: int | None, last: int | None, earliest: str, latest: str) -> Q:
    """Return the condition that a date can mean a day of these years; open ends reach for ever.

    `earliest` and `latest` name the columns that hold its first and last day. A date of which
    neither end is known says nothing about years.
    """
    condition = Q(**{f"{earliest}__isnull": False}) | Q(**{f"{latest}__isnull": False})
    if first is not None:
        day = day_number(first, 1, 1)
        condition &= Q(**{f"{latest}__gte": day}) | Q(**{f"{latest}__isnull": True})
    if last is not None:
        day = day_number(last, 12, 31)
        condition &= Q(**{f"{earliest}__lte": day}) | Q(**{f"{earliest}__isnull": True})
    return condition
