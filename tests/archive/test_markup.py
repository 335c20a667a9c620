"""Every page is valid HTML, as the Nu Html Checker sees it.

The checker is a Java program; `npm ci --prefix tests/markup` fetches it.
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.small_archive import make_small_archive

pytestmark = pytest.mark.django_db

CHECKER = Path(__file__).parents[1] / "markup/node_modules/vnu-jar/build/dist/vnu.jar"


def faults(folder: Path) -> list[str]:
    """Return what the checker finds wrong with the pages in a folder."""
    checked = subprocess.run(
        [
            str(shutil.which("java")),
            "-jar",
            CHECKER,
            "--format",
            "json",
            "--stdout",
            "--errors-only",
            folder,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return [
        f"{Path(found['url']).name}: {found['message']} in {found.get('extract', '')!r}"
        for found in json.loads(checked.stdout)["messages"]
    ]


@pytest.fixture
def _checker():
    if not CHECKER.exists():
        pytest.skip("The checker of HTML is not installed: npm ci --prefix tests/markup")
    if not shutil.which("java"):
        pytest.skip("The checker of HTML needs Java.")


@pytest.mark.usefixtures("_checker")
def test_no_page_has_an_error(client, tmp_path):
    for name, address in make_small_archive().items():
        (tmp_path / f"{name}.html").write_bytes(client.get(address).content)
    assert faults(tmp_path) == []


@pytest.mark.usefixtures("_checker")
def test_the_checker_sees_a_fault(tmp_path):
    (tmp_path / "page.html").write_text(
        '<!doctype html><html lang="en"><title>x</title><p><ul></p>'
    )
    assert any("p" in fault for fault in faults(tmp_path))
