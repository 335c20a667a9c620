"""Headers that Django has no setting for, which addresses a visitor can reach, and what of a
question is heard."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import set_urlconf

from sources.characters import showable

DESK = "admin"  # what the addresses of curators' pages begin with


def is_of_the_desk(request: HttpRequest) -> bool:
    """Say whether a curators' page is asked for; `/administrator/` is none."""
    return f"{request.path_info}/".startswith(f"/{DESK}/")


def apart_from_the_desk(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Answer visitors by the addresses of public pages alone.

    The pages of curators, with all they need, are a quarter of what a worker would load. So only
    those workers load them that a curator comes to.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if not is_of_the_desk(request):
            request.urlconf = settings.PUBLIC_URLCONF
            set_urlconf(settings.PUBLIC_URLCONF)  # for errors before an address is looked up
        return get_response(request)

    return answer


def asked_in_text(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let visitors ask in characters alone that a page which repeats them may hold.

    Blanks around what they ask mean nothing.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if request.META.get("QUERY_STRING") and not is_of_the_desk(request):
            asked = QueryDict(mutable=True)
            for name, values in request.GET.lists():
                asked.setlist(name, [showable(value).strip() for value in values])
            request.GET = asked  # type: ignore[assignment]  # the views change nothing of it
        return get_response(request)

    return answer


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
        if is_of_the_desk(request) or varies & {"cookie", "*"}:
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
