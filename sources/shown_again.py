"""A form shown as it was typed, though it could not be received: it is looked over, then saved."""

import re
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest

SHOWN_AGAIN = "_shown_again"  # sent with such a form
NOT_SAVED = "This is what you typed. Nothing is saved until you save it."

_NOT_SENT_AGAIN = {
    "csrfmiddlewaretoken",
    "_save",
    "_continue",
    "_addanother",
    "_saveasnew",
    SHOWN_AGAIN,
}
# What a page sends by itself: which rows and proposals it showed, and as of when.
_SENT_BY_THE_PAGE = re.compile(
    r"_.*|shown(-.*)?|version(-.*)?|(.*-)?id|.*(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS|.*-version"
    r"|action|index|select_across|all_seen|post|seen|digest|citation|at|kind_shown|proposed_for"
)
_SIGNED = "waiting"  # what the server keeps of an upload; given back, and not told
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_CHOSEN = re.compile(rf"{_UUID.pattern}(:\d*)*")  # a row among those offered, and its versions


def sent(request: HttpRequest) -> Iterator[tuple[str, str]]:
    """Yield what a form held, name by name, to be put into the form again."""
    for name, values in request.POST.lists():
        if name not in _NOT_SENT_AGAIN and "__prefix__" not in name:
            yield from ((name, str(value)) for value in values)


def typed(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what of it a person typed or chose."""
    return [
        (name, value)
        for name, value in sent(request)
        if value.strip() and not _SENT_BY_THE_PAGE.fullmatch(name)
    ]


def typed_in_words(request: HttpRequest) -> list[tuple[str, str]]:
    """Return it with names in words, and without ids, which tell people nothing."""
    return [
        (re.sub(r"[-_]+", " ", _UUID.sub("", name)).strip(), value)
        for name, value in typed(request)
        if name != _SIGNED and not _CHOSEN.fullmatch(value)
    ]


def is_shown_again(request: HttpRequest) -> bool:
    """Say whether a request gives a form back to be shown, and asks for nothing to be done."""
    return SHOWN_AGAIN in request.POST


def shown_again(form: Any) -> Any:
    """Return a form of the same kind that is shown with what was sent, and never valid."""

    class ShownAgain(form):
        def clean(self) -> Any:
            cleaned = super().clean()
            self.add_error(None, NOT_SAVED)
            return cleaned

    return ShownAgain


def again_or_anew(request: HttpRequest, form: Any) -> Any:
    """Return a form, or one like it that only shows what a request gives back."""
    return shown_again(form) if is_shown_again(request) else form
