"""The archive's own addresses, and a view that does nothing, to compare with."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from archive.urls import handler404, handler500
from archive.urls import urlpatterns as archive_pages

__all__ = ["handler404", "handler500", "urlpatterns"]


def empty(request: HttpRequest) -> HttpResponse:
    """Answer with nothing, through the whole middleware; never stored."""
    return HttpResponse("nothing", headers={"Cache-Control": "no-store"})


urlpatterns = [path("empty/", empty), *archive_pages]
