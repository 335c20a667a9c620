"""Fields that both apps use."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from sources import dates
from sources.characters import CONTROL_CHARACTER


def validate_edtf(value: str) -> None:
    """Raise ValidationError with the reason if `value` is not a date the archive can read."""
    try:
        dates.parse(value)
    except dates.DateError as error:
        raise ValidationError(str(error)) from error


def validate_characters(value: str) -> None:
    """Raise ValidationError, which says where, if `value` holds a control character."""
    if found := CONTROL_CHARACTER.search(value):
        before = value[: found.start()].split()[-1:]
        place = f"After “{before[0][-40:]}”" if before else "At the beginning"
        raise ValidationError(
            f"{place} stands a control character (U+{ord(found[0]):04X}), which is no text. "
            "It may have come with what was pasted: delete it."
        )


class EDTFField(models.CharField):
    """An Extended Date/Time Format string (ISO 8601-2), or nothing.

    Saving it fills the two columns named in `bounds` with the earliest and the latest day.
    """

    default_validators = [validate_edtf]

    def __init__(self, *args: Any, bounds: tuple[str, str], **kwargs: Any) -> None:
        self.bounds = bounds
        kwargs.setdefault("max_length", 200)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"bounds": self.bounds}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        edtf: str = super().pre_save(model_instance, add)
        span = dates.parse(edtf) if edtf else dates.DateRange(None, None)
        setattr(model_instance, self.bounds[0], span.earliest)
        setattr(model_instance, self.bounds[1], span.latest)
        return edtf


class LanguageField(models.CharField):
    """A language tag of BCP 47, such as “en” or “zh-Hans”, or nothing."""

    default_validators = [
        RegexValidator(
            r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z",
            "Write a language tag such as “en”, “ko” or “zh-Hans”.",
        )
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 35)
        kwargs.setdefault("blank", True)
        super().__init__(*args, **kwargs)
