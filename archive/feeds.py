"""The feed of publications: what became public, and what was withdrawn and why."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from django.contrib.syndication.views import Feed
from django.db.models import Count, Max, Q
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from battles.models import Publication
from sources.characters import showable_in_xml
from sources.rendering import absolute, plural

NEWEST = 50
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_WITHDRAWN = Q(action=Publication.Action.WITHDRAWN)
_REVISED = Q(is_revision=True)


class DatedFeed(Atom1Feed):
    """An Atom feed that was changed last when its newest entry was, and never if it has none."""

    def latest_post_date(self) -> datetime:
        return super().latest_post_date() if self.items else _NEVER


class PublicationFeed(Feed):
    """The newest editions of battles, one entry each (Atom, RFC 4287)."""

    feed_type = DatedFeed
    title = "Battle History Archive: what was published"
    author_name = "Battle History Archive"  # no feed is valid without one
    subtitle = "Each edition of a battle’s page, and what it added, changed or withdrew."

    def link(self) -> str:
        return absolute(reverse("home"))

    def feed_url(self) -> str:
        return absolute(reverse("feed"))

    def feed_guid(self) -> str:
        return self.feed_url()

    def items(self) -> list[dict[str, Any]]:
        newest = Publication.objects.of_newest_editions(NEWEST).telling_revisions().order_by()
        editions = newest.values("battle_id", "battle__name", "battle__slug", "edition")
        rows = editions.annotate(
            at=Max("at"),
            published=Count("pk", filter=~_WITHDRAWN & ~_REVISED),
            revised=Count("pk", filter=_REVISED),
            withdrawn=Count("pk", filter=_WITHDRAWN),
        ).order_by("-at", "battle__slug", "-edition")
        reasons: dict[tuple[UUID, int], list[str]] = defaultdict(list)
        withdrawals = Publication.objects.filter(
            _WITHDRAWN, battle__in={row["battle_id"] for row in rows}
        ).order_by("reason", "pk")
        for battle, edition, reason in withdrawals.values_list("battle_id", "edition", "reason"):
            reasons[battle, edition].append(reason)
        return [row | {"reasons": reasons[row["battle_id"], row["edition"]]} for row in rows]

    def item_title(self, item: dict[str, Any]) -> str:
        return showable_in_xml(f"{item['battle__name']}, edition {item['edition']}")

    def item_description(self, item: dict[str, Any]) -> str:
        """Return what an edition did; a summary is HTML, so that a reason is escaped."""
        parts = [
            f"{item[what]} statement{plural(item[what])} {what}."
            for what in ("published", "revised", "withdrawn")
            if item[what]
        ]
        reasons = [f"“{reason}”" for reason in dict.fromkeys(item["reasons"])]
        return escape(showable_in_xml(" ".join([*parts, *(["Why:", *reasons] if reasons else [])])))

    def item_link(self, item: dict[str, Any]) -> str:
        edition = [item["battle__slug"], item["edition"]]
        return absolute(reverse("battles:battle-edition", args=edition))

    def item_guid(self, item: dict[str, Any]) -> str:
        return uuid5(item["battle_id"], str(item["edition"])).urn

    def item_updateddate(self, item: dict[str, Any]) -> datetime:
        return item["at"]
