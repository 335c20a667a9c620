"""The curators' admin as one site: its name, the order of its index, its autocompletes."""

from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

# In the order a curator meets them, not that of the alphabet.
APPS = ("battles", "sources", "auth")
MODELS = (
    "Battle",
    "Statement",
    "Citation",
    "Question",
    "Entity",
    "Publication",
    "Source",
    "Document",
    "Passage",
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


class CuratorsSite(admin.AdminSite):
    site_header = "Battle History Archive"
    site_title = "Battle History Archive"
    index_title = "The curators’ rooms"
    enable_nav_sidebar = True

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _place(MODELS, model["object_name"]))
        return sorted(apps, key=lambda app: _place(APPS, app["app_label"]))

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Sign in through the accounts, where attempts are limited and a second factor asked."""
        return secure_admin_login(super().login)(request, extra_context)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast(HttpResponse, LabelledAutocomplete.as_view(admin_site=self)(request))


def _place(order: tuple[str, ...], name: str) -> int:
    return order.index(name) if name in order else len(order)
