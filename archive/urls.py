"""The public map: every address of the archive."""

from django.contrib import admin
from django.urls import include, path, re_path

import battles.views as battles
import sources.views as sources
from archive import views

battle_pages = [
    path("battles/", battles.battle_list, name="battle-list"),
    re_path(r"^battles/(?P<slug>[-\w]+)/\Z", battles.battle_detail, name="battle-detail"),
    re_path(
        r"^battles/(?P<slug>[-\w]+)/accounts/\Z", battles.battle_accounts, name="battle-accounts"
    ),
    re_path(
        r"^battles/(?P<slug>[-\w]+)/accounts\.csv\Z",
        battles.battle_accounts_csv,
        name="battle-accounts-csv",
    ),
    path("statements/<uuid:pk>/", battles.statement_detail, name="statement-detail"),
]

# The reader and the passage show statements, so they are views of battles.
source_pages = [
    path("sources/", sources.source_list, name="source-list"),
    re_path(r"^sources/(?P<slug>[-\w]+)/\Z", sources.source_detail, name="source-detail"),
    re_path(r"^origins/(?P<slug>[-\w]+)/\Z", sources.origin_detail, name="origin-detail"),
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
