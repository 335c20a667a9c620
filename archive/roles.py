"""What curators and publishers may do.

Curators draft: they add and change everything but what never changes. Publishers also make it
public. Rows that readers have seen are kept by the models, whoever asks.
"""

from typing import Any

from django.apps import apps as installed_apps
from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import DEFAULT_DB_ALIAS

APPS = ("sources", "battles", "archive")

CURATOR = "Curator"
PUBLISHER = "Publisher"

# Written by ingest, by publication, by a changed slug or by `verify`, never by hand.
VIEWED_ONLY = frozenset(
    (
        "document",
        "file",
        "text",
        "displacement",
        "formerslug",
        "publication",
        "verification",
        "knownfault",
    )
)


def install_groups(
    *, apps: Apps = installed_apps, using: str = DEFAULT_DB_ALIAS, **kwargs: Any
) -> None:
    """Make both groups and give them their permissions; take nothing away.

    Called after each migration. Permissions are made by a later receiver, so make them first.
    """
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
    except LookupError:  # accounts are not migrated yet
        return
    for label in APPS:
        create_permissions(
            installed_apps.get_app_config(label), verbosity=0, using=using, apps=apps
        )
    permissions = permission_model._base_manager.using(using).filter(
        content_type__app_label__in=APPS
    )
    drafting = [
        permission
        for permission in permissions.select_related("content_type")
        if _is_for_curators(permission.codename, permission.content_type.model)
    ]
    publishing = permissions.filter(codename="publish_statement")
    for name, granted in ((CURATOR, drafting), (PUBLISHER, [*drafting, *publishing])):
        group, _ = group_model._base_manager.using(using).get_or_create(name=name)
        group.permissions.add(*granted)


def _is_for_curators(codename: str, model: str) -> bool:
    action = codename.removesuffix(f"_{model}")
    return action == "view" or (action in {"add", "change", "delete"} and model not in VIEWED_ONLY)
