"""Serves in development, and names in whole addresses the port that is served."""

import os
from typing import Any

from django.conf import settings
from whitenoise.runserver_nostatic.management.commands import runserver


class Command(runserver.Command):
    def inner_run(self, *args: Any, **options: Any) -> None:
        if "SITE_URL" not in os.environ:
            settings.SITE_URL = f"http://127.0.0.1:{self.port}"
        super().inner_run(*args, **options)
