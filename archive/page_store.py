"""Public pages made once: answered before Django is asked, from memory, while nothing changes.

A page is stored under the counter of changes, its address and its encoding. The counter is read
from the database at every request, before anything else, so that no page outlives what it was made
from, whichever process publishes or withdraws. A page that is made while something changes may be
newer than the counter it is stored under; nobody asks for that counter any more.

Only answers that say `Cache-Control: public` are stored: `archive.middleware.for_everyone` writes
it on pages that are the same for everyone. Host and scheme are part of the address, so that what
Django refuses or redirects is never answered here.
"""

import gzip
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections

Headers = list[tuple[str, str]]
Environment = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environment, StartResponse], Iterable[bytes]]

_PAST_IT = ("/admin/", "/static/")
_LEVEL = 4  # of compression: the next takes half as long again, and saves three bytes of a hundred
_SHORTEST = 500  # bytes that are worth compressing
_OF_A_BODY = {"content-type", "content-length", "content-encoding", "content-language"}


class Page(NamedTuple):
    """An answer as it is sent, and what is sent instead to those who have it."""

    etag: str
    headers: Headers
    headers_unchanged: Headers
    body: bytes


class Counter(threading.local):
    """Reads the stamp of the counter, by a connection of each thread that is kept open."""

    _ASK = "SELECT stamp FROM sources_counter WHERE id = 1"

    def __init__(self) -> None:
        self._connection: Any = None
        self._file: tuple[int, int] | None = None

    def read(self) -> Any:
        """Return the stamp, or None where there is no counter or no database."""
        for _ in range(2):  # a connection that was kept may have been lost meanwhile
            try:
                if self._connection is None or self._file != self._file_now():
                    self._connect()
                [(stamp,)] = self._connection.connection.execute(self._ASK).fetchall()
            except Exception:
                self.close()
            else:
                return stamp
        return None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def _connect(self) -> None:
        self.close()
        self._connection = connections.create_connection(DEFAULT_DB_ALIAS)
        self._file = self._file_now()
        self._connection.ensure_connection()

    def _file_now(self) -> tuple[int, int] | None:
        """Say which file SQLite's is: a copy may have been put in its place."""
        if self._connection.vendor != "sqlite":
            return None
        found = os.stat(self._connection.settings_dict["NAME"])
        return found.st_dev, found.st_ino


class PageStore:
    """A WSGI application before Django's, which remembers up to `capacity` bytes of pages."""

    def __init__(self, application: Application, capacity: int, *, by_proxy: bool = False) -> None:
        self._application = application
        self._capacity = capacity
        # Whether a proxy's word is taken for the scheme, as Django is told in the settings.
        self._by_proxy = by_proxy
        self._counter = Counter()
        self._lock = threading.Lock()
        self._stamp: Any = None
        self._pages: OrderedDict[Any, Page] = OrderedDict()
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
        return page_of(headers, body, compressed)

    def _stored(self, stamp: Any, key: Any) -> Page | None:
        with self._lock:
            if stamp is None or stamp != self._stamp:
                return None
            page = self._pages.get(key)
            if page is not None:
                self._pages.move_to_end(key)
            return page

    def _store(self, stamp: Any, key: Any, page: Page) -> None:
        if stamp is None or _size(page) > self._capacity // 8:
            return
        with self._lock:
            if stamp != self._stamp:
                # Perhaps by a slower thread's older stamp: the next one then begins anew.
                self._pages.clear()
                self._stamp, self._size = stamp, 0
            before = self._pages.pop(key, None)
            self._size += _size(page) - (_size(before) if before else 0)
            self._pages[key] = page
            while self._size > self._capacity:
                _, oldest = self._pages.popitem(last=False)
                self._size -= _size(oldest)


def _size(page: Page) -> int:
    """Return about how many bytes of memory a page takes, its address and headers included."""
    return len(page.body) + 4000


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


def page_of(headers: Headers, body: bytes, compressed: bool) -> Page:
    """Return a page with its validator, compressed if that is wanted and makes it shorter."""
    etag = blake2b(body, digest_size=12).hexdigest()
    own = [
        (name, value)
        for name, value in headers
        if name.lower() not in {"content-length", "vary", "etag"}
    ]
    if compressed and len(body) >= _SHORTEST:
        body = gzip.compress(body, _LEVEL, mtime=0)
        etag += "-gzip"
        own.append(("Content-Encoding", "gzip"))
    own += [("ETag", f'"{etag}"'), ("Vary", "Accept-Encoding")]
    return Page(
        etag=f'"{etag}"',
        headers=[*own, ("Content-Length", str(len(body)))],
        headers_unchanged=[pair for pair in own if pair[0].lower() not in _OF_A_BODY],
        body=body,
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
