"""How long a search takes, from the address to the page, in a large archive.

Run as `python -m tests.bench.search`: in this process alone, without network, for each kind of
thing that is found.
"""

import argparse
import os
import time
from statistics import median

from tests.bench import large_archive

QUESTIONS = {
    "rare word": "zanzibar",
    "common word": "the",
    "two common words": "the army",
    "rare and common": "the zanzibar",
    "phrase": '"the army"',
    "phrase that is nowhere": '"army zanzibar"',
    "two characters": "金城",
    "a name of four": "金城战役",
    "common character": "军",
    "no such word": "xylophone",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--battles", type=int, default=2000)
    parser.add_argument("--documents", type=int, default=5000)
    parser.add_argument("--runs", type=int, default=20)
    options = parser.parse_args()
    os.environ["DATABASE_URL"] = large_archive.database(options.battles, options.documents)
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    large_archive.fill(options.battles, options.documents)
    ask(options.runs)


def ask(runs: int) -> None:
    """Ask each question of the archive that the settings name."""
    from django.test import Client

    client = Client()
    print(f"{'median ms / of processor':26}{'all kinds':>16}{'statements':>16}{'texts':>16}")
    for name, question in QUESTIONS.items():
        cells = []
        for kind in ("", "statements", "texts"):
            times, own = [], []
            for _ in range(runs):
                began, worked = time.perf_counter(), time.process_time()
                response = client.get("/search/", {"q": question, "kind": kind})
                times.append((time.perf_counter() - began) * 1000)
                own.append((time.process_time() - worked) * 1000)
                assert response.status_code == 200
            cells.append(f"{median(times):8.1f} /{median(own):6.1f}")
        print(f"{name:26}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
