"""How fast a long command was, in words."""

import time
from collections.abc import Callable
from typing import Any

EVERY = 10  # seconds, after which something is said again


class Pace:
    """A clock that is started when it is made."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()

    def now_and_then(self, say: Callable[[str], Any], words: str) -> None:
        """Say something, unless something was said less than `EVERY` seconds ago."""
        now = time.monotonic()
        if now - self._said >= EVERY:
            self._said = now
            say(words)

    def of(self, rows: int) -> str:
        """Say how long some rows took: “in 12 s, 4,000 a second”."""
        seconds = max(time.monotonic() - self._began, 0.001)
        return f"in {seconds:,.0f} s, {rows / seconds:,.0f} a second"
