"""The curators' admin as one site: its name, the work on its front page, its autocompletes."""

from dataclasses import dataclass
from functools import wraps
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from archive.kept_forms import is_kept, may_be_shown_again, show_back
from archive.models import Verification
from archive.worklists import WORK_LISTS
from sources.shown_again import is_shown_again
from sources.worklists import WorkList

# In the order a curator meets them, not that of the alphabet.
APPS = ("battles", "sources", "archive", "auth")
MODELS = (
    "Battle",
    "Statement",
    "Citation",
    "Question",
    "Entity",
    "Reading",
    "Publication",
    "Source",
    "Document",
    "Passage",
    "Displacement",
    "Footnote",
    "Origin",
    "File",
    "Text",
    "FormerSlug",
)


class LabelledAutocomplete(AutocompleteJsonView):
    """Proposes rows by the label of their own admin, which may say more than their name."""

    def process_request(self, request: HttpRequest) -> tuple[Any, ...]:
        term, *rest = super().process_request(request)
        # PostgreSQL refuses a NUL; SQLite would find nothing.
        return term.replace("\0", ""), *rest

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        label = getattr(self.model_admin, "label_of", str)
        return super().serialize_result(obj, to_field_name) | {"text": label(obj)}


@dataclass(frozen=True)
class Waiting:
    """A work list and how many rows wait in it."""

    work: WorkList
    count: int


class CuratorsSite(admin.AdminSite):
    site_header = "Battle History Archive"
    site_title = "Battle History Archive"
    index_title = "The curators’ rooms"
    index_template = "admin/dashboard.html"
    enable_nav_sidebar = True

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """Show what waits for this curator, then every list."""
        work = [
            Waiting(work, work.rows().count())
            for work in WORK_LISTS
            if self.get_model_admin(work.model).has_view_permission(request)
        ]
        context = {
            "waiting": [one for one in work if one.count],
            "done": [one for one in work if not one.count],
            "verification": Verification.objects.first(),
        }
        return super().index(request, context | (extra_context or {}))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _place(MODELS, model["object_name"]))
        return sorted(apps, key=lambda app: _place(APPS, app["app_label"]))

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Let nobody in who may not, and give back what was typed into a form by whoever might."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_anonymous and is_kept(request):
                return show_back(request)
            if is_shown_again(request) and not may_be_shown_again(request):
                raise PermissionDenied  # it would do what nobody has confirmed
            return guarded(request, *args, **kwargs)

        return answer

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign in through the accounts, where attempts are limited and a second factor asked."""
        return secure_admin_login(super().login)(request, extra_context)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast(HttpResponse, LabelledAutocomplete.as_view(admin_site=self)(request))


def _place(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else len(order)
