"""Settings for the test suite: production's, with a throw-away database and file store."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

scratch = Path(tempfile.mkdtemp(prefix="archive-tests-"))
atexit.register(shutil.rmtree, scratch, ignore_errors=True)

# Set before the project's settings are read, so that a developer's .env never reaches the tests.
os.environ.update({"DEBUG": "false", "HTTPS": "false", "SECRET_KEY": "for-the-tests-alone-" * 2})
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ["FILES_ROOT"] = str(scratch / "files")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{scratch}/archive.sqlite3")

from archive.settings import *  # noqa: E402, F403
from archive.settings import DATABASES, STORAGES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, because threads that race need connections of their own.
    DATABASES["default"]["TEST"] = {"NAME": scratch / "test.sqlite3"}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
WHITENOISE_AUTOREFRESH = True
