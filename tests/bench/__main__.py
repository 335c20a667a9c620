"""Runs every measurement, each in a process of its own: `python -m tests.bench`."""

import subprocess
import sys

for name in (
    "serving",
    "anchoring",
    "extraction",
    "dataset",
    "search",
    "whole_archive",
    "desk",
    "curating",
):
    print(f"== {name}", flush=True)
    subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=True)
