"""Public pages made once: answered before Django is asked, from memory, while nothing changes.

A page is stored by its address and its encoding, beside the counter of changes. The counter is read
from the database at every request, before anything else, so that no page outlives what it was made
from, whichever process publishes or withdraws. A page that is made while something changes may be
newer than the counter beside it; it is asked again then.

Most changes leave most pages as they are. When the counter has moved on, a stored page's queries
are asked again, and only where one is answered otherwise is the page made anew.

Only answers that say `Cache-Control: public` are stored: `archive.middleware.for_everyone` writes
it on pages that are the same for everyone. Host and scheme are part of the address, so that what
Django refuses or redirects is never answered here.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections
from zlib_ng import zlib_ng

from archive.databases.recording import Query, are_answered_alike, recorded
from archive.middleware import DESK

Headers = list[tuple[str, str]]
Environment = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]

_PAST_IT = (f"/{DESK}/", "/static/")
_LEVEL = 3  # of compression: the next takes half as long again, and saves four bytes of a hundred
_GZIP = 31  # the window, with the head and foot of RFC 1952 around it
_SHORTEST = 500  # bytes that are worth compressing
_OF_A_BODY = {"content-type", "content-length", "content-encoding", "content-language"}


class Page(NamedTuple):
    """An answer as it is sent, what is sent instead to those who have it, and what it is made from.

    `queries` is None where asking them again would not tell whether the page is still so.
    """

    etag: str
    headers: Headers
    headers_unchanged: Headers
    body: bytes
    queries: tuple[Query, ...] | None


class Counter(threading.local):
    """Reads the stamp of the counter, by a connection of each thread that is kept open.

    By the same connection, queries are asked again.
    """

    _ASK = "SELECT stamp FROM sources_counter WHERE id = 1"

    def __init__(self) -> None:
        self._connection: Any = None

    def read(self) -> Any:
        """Return the stamp, or None where there is no counter or no database."""
        for _ in range(2):  # a connection that was kept may have been lost meanwhile
            try:
                if self._connection is None:
                    self._connection = connections.create_connection(DEFAULT_DB_ALIAS)
                self._connection.close_if_unusable_or_obsolete()
                self._connection.ensure_connection()
                [(stamp,)] = self._connection.connection.execute(self._ASK).fetchall()
            except Exception:
                self.close()
            else:
                return stamp
        return None

    def are_answered_alike(self, queries: Sequence[Query]) -> bool:
        """Say whether the database answers queries as it did; it does not if it cannot be asked."""
        try:
            return are_answered_alike(queries, self._connection)
        except Exception:
            self.close()
            return False

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None


class PageStore:
    """A WSGI application before Django's, which remembers up to `capacity` bytes of pages."""

    def __init__(self, application: Application, capacity: int, *, by_proxy: bool = False) -> None:
        self._application = application
        self._capacity = capacity
        # Whether a proxy's word is taken for the scheme, as Django is told in the settings.
        self._by_proxy = by_proxy
        self._counter = Counter()
        self._lock = threading.Lock()
        # Each with the latest stamp it is known to be right under.
        self._pages: OrderedDict[Any, tuple[Any, Page]] = OrderedDict()
        self._size = 0

    def __call__(self, environ: Environment, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"} or environ["PATH_INFO"].startswith(_PAST_IT):
            return self._application(environ, start_response)
        stamp = self._counter.read()
        compressed = accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        key = (
            environ.get("HTTP_HOST"),
            environ["wsgi.url_scheme"],
            environ.get("HTTP_X_FORWARDED_PROTO") if self._by_proxy else None,
            environ.get("SCRIPT_NAME"),
            environ["PATH_INFO"],
            environ.get("QUERY_STRING"),
            compressed,
        )
        page = self._stored(stamp, key)
        if page is None:
            answer = self._made(environ, start_response, compressed)
            if not isinstance(answer, Page):
                return answer
            page = answer
            self._store(stamp, key, page)
        if is_known(environ.get("HTTP_IF_NONE_MATCH", ""), page.etag):
            start_response("304 Not Modified", page.headers_unchanged.copy())
            return [b""]
        start_response("200 OK", page.headers.copy())
        return [b"" if method == "HEAD" else page.body]

    def close(self) -> None:
        """Let go of the connection that this thread reads the counter by."""
        self._counter.close()

    def _made(
        self, environ: Environment, start_response: StartResponse, compressed: bool
    ) -> Page | Iterable[bytes]:
        """Let Django answer; return what it says as a page if that is for everyone, or as it is."""
        began: list[Any] = []

        def begin(status: str, headers: Headers, exc_info: Any = None) -> None:
            began[:] = status, headers, exc_info

        # Of whom the head alone is asked, the whole is asked: both are answered from it.
        with recorded() as record:
            answer = self._application(environ | {"REQUEST_METHOD": "GET"}, begin)
            status, headers, exc_info = began
            if not is_for_everyone(status, headers):
                start_response(status, headers, *([exc_info] if exc_info else []))
                return answer
            try:
                body = b"".join(answer)
            finally:
                if hasattr(answer, "close"):
                    answer.close()
        return page_of(headers, body, compressed, record.queries)

    def _stored(self, stamp: Any, key: Any) -> Page | None:
        """Return a page if it is right under a stamp, asking its queries again where need be."""
        with self._lock:
            known_under, page = self._pages.get(key, (None, None))
            if page is None or stamp is None:
                return None
            self._pages.move_to_end(key)
        if stamp == known_under:
            return page
        if page.queries is None or not self._counter.are_answered_alike(page.queries):
            return None
        with self._lock:
            if self._pages.get(key) == (known_under, page):
                self._pages[key] = stamp, page
        return page

    def _store(self, stamp: Any, key: Any, page: Page) -> None:
        if stamp is None or _size(page) > self._capacity // 8:
            return
        with self._lock:
            _, before = self._pages.pop(key, (None, None))
            self._size += _size(page) - (_size(before) if before else 0)
            self._pages[key] = stamp, page
            while self._size > self._capacity:
                _, (_, oldest) = self._pages.popitem(last=False)
                self._size -= _size(oldest)


def _size(page: Page) -> int:
    """Return about how many bytes of memory a page takes, with its address, headers and queries.

    The SQL of queries is shared with other pages.
    """
    queries = page.queries or ()
    return len(page.body) + 4000 + sum(300 + 80 * len(query.parameters or ()) for query in queries)


def is_for_everyone(status: str, headers: Headers) -> bool:
    """Say whether an answer may be stored: whole, public, and of nobody in particular."""
    named = {name.lower(): value for name, value in headers}
    return (
        status.startswith("200 ")
        and "public" in named.get("cache-control", "").replace(" ", "").split(",")
        and "set-cookie" not in named
        and "content-length" in named
        and "content-encoding" not in named
        and named.get("vary", "Accept-Encoding").lower() == "accept-encoding"
    )


def page_of(
    headers: Headers, body: bytes, compressed: bool, queries: tuple[Query, ...] | None
) -> Page:
    """Return a page with its validator, compressed if that is wanted and makes it shorter."""
    own = [
        (name, value)
        for name, value in headers
        if name.lower() not in {"content-length", "vary", "etag"}
    ]
    if compressed and len(body) >= _SHORTEST:
        body = zlib_ng.compress(body, _LEVEL, wbits=_GZIP)
        own.append(("Content-Encoding", "gzip"))
    etag = f'"{sha256(body).hexdigest()[:24]}"'
    own += [("ETag", etag), ("Vary", "Accept-Encoding")]
    return Page(
        etag=etag,
        headers=[*own, ("Content-Length", str(len(body)))],
        headers_unchanged=[pair for pair in own if pair[0].lower() not in _OF_A_BODY],
        body=body,
        queries=queries,
    )


@lru_cache(maxsize=256)
def accepts_gzip(header: str) -> bool:
    """Say whether an `Accept-Encoding` lets us answer in gzip."""
    weights = {}
    for part in header.lower().split(","):
        coding, *parameters = (word.strip() for word in part.split(";"))
        weight = next((word[2:] for word in parameters if word.startswith("q=")), "1")
        weights[coding] = weight.strip("0.") != ""
    return weights.get("gzip", weights.get("*", False))


def is_known(header: str, etag: str) -> bool:
    """Say whether an `If-None-Match` names a page, as RFC 9110 compares them."""
    if not header:
        return False
    named = {part.strip().removeprefix("W/") for part in header.split(",")}
    return etag in named or "*" in named
