"""How fast a long command was, in words."""

import time


class Pace:
    """A clock that is started when it is made."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def of(self, rows: int) -> str:
        """Say how long some rows took: “in 12 s, 4,000 a second”."""
        seconds = max(time.monotonic() - self._began, 0.001)
        return f"in {seconds:,.0f} s, {rows / seconds:,.0f} a second"
