"""Draws static/map/land.svg, which pages show without JavaScript, from static/map/land.json.

Run as `python docs/draw_land.py` after a change to land.json.
"""

import json
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "static/map"

STYLE = (
    "path{fill:#fffefb;stroke:#8d8371;stroke-width:.1}"
    "@media (prefers-color-scheme:dark){path{fill:#25221d;stroke:#857b6b}}"
)


def drawn(land: str) -> str:
    """Return an SVG in degrees, with north up: x is longitude, y is latitude negated."""
    lines = []
    for polygon in json.loads(land)["geometry"]["coordinates"]:
        for ring in polygon:
            points = " ".join(f"{x:.1f},{-y:.1f}" for x, y in ring[:-1])
            lines.append(f"M{points}z")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-180 -90 360 180">'
        f'<style>{STYLE}</style><path fill-rule="evenodd" d="{"".join(lines)}"/></svg>\n'
    )


if __name__ == "__main__":
    land = (FOLDER / "land.json").read_text(encoding="utf-8")
    (FOLDER / "land.svg").write_text(drawn(land), encoding="utf-8")
