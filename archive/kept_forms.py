"""What was typed into a curator's form is shown back when it could not be received.

A sign-in had ended, or the form's token was not the session's. Nothing is saved, and the server
keeps nothing: what was sent goes back to whoever sent it, to be put into the form again.
"""

from urllib.parse import urlsplit

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.csrf import csrf_failure as plain_csrf_failure

from archive.middleware import is_of_the_desk
from sources.shown_again import SHOWN_AGAIN, sent, typed, typed_in_words

# The pages that show a form again as it was typed, and then do nothing else with it. Those of
# models end in the first, ours are named whole. Of any other, the way back to its page is shown.
_OF_EVERY_MODEL = ("_add", "_change", "_changelist")
_OURS = {
    "admin:battles_battle_import_dataset",
    "admin:battles_reading_of",
    "admin:battles_statement_cite",
    "admin:battles_statement_comment",
    "admin:battles_statement_draft",
    "admin:battles_statement_publish",
    "admin:battles_statement_return",
    "admin:battles_statement_withdraw",
    "admin:sources_source_bibliography",
    "admin:sources_source_upload",
    "admin:sources_source_upload_new",
}
_ASKED_BY_SCRIPT = "X-Desk"


def is_kept(request: HttpRequest) -> bool:
    """Say whether a request sent a form of ours, of which the typed text is shown back."""
    if request.method != "POST" or _ASKED_BY_SCRIPT in request.headers:
        return False  # a script's page holds what was typed, and says so
    return _is_ours(_name_of(request))


def may_be_shown_again(request: HttpRequest) -> bool:
    """Say whether a page shows forms again as they were typed, and does nothing with them."""
    name = _name_of(request)
    return name in _OURS or (_is_ours(name) and name.endswith(_OF_EVERY_MODEL))


def show_back(request: HttpRequest) -> HttpResponse:
    """Answer a form that was not received: what it held, and the way back into it."""
    filled = typed(request)
    context = {
        **site.each_context(request),
        "title": "Nothing was saved yet" if filled else "Nothing was done yet",
        "sent": list(sent(request)) if filled and may_be_shown_again(request) else [],
        "typed": typed_in_words(request),
        "files": [str(file) for files in request.FILES.lists() for file in files[1]],
        "shown_again": SHOWN_AGAIN,
        "signed_in": request.user.is_authenticated,
        "page_of_the_form": _page_of_the_form(request),
    }
    return render(request, "admin/not_received.html", context, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form whose token is wrong; show back what our own page sent, and that alone.

    Public pages take no forms, whatever the token: they are only read.
    """
    if not is_of_the_desk(request):
        return HttpResponseNotAllowed(["GET", "HEAD"])
    if is_kept(request) and _came_from_here(request):
        return show_back(request)
    return plain_csrf_failure(request, reason)


def _came_from_here(request: HttpRequest) -> bool:
    """Say whether the browser states that the form stood on a page of ours."""
    origin = urlsplit(request.headers.get("Origin", ""))
    return (origin.scheme, origin.netloc) == (request.scheme, request.get_host())


def _is_ours(name: str) -> bool:
    return name.startswith(("admin:battles_", "admin:sources_"))


def _name_of(request: HttpRequest) -> str:
    try:
        return resolve(request.path_info).view_name
    except Resolver404:
        return ""


def _page_of_the_form(request: HttpRequest) -> str:
    """Return where the form stood, as the browser tells; else where it was sent."""
    page = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(
        page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return page
    return request.get_full_path()
