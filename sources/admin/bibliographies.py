"""The admin page that takes in a bibliography: a preview first, then what was chosen of it."""

from collections import defaultdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse

from sources.bibliographies.entry import MOST_BYTES, BibliographyError, Reading
from sources.bibliographies.importing import (
    Choices,
    Done,
    Plan,
    PlanChanged,
    carry_out,
    decoded,
    plan,
    read,
)
from sources.forms import BibliographyForm
from sources.models import StaleSave
from sources.shown_again import NOT_SAVED, is_shown_again

_CHANGED = (
    "The archive is no longer as the preview showed it, so nothing was written. Here is a new "
    "preview; please choose again."
)


def take_in_bibliography(model_admin: Any, request: HttpRequest) -> HttpResponse:
    """Ask for a file, show what it would do, and do what was chosen."""
    allowed = model_admin.has_add_permission(request) and model_admin.has_change_permission(request)
    if not allowed:
        raise PermissionDenied
    form = BibliographyForm()
    context: dict[str, Any] = {}
    if request.method == "POST":
        try:
            if "digest" in request.POST and not is_shown_again(request):
                return _carry_out(model_admin, request)
            if "text" in request.POST:  # of a page that has found works in a document
                text, name = _posted(request)
                ticked = _ticked(request)
                return _page(model_admin, request, _preview(text, name, read(text, name)) | ticked)
            form = BibliographyForm(request.POST, request.FILES)
            if form.is_valid():
                upload = form.cleaned_data["file"]
                text = decoded(upload.read(MOST_BYTES + 1))
                context = _preview(text, upload.name, read(text, upload.name))
        except BibliographyError as error:
            if form.is_bound:
                form.add_error(None, str(error))
            else:
                messages.error(request, f"{error} Nothing was written.")
    return _page(model_admin, request, context | {"form": form})


def _carry_out(model_admin: Any, request: HttpRequest) -> HttpResponse:
    text, name = _posted(request)
    reading = read(text, name)
    try:
        done = carry_out(reading, _choices(request.POST), request.POST["digest"])
    except PlanChanged:
        messages.error(request, _CHANGED)
    except StaleSave as stale:
        messages.error(request, f"{stale} {_CHANGED}")
    except ValidationError as error:
        messages.error(request, f"{' '.join(error.messages)} Nothing was written.")
    else:
        _tell(model_admin, request, done)
        return HttpResponseRedirect(reverse("admin:sources_source_changelist"))
    return _page(model_admin, request, _preview(text, name, reading), status=409)


def _posted(request: HttpRequest) -> tuple[str, str]:
    """Return a bibliography that a page carries, and its name."""
    text = request.POST.get("text", "").replace("\r\n", "\n")
    return decoded(text.encode(errors="replace")), request.POST.get("name", "")


def _choices(posted: QueryDict) -> Choices:
    taken: dict[int, set[str]] = defaultdict(set)
    for value in posted.getlist("take"):
        number, _, field_name = value.partition(":")
        if number.isdecimal():
            taken[int(number)].add(field_name)
    return Choices(
        left_out={int(value) for value in posted.getlist("leave") if value.isdecimal()},
        made={int(value) for value in posted.getlist("make") if value.isdecimal()},
        taken=taken,
    )


def _ticked(request: HttpRequest) -> dict[str, Any]:
    """Return what was ticked in a preview that could not be received."""
    if not is_shown_again(request):
        return {}
    messages.warning(request, NOT_SAVED)
    return {name: request.POST.getlist(name) for name in ("leave", "make", "take")}


def _preview(text: str, name: str, reading: Reading) -> dict[str, Any]:
    found: Plan = plan(reading)
    by_outcome = defaultdict(list)
    for proposal in found.proposals:
        by_outcome[proposal.outcome].append(proposal)
    return {
        "plan": found,
        "new": by_outcome["new"],
        "differing": by_outcome["differs"],
        "doubtful": by_outcome["ambiguous"] + by_outcome["repeats"],
        "same": by_outcome["same"],
        "text": text,
        "name": name,
    }


def _page(
    model_admin: Any, request: HttpRequest, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": "Take in a bibliography",
        "media": model_admin.media,
        "form": BibliographyForm(),
    } | context
    return TemplateResponse(
        request, "admin/sources/source/bibliography.html", context, status=status
    )


def _tell(model_admin: Any, request: HttpRequest, done: Done) -> None:
    for source in done.made:
        model_admin.log_addition(request, source, "Taken in from a bibliography.")
    for source in done.changed:
        model_admin.log_change(request, source, "Fields taken in from a bibliography.")
    messages.success(
        request,
        f"New sources: {len(done.made)}. Changed sources: {len(done.changed)}. New ones are drafts "
        "and need an origin before anything that rests on them is published.",
    )
