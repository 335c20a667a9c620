from typing import Any

from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin import apps as admin_apps
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks
from django.db.models.signals import post_migrate


class ArchiveConfig(AppConfig):
    name = "archive"
    verbose_name = "Archive: what the archive knows of itself"
    default = True

    def ready(self) -> None:
        from archive.roles import install_groups

        # Sent for apps with models alone, which the archive itself need not have.
        accounts = apps.get_app_config("auth")
        post_migrate.connect(install_groups, sender=accounts, dispatch_uid="archive.roles")


class CuratorsAdminConfig(admin_apps.SimpleAdminConfig):
    """Django's admin, with the archive's own site, loaded when it is asked for or checked."""

    default = False
    default_site = "archive.admin_site.CuratorsSite"

    def ready(self) -> None:
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(_check_desk, checks.Tags.admin)


def _check_desk(app_configs: Any, **options: Any) -> list[checks.CheckMessage]:
    admin.autodiscover()
    return check_admin_app(app_configs, **options)
