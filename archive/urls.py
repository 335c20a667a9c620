"""The public map: every address of the archive."""

from django.contrib import admin
from django.urls import include, path, re_path

import battles.views as battles
import sources.views as sources
from archive import views
from battles.filters import VoicedSourceFilter

battle_pages = [
    path("battles/", battles.battle_list, name="battle-list"),
    path("battles/places.geojson", battles.battle_places, name="battle-places"),
    re_path(r"^battles/(?P<slug>[-\w]+)/\Z", battles.battle_detail, name="battle-detail"),
    path("entities/", battles.entity_list, name="entity-list"),
    path("entities/<uuid:pk>/", battles.entity_detail, name="entity-detail"),
    path("statements/<uuid:pk>/", battles.statement_detail, name="statement-detail"),
]

# Origins, the reader and the passage show statements, so they are views of battles; so is whose
# word a source carries, which its list can be narrowed by.
source_pages = [
    path("sources/", sources.source_list, {"filter_class": VoicedSourceFilter}, name="source-list"),
    re_path(r"^sources/(?P<slug>[-\w]+)/\Z", sources.source_detail, name="source-detail"),
    re_path(r"^origins/(?P<slug>[-\w]+)/\Z", battles.origin_detail, name="origin-detail"),
    path("documents/<uuid:pk>/", battles.document_detail, name="document-detail"),
    path("passages/<uuid:pk>/", battles.passage_detail, name="passage-detail"),
]

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", views.about, name="about"),
    path("", include((battle_pages, "battles"))),
    path("", include((source_pages, "sources"))),
    path("admin/", admin.site.urls),
]

handler404 = "archive.views.not_found"
handler500 = "archive.views.server_error"
