"""What was typed into a curator's form is shown back when it could not be received.

A sign-in had ended, or the form's token was not the session's. Nothing is saved, and the server
keeps nothing: what was sent goes back to whoever sent it, to be put into the form again.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.csrf import csrf_failure as plain_csrf_failure

from sources.shown_again import SHOWN_AGAIN

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
_LEFT_OUT = {"csrfmiddlewaretoken", "_save", "_continue", "_addanother", "_saveasnew", SHOWN_AGAIN}
# What a page sends by itself: which rows and proposals it showed, and as of when.
_SENT_BY_THE_PAGE = re.compile(
    r"_.*|shown(-.*)?|version(-.*)?|(.*-)?id|.*(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS|.*-version"
    r"|action|index|select_across|all_seen|post|seen|digest|citation|at|kind_shown|proposed_for"
)
_CHOSEN = {"statements", "waiting"}  # among what the page offered; not told, but given back
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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
    sent = list(_sent(request))
    filled = [one for one in sent if one[1].strip() and not _SENT_BY_THE_PAGE.fullmatch(one[0])]
    typed = [(_label(name), value) for name, value in filled if not _is_plumbing(name, value)]
    context = {
        **site.each_context(request),
        "title": "Nothing was saved yet" if filled else "Nothing was done yet",
        "sent": sent if filled and may_be_shown_again(request) else [],
        "typed": typed,
        "files": [str(file) for files in request.FILES.lists() for file in files[1]],
        "shown_again": SHOWN_AGAIN,
        "signed_in": request.user.is_authenticated,
        "page_of_the_form": _page_of_the_form(request),
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


def _is_plumbing(name: str, value: str) -> bool:
    """Say whether a value tells people nothing: an id, or what names a choice."""
    return name in _CHOSEN or _UUID.fullmatch(value) is not None


def _label(name: str) -> str:
    return re.sub(r"[-_]+", " ", _UUID.sub("", name)).strip()


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
