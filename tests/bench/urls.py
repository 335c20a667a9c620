"""The addresses of public pages, and a view that does nothing, to compare with."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from archive.public_urls import handler404, handler500
from archive.public_urls import urlpatterns as public_pages

__all__ = ["handler404", "handler500", "urlpatterns"]


def empty(request: HttpRequest) -> HttpResponse:
    """Answer with nothing, through the whole middleware; never stored."""
    return HttpResponse("nothing", headers={"Cache-Control": "no-store"})


urlpatterns = [path("empty/", empty), *public_pages]
