"""Headers that Django has no setting for."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse


def for_everyone(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Say which answers are the same for everyone: those may be kept, but are asked for again.

    A cache in front then answers with what it has as soon as it heard that nothing changed, and
    never shows what was withdrawn. Answers for curators may be kept by nobody.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if "Cache-Control" in response:
            return response
        varies = {name.strip().lower() for name in response.get("Vary", "").split(",")}
        if request.path.startswith(reverse("admin:index")) or varies & {"cookie", "*"}:
            response["Cache-Control"] = "private, no-store"
        elif response.status_code == 200 and not response.streaming and not response.cookies:
            response["Cache-Control"] = "public, no-cache"
        else:
            response["Cache-Control"] = "no-cache"
        return response

    return answer


def keep_to_our_own_pages(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let no other site embed what we answer (the Fetch standard, “CORP check”)."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response

    return answer
