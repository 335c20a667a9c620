"""The admin's page for datasets: look first, confirm, and only what one may do."""

from pathlib import Path

import pytest
from django.contrib.auth.models import Group, User
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from archive.roles import CURATOR, PUBLISHER
from battles.admin import datasets
from battles.models import Battle, Statement
from tests.admin_forms import text_of
from tests.battles.small_dataset import ANNALS, BATTLES, LOSSES, MAPPING, PLACES

pytestmark = pytest.mark.django_db

HERE = "/admin/battles/battle/import-dataset/"


def signed_in(group: str | None) -> Client:
    user = User.objects.create_user(group or "nobody", password="x", is_staff=True)
    if group:
        user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    return client


def uploads(losses: str = LOSSES) -> list[SimpleUploadedFile]:
    files = {
        "battles.csv": BATTLES,
        "losses.csv": losses,
        "places.jsonl": PLACES,
        "annals.txt": ANNALS,
    }
    return [SimpleUploadedFile(name, text.encode()) for name, text in files.items()]


def look(client: Client, **changed):
    data = {"mapping": SimpleUploadedFile("m.toml", MAPPING.encode()), "uploads": uploads()}
    return client.post(HERE, data | changed)


def confirm(client: Client, page, **data):
    waiting = page.context["confirm"].initial["waiting"]
    return client.post(HERE, {"waiting": waiting, **data}, follow=True)


def waiting() -> list[Path]:
    return sorted(datasets._incoming().glob("dataset-*"))


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path


def test_the_list_of_battles_leads_here_for_those_who_may():
    link = f'href="{HERE}"'
    assert reverse("admin:battles_battle_import_dataset") == HERE
    assert link in signed_in(CURATOR).get("/admin/battles/battle/").content.decode()
    reader = User.objects.create_user("r", password="x", is_staff=True)
    reader.user_permissions.set(
        Group.objects.get(name=CURATOR).permissions.filter(codename="view_battle")
    )
    client = Client()
    client.force_login(reader)
    assert link not in client.get("/admin/battles/battle/").content.decode()
    assert client.get(HERE).status_code == 403


def test_looking_records_nothing():
    page = look(signed_in(CURATOR), uploads=uploads(LOSSES.replace("1500", "many")))
    assert "losses.csv, line 3: statement “loss”: value: “many” is no whole number." in text_of(
        page
    )
    assert "statement: casualties" in text_of(page)
    assert not Battle.objects.exists()
    assert len(waiting()) == 1


def test_confirming_imports_drafts_and_says_so():
    client = signed_in(CURATOR)
    page = confirm(client, look(client))
    assert "The dataset “fords” was imported. Statements: 9 new." in text_of(page)
    assert Statement.objects.drafts().count() == 9
    assert waiting() == []


def test_publishing_is_offered_to_publishers_and_refused_to_others():
    client = signed_in(CURATOR)
    page = look(client)
    assert "Publish too" not in text_of(page)
    assert confirm(client, page, publish="on").status_code == 403
    assert not Battle.objects.exists()
    client = signed_in(PUBLISHER)
    page = look(client)
    assert "Publish too" in text_of(page)
    assert "9 published, in 3 editions." in text_of(confirm(client, page, publish="on"))
    assert Statement.objects.published().count() == 9
    assert set(Statement.objects.values_list("publications__by_name", flat=True)) == {PUBLISHER}


def test_refused_rows_are_named_once_imported():
    client = signed_in(CURATOR)
    page = confirm(client, look(client, uploads=uploads(LOSSES.replace("1500", "many"))))
    assert "1 left out:" in text_of(page)
    assert "losses.csv, line 3" in text_of(page)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"mapping": ""}, "Choose a mapping, or upload one of your own."),
        ({"shipped": "cdb90"}, "Choose a mapping, or upload one of your own."),
        ({"uploads": []}, "This field is required."),
        ({"mapping": SimpleUploadedFile("m.toml", b"format = 1")}, "[dataset] is missing."),
        (
            {"mapping": SimpleUploadedFile("m.toml", b"#" * 300_000)},
            "A mapping has 256 KiB at most.",
        ),
        ({"uploads": uploads()[1:]}, "battles.csv: it is missing; give it too."),
        ({"uploads": [*uploads(), *uploads()]}, "Two of the files have the same name."),
        (
            {"uploads": [SimpleUploadedFile(f"{n}.csv", b"x") for n in range(21)]},
            "20 files at most.",
        ),
    ],
)
def test_what_cannot_be_looked_at_is_explained(changed, said):
    for upload in [one for value in changed.values() if value for one in _list(value)]:
        if isinstance(upload, SimpleUploadedFile):
            upload.seek(0)
    page = look(signed_in(CURATOR), **changed)
    assert said in text_of(page)
    assert waiting() == []


def _list(value):
    return value if isinstance(value, list) else [value]


def test_uploads_are_bounded(monkeypatch):
    monkeypatch.setattr(datasets, "LARGEST_UPLOAD", 100)
    assert "manage.py import_dataset" in text_of(look(signed_in(CURATOR)))


def test_files_wait_for_who_gave_them_and_for_nobody_else():
    curator, publisher = signed_in(CURATOR), signed_in(PUBLISHER)
    page = look(curator)
    assert "wait no longer" in text_of(confirm(publisher, page))
    assert "was imported" in text_of(confirm(curator, page))
    assert "wait no longer" in text_of(confirm(curator, page))


@pytest.mark.parametrize("name", ["../../etc", "dataset-../..", "dataset-", "x"])
def test_a_made_up_folder_is_none(name):
    client = signed_in(CURATOR)
    user = User.objects.get(username=CURATOR)
    forged = signing.dumps([name, user.pk], salt=datasets.__name__)
    for value in (forged, name):
        page = client.post(HERE, {"waiting": value}, follow=True)
        assert "wait no longer" in text_of(page)
