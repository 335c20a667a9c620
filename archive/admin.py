"""What the archive knows of itself, to read in the admin: the faults of the last verification."""

from django.contrib import admin
from django.http import HttpRequest

from archive import worklists
from archive.models import KnownFault
from sources.admin.bases import ViewedOnlyAdmin, work_filter


@admin.register(KnownFault)
class KnownFaultAdmin(ViewedOnlyAdmin):
    list_display = ("what", "which", "problem")
    list_filter = (work_filter(*worklists.FAULTS), "what")
    search_fields = ("which", "problem")

    def get_readonly_fields(self, request: HttpRequest, obj: KnownFault | None = None) -> list[str]:
        return ["verification", "what", "which", "problem"]
