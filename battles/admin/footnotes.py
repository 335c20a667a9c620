"""Missing notes, with the statements that cite their markers."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from battles.admin.records import record_as_stored
from battles.footnotes import calling, name_source
from sources.admin.bases import link_to_row
from sources.admin.footnotes import FootnoteAdmin
from sources.admin.history import recorded
from sources.models import Footnote

_LISTED = 50

admin.site.unregister(Footnote)


@admin.register(Footnote)
class CalledFootnoteAdmin(FootnoteAdmin):
    """Missing notes, each with what calls for it."""

    fields = (*FootnoteAdmin.fields, "called_by")
    readonly_fields = (*FootnoteAdmin.readonly_fields, "called_by")

    def save_model(self, request: HttpRequest, obj: Footnote, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        with recorded(request):
            named = name_source(obj)
            record_as_stored(citation.statement_id for citation in named)
        if named:
            messages.success(request, f"Drafts that name “{obj.named_source}” now: {len(named)}.")

    @admin.display(description="cited by")
    def called_by(self, note: Footnote) -> SafeString | str:
        citations = calling(note).select_related("statement__battle")[:_LISTED]
        rows = [(link_to_row(one.statement), one.statement.battle) for one in citations]
        return format_html_join("", "<div>{} ({})</div>", rows) or "Nothing yet."
