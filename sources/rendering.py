"""The Jinja2 environment in which public pages are drawn."""

from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.utils.dateformat import format as formatted
from django.utils.text import Truncator, capfirst
from jinja2 import Environment, StrictUndefined

from sources.addresses import address
from sources.colophon import content_licence, report_address


def environment(**options: Any) -> Environment:
    """Return the environment, in which a name that a view did not give is an error."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    pages = Environment(**options)  # noqa: S701  Django turns escaping on in `options`
    pages.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    pages.globals.update(
        url=_url,
        absolute=absolute,
        static=static,
        content_licence=content_licence,
        report_address=report_address,
    )
    pages.filters.update(
        capfirst=capfirst,
        day=lambda moment: formatted(moment, "j F Y"),
        iso=lambda moment: moment.isoformat(timespec="seconds"),
        number=lambda value: f"{value:,}",
        plural=plural,
        shortened=lambda text, length: Truncator(text).chars(length),
    )
    return pages


def plural(number: int, one: str = "", many: str = "s") -> str:
    """Return the ending that a word takes after a number."""
    return one if number == 1 else many


def absolute(address: str) -> str:
    """Return an address of this archive whole, with its scheme and host."""
    return settings.SITE_URL + address


def _url(view: str, *args: Any) -> str:
    return address(view, *args)
