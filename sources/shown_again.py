"""A form shown as it was typed, though it could not be received: it is looked over, then saved."""

from typing import Any

from django.http import HttpRequest

SHOWN_AGAIN = "_shown_again"  # sent with such a form
NOT_SAVED = "This is what you typed. Nothing is saved until you save it."


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
