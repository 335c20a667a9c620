"""The headers of public pages, by the rules of Mozilla's HTTP Observatory.

The modifiers are those of its documentation, “HTTP Observatory tests and scoring”: a site begins
with 100 points, loses some for each fault, gains some for more than is asked, and 100 or more
is an A+.
"""

import re

import pytest
from django.test import override_settings

from tests.small_archive import make_small_archive

pytestmark = pytest.mark.django_db


def score(response) -> int:
    """Return the points of an answer given over HTTPS, with no script from another host."""
    policy = {
        name: values.split()
        for name, _, values in (
            part.strip().partition(" ")
            for part in response.get("Content-Security-Policy", "").split(";")
            if part.strip()
        )
    }
    points = 100
    scripts = policy.get("script-src", policy.get("default-src"))
    if not policy:
        points -= 25
    elif scripts is None or {"'unsafe-inline'", "data:"} & set(scripts):
        points -= 20
    elif "'unsafe-eval'" in scripts:
        points -= 10
    elif any("'unsafe-inline'" in values for values in policy.values()):
        points += 0
    else:
        points += 10 if policy.get("default-src") == ["'none'"] else 5
    for cookie in response.cookies.values():
        points -= 0 if cookie["secure"] and cookie["httponly"] else 20
    if response.get("Access-Control-Allow-Origin") == "*" and response.get(
        "Access-Control-Allow-Credentials"
    ):
        points -= 50
    points += {"same-origin": 10, "same-site": 10}.get(
        response.get("Cross-Origin-Resource-Policy", ""), 0
    )
    private = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}
    points += 5 if response.get("Referrer-Policy") in private else 0
    age = re.search(r"max-age=(\d+)", response.get("Strict-Transport-Security", ""))
    if age is None:
        points -= 20
    elif int(age[1]) < 15768000:  # six months
        points -= 10
    points -= 0 if response.get("X-Content-Type-Options") == "nosniff" else 5
    if "frame-ancestors" in policy:
        points += 5
    elif response.get("X-Frame-Options") not in {"DENY", "SAMEORIGIN"}:
        points -= 20
    return points


@override_settings(
    SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=31536000, SECURE_HSTS_INCLUDE_SUBDOMAINS=True
)
def test_every_public_page_earns_an_a_plus(client):
    for name, address in make_small_archive().items():
        assert score(client.get(address, secure=True)) >= 100 + 30, name


@override_settings(
    SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=31536000, WHITENOISE_USE_FINDERS=True
)
@pytest.mark.parametrize("name", ["favicon.svg", "map/land.svg", "js/map.js", "css/base.css"])
def test_a_static_file_earns_an_a_plus_and_runs_nothing_when_it_is_opened(client, name):
    response = client.get(f"/static/{name}", secure=True)
    response.close()
    assert response.status_code == 200
    assert score(response) >= 100
    assert "Access-Control-Allow-Origin" not in response
    policy = response["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "sandbox"} <= set(policy)
    assert not any(part.startswith("script-src") for part in policy)


@override_settings(SECURE_SSL_REDIRECT=True)
def test_plain_http_is_sent_on_to_https_on_the_same_host(client):
    response = client.get("/about/")
    assert response.status_code == 301
    assert response["Location"] == "https://testserver/about/"


@override_settings(SECURE_SSL_REDIRECT=True)
@pytest.mark.parametrize("secure", [True, False])
def test_ways_on_keep_to_our_own_pages_too(client, secure):
    response = client.get("/battles", secure=secure)
    assert response.status_code == 301
    assert response["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    ("header", "lost"),
    [
        ("Content-Security-Policy", 40),
        ("Cross-Origin-Resource-Policy", 10),
        ("Referrer-Policy", 5),
        ("Strict-Transport-Security", 20),
        ("X-Content-Type-Options", 5),
    ],
)
@override_settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=31536000)
def test_the_score_notices_what_is_missing(client, header, lost):
    response = client.get("/about/", secure=True)
    whole = score(response)
    del response[header]
    assert whole - score(response) == lost
