"""Settings come from the environment; what is missing or malformed is named."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from whitenoise.runserver_nostatic.management.commands import runserver

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = {
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "ALLOWED_HOSTS": "archive.example,www.archive.example",
    "DATABASE_URL": "postgres://archive:p%40ss@db.example/archive",
}
SHOW = """
import json
from archive import settings
names = ("DEBUG", "ALLOWED_HOSTS", "DATABASES", "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE",
         "SECURE_HSTS_SECONDS", "SITE_URL")
print(json.dumps({name: getattr(settings, name) for name in names}, default=str))
"""


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """Read the settings in a process of its own, without any .env file."""
    return subprocess.run(
        [sys.executable, "-c", SHOW],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "ENV_FILE": os.devnull} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_is_the_default_and_is_strict():
    settings = json.loads(start(**PRODUCTION).stdout)
    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["archive.example", "www.archive.example"]
    assert settings["DATABASES"]["default"]["PASSWORD"] == "p@ss"
    assert settings["DATABASES"]["default"]["CONN_MAX_AGE"] > 0
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SESSION_COOKIE_SECURE"] is True
    assert settings["SECURE_HSTS_SECONDS"] == 31536000
    assert settings["SITE_URL"] == "https://archive.example"


@pytest.mark.parametrize("missing", PRODUCTION)
def test_production_does_not_start_without(missing):
    started = start(**{name: value for name, value in PRODUCTION.items() if name != missing})
    assert started.returncode != 0
    assert f'"{missing}"' in started.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("SECRET_KEY", "short"),
        ("ALLOWED_HOSTS", ""),
        ("DATABASE_URL", "archive.sqlite3"),
        ("DATABASE_URL", "mysql://archive@db.example/archive"),
        ("DATABASE_URL", ""),
        ("HSTS_SECONDS", "a year"),
        ("HSTS_SECONDS", "-1"),
        ("HTTPS", "sometimes"),
        ("EMAIL_URL", "mail.example"),
        ("TRUSTED_PROXIES", "-1"),
        ("SITE_URL", "archive.example"),
        ("SITE_URL", "https://archive.example/battles/"),
        ("SITE_URL", "https://archive.example/battles"),
        ("CONTENT_LICENCE_URL", "javascript:alert(1)"),
        ("CONTACT", "the desk"),
        ("CONTACT", "javascript:alert(1)"),
    ],
)
def test_a_malformed_value_stops_the_start_and_is_named(name, value):
    started = start(**PRODUCTION | {name: value})
    assert started.returncode != 0
    assert name in started.stderr.splitlines()[-1]


def test_a_site_that_answers_to_any_host_must_say_where_it_is():
    started = start(**PRODUCTION | {"ALLOWED_HOSTS": "*"})
    assert "SITE_URL" in started.stderr.splitlines()[-1]


def test_development_needs_no_settings_at_all():
    settings = json.loads(start(DEBUG="true").stdout)
    assert settings["DATABASES"]["default"]["ENGINE"] == "archive.databases.sqlite3"
    assert settings["DATABASES"]["default"]["CONN_MAX_AGE"] == 0  # its threads are many
    assert settings["SECURE_SSL_REDIRECT"] is False
    assert settings["SECURE_HSTS_SECONDS"] == 0


def test_in_development_whole_addresses_name_the_port_that_is_served():
    assert json.loads(start(DEBUG="true").stdout)["SITE_URL"] == "http://127.0.0.1:8000"
    served = start(DEBUG="true", PORT="8123")
    assert json.loads(served.stdout)["SITE_URL"] == "http://127.0.0.1:8123"


def test_runserver_names_its_own_port_unless_an_address_is_set(monkeypatch, settings):
    named = []
    monkeypatch.setattr(
        runserver.Command, "inner_run", lambda *_, **__: named.append(settings.SITE_URL)
    )
    monkeypatch.delenv("SITE_URL", raising=False)
    call_command("runserver", "8123", use_reloader=False)
    monkeypatch.setenv("SITE_URL", "https://archive.example")
    call_command("runserver", "8124", use_reloader=False)
    assert named == ["http://127.0.0.1:8123"] * 2
