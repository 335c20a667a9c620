"""How long it takes to find a quote in a text of three million characters.

Run as: python -m tests.bench.anchoring [--runs 5] [--size 3000000] [--script latin]
"""

import argparse
import random
from collections.abc import Callable
from statistics import median
from time import process_time

from sources.anchoring import Outcome, Resolution, SearchableText, find, make_anchor, resolve

Search = Callable[[str | SearchableText], Resolution]

_ALPHABETS = {"latin": "etaoinshrdlucmfw", "han": "金城战役军师团攻守山河北南东西中朝鲜停线"}
_NAMED = {
    "latin": "The Kumsong salient of “1953” was attacked by two field armies",
    "han": "金城以南“一九五三”年夏季反击由两个兵团同时发起并取得最后胜利",
}


def written(size: int, script: str) -> str:
    """A made-up text in lines and pages, of common letters and frequent words."""
    chance = random.Random(1953)
    letters, space = _ALPHABETS[script], " " if script == "latin" else ""
    words = ["".join(chance.choices(letters, k=chance.randint(2, 9))) for _ in range(20_000)]
    often = [1 / rank for rank in range(1, len(words) + 1)]
    drawn = chance.choices(words, often, k=size // 4)
    lines = [space.join(drawn[at : at + 12]) for at in range(0, len(drawn), 12)]
    pages = ["’\n".join(lines[at : at + 40]) for at in range(0, len(lines), 40)]
    return "\n\f".join(pages)[:size]


def cases(size: int, script: str) -> dict[str, tuple[Outcome, str, Search]]:
    """Each case: the outcome it must have, its text, and the search."""
    text, named = written(size, script), _NAMED[script]
    middle = text.index("\n", size // 2) + 1
    planted = f"{text[:middle]}{named}\n{text[middle:]}"
    anchor = make_anchor(planted, middle, middle + len(named))
    broken = planted.replace(named, named[:20] + "\n\f" + named[20:].replace("”", '"'))
    broken = broken.replace("“", '"')
    twice = f"{planted}\n{named}"
    edited = named.replace("1953", "1952").replace("夏季", "冬季")
    common = "e" if script == "latin" else "军"
    found, moved = Outcome.EXACT, Outcome.MOVED
    return {
        "verbatim": (found, planted, lambda text: find(named, text)),
        "moved": (moved, "!" + planted, lambda text: resolve(anchor, text)),
        "forgiving": (found, broken, lambda text: find(named, text)),
        "ambiguous": (Outcome.AMBIGUOUS, twice, lambda text: find(named, text)),
        "edited": (Outcome.EDITED, planted, lambda text: find(edited, text)),
        "lost": (Outcome.LOST, text, lambda text: find("Nobody wrote this. " * 5, text)),
        "lost, common letters": (
            Outcome.LOST,
            text,
            lambda text: find(" ".join(_ALPHABETS[script]) * 3, text),
        ),
        "common letter": (
            Outcome.LOST if script == "latin" else Outcome.AMBIGUOUS,
            text,
            lambda text: find(common, text),
        ),
    }


def timed(search: Search, text: str | SearchableText, outcome: Outcome, runs: int) -> float:
    """The median processor time in milliseconds. Raises AssertionError at another outcome."""
    times = []
    for _ in range(runs):
        began = process_time()
        resolution = search(text)
        times.append((process_time() - began) * 1000)
        assert resolution.outcome is outcome, resolution
    return median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--size", type=int, default=3_000_000, help="code points")
    parser.add_argument("--script", choices=_ALPHABETS, default="latin")
    options = parser.parse_args()
    print(f"{'median ms':24}{'new text':>12}{'same text':>12}")
    for name, (outcome, text, search) in cases(options.size, options.script).items():
        fresh = timed(search, text, outcome, options.runs)
        again = timed(search, SearchableText(text), outcome, options.runs)
        print(f"{name:24}{fresh:12.1f}{again:12.1f}")


if __name__ == "__main__":
    main()
