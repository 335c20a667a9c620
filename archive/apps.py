from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps
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


class CuratorsAdminConfig(admin_apps.AdminConfig):
    """Django's admin, with the archive's own site."""

    default = False
    default_site = "archive.admin_site.CuratorsSite"
