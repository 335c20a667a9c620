"""How fast a long command was, in words."""

import time

EVERY = 10  # seconds, after which something is to be said again


class Pace:
    """A clock that is started when it is made."""

    def __init__(self) -> None:
        self._began = self._said = time.monotonic()

    def is_long_silent(self) -> bool:
        """Say whether it is time to say how far things are; it is not again for a while then."""
        now = time.monotonic()
        if now - self._said < EVERY:
            return False
        self._said = now
        return True

    def of(self, rows: int) -> str:
        """Say how long some rows took: “in 12 s, 4,000 a second”."""
        seconds = max(time.monotonic() - self._began, 0.001)
        return f"in {seconds:,.0f} s, {rows / seconds:,.0f} a second"
