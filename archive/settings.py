"""Every setting of the archive, read from the environment (in development from `.env`).

A malformed or missing value stops start-up and names its variable.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError, validate

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env.read_env(env.path("ENV_FILE", BASE_DIR / ".env"), recurse=False)


def in_project(path: str) -> Path:
    """Return `path`, a relative one taken from the project's folder."""
    return BASE_DIR / path


def in_development(default: Any) -> Any:
    """Return `default` in development; in production the variable has none and must be set."""
    return default if DEBUG else ...


try:
    DEBUG = env.bool("DEBUG", False)
    SECRET_KEY = env.str(
        "SECRET_KEY",
        in_development("for-development-only-" * 3),
        validate=validate.Length(min=32),
    )
    ALLOWED_HOSTS = env.list(
        "ALLOWED_HOSTS",
        in_development(["127.0.0.1", "localhost", "[::1]"]),
        validate=validate.Length(min=1),
    )
    database: dict[str, Any] = env.dj_db_url(
        "DATABASE_URL", in_development("sqlite:///var/archive.sqlite3")
    )
    FILES_ROOT = in_project(env.str("FILES_ROOT", "var/files"))
    STATIC_ROOT = in_project(env.str("STATIC_ROOT", "var/static"))
    CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", [])
    HTTPS = env.bool("HTTPS", not DEBUG)
    # What addresses begin with where they must be whole: canonical links, feeds, the sitemap.
    SITE_URL = env.str(
        "SITE_URL",
        in_development(f"http://127.0.0.1:{env.int('PORT', 8000)}")
        if DEBUG or ALLOWED_HOSTS[0].startswith(("*", "."))
        else f"http{'s' if HTTPS else ''}://{ALLOWED_HOSTS[0]}",
        validate=validate.Regexp(
            r"https?://[\w\[][^/*?#\s]*\Z", error="Must be like https://archive.example, no path."
        ),
    )
    HSTS_SECONDS = env.int("HSTS_SECONDS", 365 * 24 * 3600, validate=validate.Range(min=0))
    # Only behind a proxy that always sets or strips X-Forwarded-Proto.
    TRUST_FORWARDED_PROTO = env.bool("TRUST_FORWARDED_PROTO", False)
    # Of finished pages, in each process that serves; none while templates are being changed.
    PAGE_STORE_MEGABYTES = env.int(
        "PAGE_STORE_MEGABYTES", 0 if DEBUG else 12, validate=validate.Range(min=0)
    )
    # How many proxies of ours stand in front: sign-in is limited by the address they forward.
    ALLAUTH_TRUSTED_PROXY_COUNT = env.int(
        "TRUSTED_PROXIES", 0, validate=validate.Range(min=0, max=9)
    )
    # Only ever to curators. In production nothing is sent until it is set.
    mail: dict[str, Any] = env.dj_email_url("EMAIL_URL", "console://" if DEBUG else "dummy://")
    DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", f"archive@{SITE_URL.split('//')[1].split(':')[0]}")
    # Under which licence the archive's own words may be used: its name, and where it is written.
    CONTENT_LICENCE = env.str("CONTENT_LICENCE", "")
    CONTENT_LICENCE_URL = env.str(
        "CONTENT_LICENCE_URL",
        "",
        validate=validate.Regexp(r"(https?://\S+)?\Z", error="Must be a web address, or empty."),
    )
    # Whom readers tell of an error: a mail address or a web page.
    CONTACT = env.str(
        "CONTACT",
        "",
        validate=validate.Regexp(
            r"([^\s@:/?&]+@[^\s@:/?&]+|https?://\S+)?\Z",
            error="Must be a mail address or a web address, or empty.",
        ),
    )
except EnvError as error:
    raise ImproperlyConfigured(str(error)) from error

# Django's own, counting what they change: see `archive/databases/`.
if database.get("ENGINE") == "django.db.backends.sqlite3":
    database["ENGINE"] = "archive.databases.sqlite3"
    if database["NAME"] != ":memory:":
        database["NAME"] = in_project(database["NAME"])
        database["NAME"].parent.mkdir(parents=True, exist_ok=True)
    database["OPTIONS"] = {
        # A transaction that will write takes its lock at once, instead of failing half way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # WAL is not used: SQLite before 3.51.3 can corrupt a WAL database on reset.
        "init_command": "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL;",
    }
elif database.get("ENGINE") == "django.db.backends.postgresql":
    database["ENGINE"] = "archive.databases.postgresql"
    database["CONN_HEALTH_CHECKS"] = True
else:
    raise ImproperlyConfigured(
        "DATABASE_URL must begin with sqlite:/// or postgres:// "
        "(percent-encode special characters in the password)."
    )
# The server for development answers each connection by a thread, which would keep one of its own.
database["CONN_MAX_AGE"] = 0 if DEBUG else 60
DATABASES = {"default": database}

if "EMAIL_BACKEND" not in mail:
    raise ImproperlyConfigured(
        "EMAIL_URL must begin with smtp://, smtps://, submission:// or console://"
    )
EMAIL_BACKEND = mail["EMAIL_BACKEND"]
EMAIL_HOST = mail["EMAIL_HOST"] or ""
EMAIL_PORT = mail["EMAIL_PORT"] or 25
EMAIL_HOST_USER = mail["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = mail["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = mail["EMAIL_USE_TLS"]
EMAIL_USE_SSL = mail["EMAIL_USE_SSL"]

# Shared by all workers, since failed sign-ins are counted in it: `createcachetable` makes it.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "archive_cache",
    }
}

INSTALLED_APPS = [
    "archive",
    "battles",
    "sources",
    "archive.apps.CuratorsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_filters",
    "reversion",
    "csp",
]

MIDDLEWARE = [
    "archive.middleware.apart_from_the_desk",
    "archive.middleware.asked_in_text",
    "archive.middleware.keep_to_our_own_pages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "archive.middleware.for_everyone",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "archive.urls"
PUBLIC_URLCONF = "archive.public_urls"  # by which visitors are answered
WSGI_APPLICATION = "archive.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
    # Public pages, which `sources.responses.page` draws. The curators' are Django's, above.
    {
        "NAME": "public",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"environment": "sources.rendering.environment"},
    },
]

# No upload is held in memory, however small: a hundred of them may come at once.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
DATA_UPLOAD_MAX_NUMBER_FILES = 100

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Curators sign in by name or address, with a second factor if they set one up. Accounts are made
# by `manage.py invite` alone; there is no sign-up.
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "admin:index"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "archive.accounts.CuratorsAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation is answered from the address it was sent to
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser's
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG
MFA_TOTP_ISSUER = "Battle History Archive"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
# Of django-leaflet the static files alone: as an app it would need GDAL.
_leaflet = find_spec("leaflet")
if _leaflet is None or _leaflet.origin is None:
    raise ImproperlyConfigured("django-leaflet is not installed; it brings the map's script.")
STATICFILES_DIRS = [BASE_DIR / "static", Path(_leaflet.origin).parent / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}


def _static_files_run_nothing(headers: Headers, path: str, url: str) -> None:
    """A drawing opened by itself is a page, which could hold scripts; it may hold styles."""
    headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
    )


WHITENOISE_ALLOW_ALL_ORIGINS = False  # see `archive.middleware.keep_to_our_own_pages`
WHITENOISE_ADD_HEADERS_FUNCTION = _static_files_run_nothing

X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "archive.kept_forms.csrf_failure"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = HSTS_SECONDS if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
if TRUST_FORWARDED_PROTO:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # What of a bibliography cannot be read is told to the curator, entry by entry.
    "loggers": {"bibtexparser": {"level": "CRITICAL"}},
}
