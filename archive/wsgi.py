"""The WSGI entry point for production servers."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from archive.page_store import PageStore

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "archive.settings")
application = PageStore(
    get_wsgi_application(),
    capacity=settings.PAGE_STORE_MEGABYTES * 1_000_000,
    by_proxy=settings.SECURE_PROXY_SSL_HEADER is not None,
)

# All views of public pages, or the first visitor would wait for them.
import_module(settings.PUBLIC_URLCONF)

# What is loaded by now stays. To look through it for what may be thrown away, every few hundred
# objects, took a tenth of the time of a page.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
