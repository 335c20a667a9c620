"""The addresses of what visitors read."""

from django.contrib.sitemaps.views import sitemap
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe

import battles.views as battles
import sources.views as sources
from archive import sitemaps, views
from archive.feeds import PublicationFeed
from battles.filters import VoicedSourceFilter

_FORMAT = r"(?P<format_name>[-a-z]+)"

battle_pages = [
    path("battles/", battles.battle_list, name="battle-list"),
    path("battles/places.geojson", battles.battle_places, name="battle-places"),
    re_path(r"^battles/(?P<slug>[-\w]+)/\Z", battles.battle_detail, name="battle-detail"),
    re_path(
        rf"^bibliography/{_FORMAT}/battles/(?P<slug>[-\w]+)/\Z",
        battles.battle_bibliography,
        name="battle-bibliography",
    ),
    re_path(
        r"^battles/(?P<slug>[-\w]+)/editions/(?P<number>[1-9][0-9]{0,8})/\Z",
        battles.battle_edition,
        name="battle-edition",
    ),
    re_path(r"^battles/(?P<slug>[-\w]+)/history/\Z", battles.battle_history, name="battle-history"),
    re_path(
        r"^battles/(?P<slug>[-\w]+)/accounts/\Z", battles.battle_accounts, name="battle-accounts"
    ),
    re_path(
        r"^battles/(?P<slug>[-\w]+)/accounts\.csv\Z",
        battles.battle_accounts_csv,
        name="battle-accounts-csv",
    ),
    path("entities/", battles.entity_list, name="entity-list"),
    path("entities/<uuid:pk>/", battles.entity_detail, name="entity-detail"),
    path("statements/<uuid:pk>/", battles.statement_detail, name="statement-detail"),
]

# Origins, the reader and the passage show statements, so they are views of battles; so is whose
# word a source carries, which its list can be narrowed by.
source_pages = [
    path("sources/", sources.source_list, {"filter_class": VoicedSourceFilter}, name="source-list"),
    re_path(r"^sources/(?P<slug>[-\w]+)/\Z", sources.source_detail, name="source-detail"),
    re_path(
        rf"^bibliography/{_FORMAT}/\Z",
        sources.source_list_bibliography,
        {"filter_class": VoicedSourceFilter},
        name="source-list-bibliography",
    ),
    re_path(
        rf"^bibliography/{_FORMAT}/sources/(?P<slug>[-\w]+)/\Z",
        sources.source_bibliography,
        name="source-bibliography",
    ),
    re_path(r"^origins/(?P<slug>[-\w]+)/\Z", battles.origin_detail, name="origin-detail"),
    path("documents/<uuid:pk>/", battles.document_detail, name="document-detail"),
    path("passages/<uuid:pk>/", battles.passage_detail, name="passage-detail"),
]

for_machines = [
    path("feed/", require_safe(PublicationFeed()), name="feed"),
    path("sitemap.xml", sitemaps.index, name="sitemap-index"),
    path(
        "sitemap-<section>.xml",
        require_safe(sitemap),
        {"sitemaps": sitemaps.SECTIONS},
        name="sitemap",
    ),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("search/", views.search, name="search"),
    path("about/", views.about, name="about"),
    path("", include((battle_pages, "battles"))),
    path("", include((source_pages, "sources"))),
    path("", include(for_machines)),
]

handler400 = "archive.views.bad_request"
handler404 = "archive.views.not_found"
handler500 = "archive.views.server_error"
