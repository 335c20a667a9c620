"""Addresses of public pages: what `reverse` gives, found once for each page and then filled in.

A battle's page names some hundred addresses; asking the resolver for each took a sixth of it.
"""

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.http import RFC3986_SUBDELIMS

# What stands for a key while the address around it is looked up; found in no address otherwise.
_STAND_INS: dict[type, Any] = {UUID: UUID(int=0xF0F1), str: "stand-in", int: 918_273_645}
_SAFE = RFC3986_SUBDELIMS + "/~:@"  # what `reverse` leaves as it is


def address(view: str, *keys: Any) -> str:
    """Return the address of a page of the rows that `keys` name: their ids or slugs.

    Raises NoReverseMatch if there is no such page.
    """
    return _filled(get_script_prefix(), view, keys)


def addresses() -> Callable[..., str]:
    """Return `address` for one page, which names many rows again and again.

    It looks once where the archive is mounted, and remembers what it returned.
    """
    prefix = get_script_prefix()
    return cache(lambda view, *keys: _filled(prefix, view, keys))


def _filled(prefix: str, view: str, keys: tuple[Any, ...]) -> str:
    if not all(keys):
        return reverse(view, args=keys)  # which names what is missing
    parts = _around(prefix, view, *map(type, keys))
    if parts is None:
        return reverse(view, args=keys)
    if len(keys) == 1:
        return f"{parts[0]}{_quoted(keys[0])}{parts[1]}"
    filled = (f"{_quoted(key)}{part}" for key, part in zip(keys, parts[1:], strict=True))
    return parts[0] + "".join(filled)


def _quoted(key: Any) -> str:
    if type(key) is not str:
        return str(key)
    is_plain = key.isascii() and key.replace("-", "").isalnum()  # as nearly all slugs are
    return key if is_plain else quote(key, safe=_SAFE)


@cache
def _around(prefix: str, view: str, *kinds: type) -> list[str] | None:
    """Return what stands before, between and after the keys of an address; None if unknown."""
    try:
        stand_ins = [_STAND_INS[kind] for kind in kinds]
        rest = reverse(view, args=stand_ins)
    except (KeyError, NoReverseMatch):
        return None
    parts = []
    for stand_in in stand_ins:
        before, _, rest = rest.partition(str(stand_in))
        parts.append(before)
    return [*parts, rest]
