"""The public map: every address of the archive, those of the curators' desk included.

A worker loads this module when a curator comes; visitors are answered by `archive.public_urls`.
"""

from allauth.mfa.totp.views import activate_totp
from csp.decorators import csp_update
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from archive import public_urls
from archive.middleware import DESK
from archive.public_urls import handler400, handler404, handler500

__all__ = ["handler400", "handler404", "handler500", "urlpatterns"]

admin.autodiscover()

# The code to scan is an image within the page; no other page may show one.
accounts: list[URLPattern | URLResolver] = [
    path("2fa/totp/activate/", csp_update({"img-src": ["data:"]})(activate_totp)),
    path("", include("allauth.urls")),
]

urlpatterns = [
    *public_urls.urlpatterns,
    path(f"{DESK}/account/", include(accounts)),
    path(f"{DESK}/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path(f"{DESK}/", admin.site.urls),
]
