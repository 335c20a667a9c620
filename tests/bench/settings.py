"""Production's settings, with a view that does nothing beside the archive's own."""

from archive.settings import *  # noqa: F403

PUBLIC_URLCONF = "tests.bench.urls"
