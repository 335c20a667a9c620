"""Who may open and send what under /admin/: every page, by role and by method.

The walk finds each page in the site's own addresses. A page that no table below declares fails
by name, so that nobody adds one without saying who may use it.
"""

from collections.abc import Iterator
from enum import Enum
from typing import Any

import pytest
import reversion
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.contrib.contenttypes.models import ContentType
from django.http import HttpResponse
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from reversion.models import Version

from archive.models import KnownFault, Verification
from battles.models import Battle, Reading, Statement
from battles.publication import open_revision
from sources.models import Displacement, Document, Footnote, Gloss, Source
from tests.builders import (
    cite,
    make_battle,
    make_entity,
    make_published,
    make_question,
    make_side,
    make_statement,
)

pytestmark = pytest.mark.django_db

ROLES = ("a stranger", "a guest", "staff", "a curator", "a publisher", "an administrator")


class Who(Enum):
    """Who gets an answer; anyone else is refused, or sent to sign in."""

    ANYONE = set(ROLES)
    SIGNED_IN = set(ROLES[1:])
    STAFF = set(ROLES[2:])
    CURATORS = set(ROLES[3:])
    PUBLISHERS = set(ROLES[4:])
    ADMINISTRATORS = set(ROLES[5:])
    NOBODY: set[str] = set()


# Models by who writes them. Each has the admin's pages: list, add, history, change, delete.
DRAFTED = {
    "battles.battle",
    "battles.statement",
    "battles.question",
    "battles.entity",
    "sources.source",
    "sources.passage",
    "sources.origin",
}
WRITTEN_BY_THE_ARCHIVE = {
    "battles.citation",  # added and changed through its statement
    "battles.publication",
    "battles.reading",  # marked on the page of its document
    "sources.document",
    "sources.file",
    "sources.text",
    "sources.displacement",
    "sources.footnote",
    "sources.formerslug",
    "archive.knownfault",
}
ACCOUNTS = {"auth.group", "auth.user", "account.emailaddress", "mfa.authenticator"}

# Page → who may open it, who may send it.
PAGES: dict[str, tuple[Who, Who]] = {
    "admin:index": (Who.STAFF, Who.STAFF),
    "admin:app_list": (Who.CURATORS, Who.CURATORS),
    "admin:login": (Who.ANYONE, Who.ANYONE),
    "admin:logout": (Who.ANYONE, Who.ANYONE),
    "admin:password_change": (Who.ANYONE, Who.ANYONE),
    "admin:password_change_done": (Who.STAFF, Who.NOBODY),
    "admin:autocomplete": (Who.CURATORS, Who.NOBODY),
    "admin:jsi18n": (Who.STAFF, Who.NOBODY),
    "admin:view_on_site": (Who.STAFF, Who.STAFF),
    "admin:sources_source_upload_new": (Who.CURATORS, Who.CURATORS),
    "admin:sources_source_upload": (Who.CURATORS, Who.CURATORS),
    "admin:sources_source_bibliography": (Who.CURATORS, Who.CURATORS),
    "admin:sources_document_read_again": (Who.CURATORS, Who.CURATORS),
    "admin:battles_battle_import_dataset": (Who.CURATORS, Who.CURATORS),
    "admin:battles_battle_merge": (Who.PUBLISHERS, Who.PUBLISHERS),
    "admin:battles_entity_merge": (Who.PUBLISHERS, Who.PUBLISHERS),
    "admin:sources_source_merge": (Who.PUBLISHERS, Who.PUBLISHERS),
    "admin:battles_battle_preview": (Who.CURATORS, Who.NOBODY),
    "admin:sources_source_deleted": (Who.CURATORS, Who.CURATORS),
    "admin:battles_statement_deleted": (Who.CURATORS, Who.CURATORS),
    "admin:battles_battle_deleted": (Who.CURATORS, Who.CURATORS),
    "admin:battles_battle_version": (Who.CURATORS, Who.CURATORS),
    "admin:sources_source_version": (Who.CURATORS, Who.CURATORS),
    "admin:battles_statement_version": (Who.CURATORS, Who.CURATORS),
    "admin:battles_statement_shelf": (Who.CURATORS, Who.CURATORS),
    "admin:battles_statement_read": (Who.CURATORS, Who.CURATORS),
    "admin:battles_statement_cite": (Who.CURATORS, Who.CURATORS),
    "admin:battles_reading_of": (Who.CURATORS, Who.CURATORS),
    "admin:battles_statement_undo": (Who.NOBODY, Who.CURATORS),
    "admin:battles_statement_draft": (Who.CURATORS, Who.CURATORS),
    "admin:battles_statement_comment": (Who.NOBODY, Who.CURATORS),
    "admin:battles_statement_recheck": (Who.CURATORS, Who.CURATORS),
    "admin:battles_statement_review": (Who.NOBODY, Who.CURATORS),
    "admin:battles_statement_return": (Who.NOBODY, Who.CURATORS),
    "admin:battles_statement_revise": (Who.NOBODY, Who.CURATORS),
    "admin:battles_statement_publish": (Who.NOBODY, Who.PUBLISHERS),
    "admin:battles_statement_withdraw": (Who.PUBLISHERS, Who.PUBLISHERS),
}

# The pages of one's own account come with the library that makes them.
OPEN_ACCOUNT_PAGES = {
    "account_login",
    "account_logout",
    "account_signup",
    "account_inactive",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "mfa_authenticate",
    "mfa_login_webauthn",
}
OWN_ACCOUNT_PAGES = {
    "account_change_password",
    "account_email",
    "account_reauthenticate",
    "account_set_password",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
}
# There is nothing to show or to end before somebody has set one up.
OF_A_SECOND_FACTOR = {
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_view_recovery_codes",
}


def pages_of_models() -> dict[str, tuple[Who, Who]]:
    """Return what the pages that every model has in the admin are declared to allow."""
    pages = {}
    for labels, viewing, writing in (
        (DRAFTED, Who.CURATORS, Who.CURATORS),
        (WRITTEN_BY_THE_ARCHIVE, Who.CURATORS, Who.NOBODY),
        (ACCOUNTS, Who.ADMINISTRATORS, Who.ADMINISTRATORS),
    ):
        for label in labels:
            name = f"admin:{label.replace('.', '_')}"
            pages[f"{name}_changelist"] = (viewing, viewing)
            pages[f"{name}_history"] = (viewing, viewing)
            pages[f"{name}_change"] = (viewing, writing)
            pages[f"{name}_add"] = (writing, writing)
            pages[f"{name}_delete"] = (writing, writing)
    pages["admin:battles_citation_delete"] = (Who.CURATORS, Who.CURATORS)
    # Found in texts; curators supply what is missing.
    pages["admin:sources_footnote_change"] = (Who.CURATORS, Who.CURATORS)
    pages["admin:auth_user_password_change"] = (Who.ADMINISTRATORS, Who.ADMINISTRATORS)
    return pages


def declared() -> dict[str, tuple[Who, Who]]:
    return (
        PAGES
        | pages_of_models()
        | dict.fromkeys(OPEN_ACCOUNT_PAGES, (Who.ANYONE, Who.ANYONE))
        | dict.fromkeys(OWN_ACCOUNT_PAGES, (Who.SIGNED_IN, Who.SIGNED_IN))
        | dict.fromkeys(("mfa_index", "mfa_list_webauthn"), (Who.SIGNED_IN, Who.NOBODY))
        | dict.fromkeys(OF_A_SECOND_FACTOR, (Who.NOBODY, Who.NOBODY))
    )


def walk(resolver: URLResolver, before: str = "", space: str = "") -> Iterator[tuple[str, str]]:
    """Yield the name of each page under /admin/, with its namespace, and its whole pattern."""
    for found in resolver.url_patterns:
        at = before + str(found.pattern)
        if isinstance(found, URLResolver):
            yield from walk(found, at, f"{found.namespace}:" if found.namespace else space)
        elif at.startswith("admin/") and found.name:
            yield space + found.name, at


FOUND = dict(walk(get_resolver()))
STEPS = {
    "admin:battles_statement_review": "draft",
    "admin:battles_statement_return": "in_review",
    "admin:battles_statement_publish": "draft",
    "admin:battles_statement_revise": "published",
    "admin:battles_statement_withdraw": "published",
}
OF_A_DOCUMENT = {
    "admin:sources_document_read_again",
    "admin:battles_statement_read",
    "admin:battles_statement_cite",
    "admin:battles_statement_undo",
    "admin:battles_reading_of",
    "admin:battles_statement_draft",
}


@pytest.fixture
def rows() -> None:
    """One row or more of every model in the admin that a page may name."""
    battle = make_battle()
    make_side(battle=battle)
    make_question(battle=battle)
    make_entity()
    published = make_published(battle=battle)
    passage = published.evidence.passage
    for state in ("draft", "draft", "in_review"):
        cite(make_statement(battle=battle, state=state))
    open_revision(make_published(battle=battle))
    user = User.objects.create_user("nobody")
    EmailAddress.objects.create(user=user, email="nobody@archive.example")
    Authenticator.objects.create(user=user, type="totp", data={})
    Gloss.objects.create(passage=passage, language="en", text="It says.", by="A")
    Displacement.objects.create(passage=passage, document=passage.document, outcome="lost")
    Footnote.objects.create(document=passage.document, marker="[7]", number=7, times=1, first=0)
    Reading.objects.create(document=passage.document, battle=battle, start=0, end=9)
    verification = Verification.objects.create(fault_count=1)
    KnownFault.objects.create(verification=verification, what="file", which="f", problem="Lost.")
    battle.refresh_from_db(fields=["version", "edition"])
    battle.slug = "renamed"
    battle.save()
    with reversion.create_revision():
        for model in (Battle, Source, Statement):
            for row in model.objects.all():
                reversion.add_to_revision(row)


def address(name: str) -> str:
    """Return an address of a page, of a row that exists where the page is of one."""
    if name == "admin:app_list":
        return reverse(name, args=["sources"])
    if name == "admin:autocomplete":
        field = {"app_label": "battles", "model_name": "statement", "field_name": "entity"}
        return reverse(name, query=field | {"term": "a"})
    if name == "admin:view_on_site":
        kind = ContentType.objects.get_for_model(Battle)
        return reverse(name, args=[kind.pk, Battle.objects.get().pk])
    parts = FOUND[name].count("<")
    if not parts:
        return reverse(name)
    if not name.startswith("admin:"):
        return reverse(name, args=["1"] * parts)
    if name.endswith("_version"):
        row = row_of(name)
        return reverse(name, args=[row.pk, Version.objects.get_for_object(row)[0].pk])
    return reverse(name, args=[row_of(name).pk])


def row_of(name: str) -> Any:
    """Return a row that a page is of: of a step, a statement that can take it."""
    rows = Document.objects.all() if name in OF_A_DOCUMENT else model_of(name).objects.all()
    if name in STEPS:
        rows = rows.filter(state=STEPS[name])
    if name == "admin:battles_statement_recheck":
        rows = rows.filter(revises__isnull=False)
    return rows.order_by("pk").first()


def sent_to(name: str) -> dict[str, Any]:
    """Return what a step's button says of the statement that the page showed."""
    return {"version": row_of(name).version} if name in STEPS else {}


def model_of(name: str) -> Any:
    app, model, _ = name.removeprefix("admin:").split("_", 2)
    return apps.get_model(app, model)


def client_of(role: str) -> Client:
    client = Client()
    if role == "a stranger":
        return client
    user, _ = User.objects.get_or_create(
        username=role,
        defaults={"is_staff": role != "a guest", "is_superuser": role == "an administrator"},
    )
    if group := {"a curator": "Curator", "a publisher": "Publisher"}.get(role):
        user.groups.add(Group.objects.get(name=group))
    client.force_login(user)
    return client


def is_let_in(answer: HttpResponse) -> bool:
    """Say whether an answer is neither a refusal, nor of a page that is not there, nor the door."""
    where = answer.get("Location", "")
    doors = (reverse("account_login"), reverse("admin:login"))
    return answer.status_code not in (403, 404, 405) and not where.startswith(doors)


def test_every_page_is_declared_and_every_declaration_has_a_page():
    missing = sorted(set(FOUND) - set(declared()))
    lines = "\n".join(f'    "{name}": (Who.CURATORS, Who.CURATORS),' for name in missing)
    assert not missing, (
        "Say who may open and who may send each of these pages. Add to PAGES, with whom it should "
        f"be (Who.NOBODY for a page that is only opened, or only sent):\n{lines}\n"
        "If they are the five pages of a new model, add instead its label to DRAFTED or "
        f"WRITTEN_BY_THE_ARCHIVE, such as “{missing[0].partition(':')[2].replace('_', '.', 1)}” "
        "without the page, and a row of it to the fixture `rows`."
    )
    gone = sorted(set(declared()) - set(FOUND))
    assert not gone, f"Remove what no page is called any more: {', '.join(gone)}"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_each_page_lets_in_whom_it_should(rows: None, role: str, method: str):
    wrong = []
    for name, (opening, sending) in declared().items():
        who = opening if method == "get" else sending
        client, where = client_of(role), address(name)
        answer = client.get(where) if method == "get" else client.post(where, sent_to(name))
        assert answer.status_code < 500, name
        if who is not Who.ANYONE and is_let_in(answer) != (role in who.value):
            wrong.append(f"{name}: {'let in' if is_let_in(answer) else 'refused'}")
    assert not wrong, f"{role}, {method}: " + "; ".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_popups_let_in_whom_their_pages_do(rows: None, role: str):
    client = client_of(role)
    popups = [name for name in pages_of_models() if not name.endswith("_history")]
    wrong = []
    for name in popups:
        answer = client.get(address(name), {"_popup": "1"})
        if is_let_in(answer) != (role in declared()[name][0].value):
            wrong.append(name)
    assert not wrong


@pytest.mark.parametrize("model", ["origin", "source", "battle", "entity", "passage"])
@pytest.mark.parametrize("role", ROLES)
def test_what_autocomplete_proposes_is_for_curators_alone(rows: None, role: str, model: str):
    fields = {
        "origin": ("sources", "source", "origin"),
        "source": ("sources", "source", "contained_in"),
        "battle": ("battles", "battle", "part_of"),
        "entity": ("battles", "statement", "entity"),
        "passage": ("battles", "citation", "passage"),
    }
    asked = dict(zip(("app_label", "model_name", "field_name"), fields[model], strict=True))
    answer = client_of(role).get(reverse("admin:autocomplete"), asked | {"term": ""})
    assert (answer.status_code == 200) == (role in Who.CURATORS.value)


def test_the_pages_of_rows_name_rows_that_exist(rows: None):
    client = client_of("an administrator")
    for name in pages_of_models():
        if name.endswith("_change"):
            assert client.get(address(name)).status_code == 200, name
