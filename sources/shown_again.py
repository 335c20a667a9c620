"""A form shown as it was typed, though it could not be received: it is looked over, then saved."""

from typing import Any

SHOWN_AGAIN = "_shown_again"  # sent with such a form


def shown_again(form: Any) -> Any:
    """Return a form of the same kind that is shown with what was sent, and never valid."""

    class ShownAgain(form):
        def clean(self) -> Any:
            cleaned = super().clean()
            self.add_error(None, "This is what you typed. Nothing is saved until you save it.")
            return cleaned

    return ShownAgain
