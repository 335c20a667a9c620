"""Visitors are answered without the curators' desk, which a worker loads when a curator comes."""

import os
import subprocess
import sys

import pytest
from django.test import Client

from tests.builders import make_published
from tests.visitors import ROOT, Process

DESK = ("archive.urls", "battles.admin", "sources.admin", "fido2")


@pytest.fixture
def worker(transactional_db):
    process = Process()
    yield process
    process.end()


def test_a_worker_that_visitors_alone_come_to_does_not_load_the_desk(worker: Process):
    battle = make_published().battle
    for address in ("/", "/about/", "/battles/", "/sources/", "/search/?q=ford", "/feed/"):
        assert worker.ask(address).status == 200, address
    assert worker.ask(battle.get_absolute_url()).status == 200
    for address in ("/nothing/", "/battles/nothing/", "/administrator/", "/admin.php"):
        assert worker.ask(address).status == 404, address
    assert worker.ask("/", host="elsewhere.example").status == 400
    assert [module for module in DESK if worker.has_loaded(module)] == []


def test_it_loads_the_desk_when_a_curator_comes_and_answers_visitors_as_before(worker: Process):
    before = worker.ask("/about/").text
    assert worker.ask("/admin/battles/battle/").status == 302
    assert "Sign in" in worker.ask("/admin/account/login/").text
    assert [module for module in DESK if not worker.has_loaded(module)] == []
    assert worker.ask("/about/").text == before


def test_the_desk_is_found_without_its_last_slash(client: Client):
    assert client.get("/admin").headers["Location"] == "/admin/"


def test_checks_of_the_project_look_at_the_desk():
    code = "import django; django.setup(); from django.core.checks import run_checks; "
    code += "run_checks(tags=['admin']); import sys; sys.exit('battles.admin' not in sys.modules)"
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment).returncode == 0
