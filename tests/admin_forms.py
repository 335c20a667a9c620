"""Filling in the admin's forms as a browser would: everything the page holds is sent back."""

import html
import re
from typing import Any

from django.contrib import admin
from django.test import Client
from django.urls import reverse


def address(row: Any, page: str = "change") -> str:
    """Return the admin's address of a row, or of its model for a list or an empty form."""
    if isinstance(row, type):
        return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}")
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def filled(page: Any) -> dict[str, Any]:
    """Return what a browser would send if the form of `page` were saved as it stands."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                data[field.html_name] = str(getattr(value, "pk", value))
    return data


def text_of(page: Any) -> str:
    """Return a page with its white space made plain, to look for sentences in it."""
    return " ".join(page.content.decode().split())


def save(client: Client, where: str, **changes: Any) -> Any:
    """Open a form, change some fields, save it and follow where it leads.

    Double underscores in a name stand for hyphens.
    """
    data = filled(client.get(where))
    return client.post(where, data | named(changes), follow=True)


def named(changes: dict[str, Any]) -> dict[str, Any]:
    return {name.replace("__", "-"): value for name, value in changes.items()}


def act(client: Client, model: type, action: str, rows: list[Any], **more: Any) -> Any:
    """Take an action of the list of `model` on some rows, as the list shows them now."""
    data = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    data |= versions_shown(model, rows) | more
    return client.post(address(model, "changelist"), data, follow=True)


def versions_shown(model: Any, rows: list[Any]) -> dict[str, int]:
    """Return the versions that a list sends with a choice of rows."""
    path = getattr(admin.site.get_model_admin(model), "version_path", None)
    chosen = model.objects.filter(pk__in=[row.pk for row in rows]).order_by()
    return {f"version-{pk}": seen for pk, seen in chosen.values_list("pk", path)} if path else {}


def delete(client: Client, row: Any) -> Any:
    """Delete a row from the page that asks whether to, and follow where that leads."""
    asked = client.get(address(row, "delete"))
    version = (asked.context or {}).get("version", "")
    return client.post(address(row, "delete"), {"post": "yes", "version": version}, follow=True)


def conflict_told(page: Any) -> dict[str, tuple[str, str]]:
    """Return what a refused save shows: label → (stored, typed), without the marks."""
    return {
        shown.label: (_plain(shown.stored), _plain(shown.typed))
        for shown in page.context["conflict"].differences
    }


def _plain(marked: str) -> str:
    unsaid = re.sub(r'<span class="visually-hidden">.*?</span>', "", marked, flags=re.DOTALL)
    return html.unescape(re.sub(r"</?(ins|del)>", "", unsaid))
