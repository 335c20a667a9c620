"""Fixtures that several parts of the suite share."""

import os
from pathlib import Path

import pytest
from django.db import DEFAULT_DB_ALIAS, connections
from hypothesis import settings

# Speed is measured in tests/bench: a busy machine makes no test fail.
settings.register_profile("untimed", parent=settings.default, deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def originals() -> Path:
    """The folder of original documents, which is not part of the project."""
    folder = Path(os.environ.get("SHARED_DATA", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip("the original documents are not here (SHARED_DATA names their folder)")
    return folder


@pytest.fixture
def another_connection():
    """Another connection to the database of the test, which sees what is committed."""
    other = connections.create_connection(DEFAULT_DB_ALIAS)
    other.ensure_connection()
    yield other
    other.close()
