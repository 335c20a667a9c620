from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class SourcesConfig(AppConfig):
    name = "sources"
    verbose_name = "Sources: what documents say"

    def ready(self) -> None:
        import reversion

        from sources.history import SourceTeller
        from sources.models import Contribution, Derivation, Passage, Source, SourceIdentifier

        for model in (Contribution, SourceIdentifier, Derivation, Passage):
            reversion.register(model)
        reversion.register(Source, follow=SourceTeller.parts)
        # Sent after `flush`, too, which empties the tables of models alone.
        post_migrate.connect(_forget_what_was_flushed, sender=self, dispatch_uid="sources.search")


def _forget_what_was_flushed(**kwargs: Any) -> None:
    from django.db import connection

    from sources.models import SearchEntry
    from sources.search import mend_index

    indexes = {"sources_searchindex", "sources_searchposting"}  # on SQLite, on PostgreSQL
    is_there = not indexes.isdisjoint(connection.introspection.table_names())
    if is_there and not SearchEntry.objects.exists():
        mend_index()
