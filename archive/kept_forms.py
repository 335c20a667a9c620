"""What was typed into a curator's form is shown back when it could not be received.

A sign-in had ended, or the form's token was not the session's. Nothing is saved, and the server
keeps nothing: what was sent goes back to whoever sent it, to be put into the form again.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.views.csrf import csrf_failure as plain_csrf_failure

from sources.shown_again import SHOWN_AGAIN

_LEFT_OUT = {"csrfmiddlewaretoken", "_save", "_continue", "_addanother", "_saveasnew", SHOWN_AGAIN}
_PAGES = ("_add", "_change", "_draft", "_cite", "_reading_of")
_ASKED_BY_SCRIPT = "X-Desk"
# Which proposals the page held, which statements and which place in the text were chosen.
_NOT_TYPED = ("_", "shown-", "statements", "at", "kind_shown", "proposed_for")
_COUNTS = ("TOTAL_FORMS", "INITIAL_FORMS", "MIN_NUM_FORMS", "MAX_NUM_FORMS", "-id", "version")


def is_kept(request: HttpRequest) -> bool:
    """Say whether a request sent a form of which the typed text is shown back."""
    if request.method != "POST":
        return False
    try:
        name = resolve(request.path_info).view_name
    except Resolver404:
        return False
    if _ASKED_BY_SCRIPT in request.headers:
        return False  # what was typed is still on the page, which says so
    ours = name.startswith(("admin:battles_", "admin:sources_"))
    return ours and name.endswith(_PAGES)


def show_back(request: HttpRequest) -> HttpResponse:
    """Answer a form that was not received: what it held, and the way back into it."""
    sent = list(_sent(request))
    context = {
        **site.each_context(request),
        "title": "Nothing was saved yet",
        "sent": sent,
        "typed": [
            (name.replace("-", " ").replace("_", " "), value)
            for name, value in sent
            if value.strip()
            and not name.endswith(_COUNTS)
            and not _is_id(value)
            and not name.startswith(_NOT_TYPED)
        ],
        "files": [str(file) for file in request.FILES.values()],
        "shown_again": SHOWN_AGAIN,
        "signed_in": request.user.is_authenticated,
    }
    return render(request, "admin/not_received.html", context, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form whose token is wrong; show back what our own page sent, and that alone."""
    if is_kept(request) and _came_from_here(request):
        return show_back(request)
    return plain_csrf_failure(request, reason)


def _came_from_here(request: HttpRequest) -> bool:
    """Say whether the browser states that the form stood on a page of ours."""
    origin = urlsplit(request.headers.get("Origin", ""))
    return (origin.scheme, origin.netloc) == (request.scheme, request.get_host())


def _sent(request: HttpRequest) -> Iterator[tuple[str, str]]:
    for name, values in request.POST.lists():
        if name not in _LEFT_OUT and "__prefix__" not in name:
            yield from ((name, str(value)) for value in values)


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True
