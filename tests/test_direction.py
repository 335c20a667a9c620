"""One arrow, archive → battles → sources: each may name what stands to its right alone."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

ROOT = Path(__file__).resolve().parent.parent
ORDER = ("archive", "battles", "sources")

# What code of `sources` would look battles up by: models, and the names they give to rows here.
_LOOKUPS = {
    "citation",
    "citations",
    "statement",
    "statements",
    "claims",
    "named_by",
    "publication",
    "readings",
}
# Words of CSL-JSON that look like tables of `archive`.
_OF_CITATION_FORMATS = {"archive_collection", "archive_location"}
_IN_TAGS = re.compile(r"\{[{%](?P<inside>.*?)[%}]\}", re.DOTALL)
_LOADED = re.compile(r"\s*load\s+(?P<libraries>.+)", re.DOTALL)
_QUOTED = re.compile(r"(['\"])(?P<name>.*?)\1")


def left_of(app: str) -> tuple[str, ...]:
    return ORDER[: ORDER.index(app)]


def imports_against_the_arrow(code: str, app: str, module: str = "") -> list[str]:
    """Return what code of an app imports from its left, at whatever depth of the code."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            # `from .. import battles` from within a package of `sources` leads there as well.
            base = module.split(".")[: -node.level] if node.level else []
            path = ".".join([*base, *filter(None, [node.module])])
            names = [path] if path else [name.name for name in node.names]
        else:
            continue
        found += [name for name in names if name.split(".")[0] in left_of(app)]
    return found


def names_against_the_arrow(code: str, app: str) -> list[str]:
    """Return the strings by which code of an app reaches for its left without an import.

    Prose is not code: docstrings are left out, and a word is looked at only where it can lead
    somewhere: “battles.Battle”, “battles:battle-detail”, “battles/battle.html”, a lookup.
    """
    tree = ast.parse(code)
    prose = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            if _leads_left(node.value, app):
                found.append(node.value)
        elif app == "sources" and isinstance(node, ast.Attribute) and _is_lookup(node.attr):
            found.append(node.attr)
        elif app == "sources" and isinstance(node, ast.keyword) and _is_lookup(node.arg or ""):
            found.append(node.arg or "")
    return found


def _leads_left(text: str, app: str) -> bool:
    if text in _OF_CITATION_FORMATS:
        return False
    for other in left_of(app):
        # “archive” alone is a word of everyday, and a kind of origin.
        if text == other == "battles":
            return True
        if re.search(rf"(^|[\s'\"/]){other}([:/]\w|_[a-z]|\.[A-Za-z]|/$)", text):
            return True
    return app == "sources" and re.fullmatch(r"-?[a-z_]+", text) is not None and _is_lookup(text)


def _is_lookup(name: str) -> bool:
    return not _LOOKUPS.isdisjoint(name.lstrip("-").split("__")) or name in {
        f"{lookup}_set" for lookup in _LOOKUPS
    }


def tags_against_the_arrow(template: str, app: str) -> list[str]:
    """Return what a template of an app includes, extends, links to or looks up on its left."""
    found = []
    for inside in _IN_TAGS.findall(template):
        quoted = [tag["name"] for tag in _QUOTED.finditer(inside)]
        found += [name for name in quoted if re.split(r"[:/]", name)[0] in left_of(app)]
        if loaded := _LOADED.match(inside):
            found += [name for name in loaded["libraries"].split() if name in left_of(app)]
        if app == "sources":
            words = re.findall(r"\.([a-z_]+)", _QUOTED.sub("", inside))
            found += [word for word in words if _is_lookup(word)]
    return found


def modules(app: str) -> Iterator[tuple[Path, str]]:
    for path in sorted((ROOT / app).rglob("*.py")):
        yield path, ".".join(path.relative_to(ROOT).with_suffix("").parts)


# The checkers see what is planted


@pytest.mark.parametrize(
    ("code", "app"),
    [
        ("import battles", "sources"),
        ("import battles.models as models", "sources"),
        ("from battles.models import Battle", "sources"),
        ("from archive import views", "battles"),
        ("def late():\n    from battles import publication", "sources"),
        ("if TYPE_CHECKING:\n    from battles.models import Battle", "sources"),
        ("class Late:\n    def work(self):\n        import archive.bundle", "sources"),
        ("try:\n    import json, battles.kinds\nexcept ImportError:\n    pass", "sources"),
        ("from ... import battles", "sources"),
    ],
)
def test_a_planted_import_is_found(code: str, app: str):
    assert imports_against_the_arrow(code, app, "sources.admin.works")


@pytest.mark.parametrize(
    ("code", "app"),
    [
        ("import sources.models", "battles"),
        ("from battles.models import Battle", "archive"),
        ("from sources.battles_of_old import x", "sources"),
        ("from . import battles", "sources"),
        ("import battlesome", "sources"),
    ],
)
def test_an_import_along_the_arrow_is_fine(code: str, app: str):
    assert not imports_against_the_arrow(code, app, "sources.admin.works")


@pytest.mark.parametrize(
    ("code", "app"),
    [
        ('apps.get_model("battles.Statement")', "sources"),
        ('apps.get_model("battles", "Statement")', "sources"),
        ('models.ForeignKey("battles.Battle", models.CASCADE)', "sources"),
        ('reverse("battles:battle-detail", args=[slug])', "sources"),
        ('reverse("archive:search")', "battles"),
        ('render(request, "battles/includes/statement.html")', "sources"),
        ('import_module("battles.publication")', "sources"),
        ('cursor.execute("SELECT * FROM battles_statement")', "sources"),
        ('redirect("/battles/kumsong/")', "sources"),
        ('Passage.objects.filter(citations__statement__state="published")', "sources"),
        ('Passage.objects.order_by("-citations__created")', "sources"),
        ('Passage.objects.annotate(number=Count("citations"))', "sources"),
        ("passage.citations.all()", "sources"),
        ("origin.claims.exists()", "sources"),
        ("source.named_by.count()", "sources"),
        ('getattr(passage, "citation_set")', "sources"),
    ],
)
def test_a_planted_name_is_found(code: str, app: str):
    assert names_against_the_arrow(code, app)


@pytest.mark.parametrize(
    ("code", "app"),
    [
        ('"""A docstring may speak of battles.publication."""', "sources"),
        ('def work():\n    """It serves battles: see there."""', "sources"),
        ('help_text="Battles of the war, and the statements of witnesses."', "sources"),
        ('help_text="The voice of this archive."', "sources"),
        ('apps.get_model("battles.Citation")', "battles"),
        ('reverse("sources:source-detail", args=[slug])', "battles"),
        ('verbose_name = "this archive"', "sources"),
        ("Source.Kind.ARCHIVAL_ITEM, 'archival_item'", "sources"),
        ("item['archive_location']", "sources"),
    ],
)
def test_prose_and_names_along_the_arrow_are_fine(code: str, app: str):
    assert not names_against_the_arrow(code, app)


@pytest.mark.parametrize(
    "template",
    [
        '{% extends "battles/base.html" %}',
        "{% include 'battles/includes/statement.html' with statement=one only %}",
        '{% from "battles/includes/statement.html" import statement_line %}',
        '{% url "battles:battle-detail" slug %}',
        '{%url "archive:search"%}',
        "{{ url('battles:battle-detail', slug) }}",
        "{% load static battles %}",
        "{% for citation in passage.citations.all %}{% endfor %}",
        "{{ origin.claims.count }}",
    ],
)
def test_a_planted_tag_is_found(template: str):
    assert tags_against_the_arrow(template, "sources")


@pytest.mark.parametrize(
    "template",
    [
        '{% extends "base.html" %}{% load static %}',
        '{% include "sources/includes/source.html" %}',
        '<p>The citations of battles/armies: see {% url "sources:source-list" %}</p>',
        "{{ url('sources:source-list') }}",
        '{{ source.title|default:"no.citations" }}',
    ],
)
def test_a_template_along_the_arrow_is_fine(template: str):
    assert not tags_against_the_arrow(template, "sources")


# The code keeps to it


@pytest.mark.parametrize("app", ORDER)
def test_nothing_is_imported_against_the_arrow(app: str):
    found = {
        str(path): wrong
        for path, module in modules(app)
        if (wrong := imports_against_the_arrow(path.read_text(encoding="utf-8"), app, module))
    }
    assert found == {}


@pytest.mark.parametrize("app", ORDER)
def test_nothing_is_named_against_the_arrow(app: str):
    found = {
        str(path): wrong
        for path, _ in modules(app)
        if (wrong := names_against_the_arrow(path.read_text(encoding="utf-8"), app))
    }
    assert found == {}


@pytest.mark.parametrize("app", ORDER)
def test_templates_follow_the_arrow(app: str):
    # `base.html` is everyone's: it may link to every room.
    found = {
        str(path): wrong
        for path in sorted((ROOT / "templates" / app).rglob("*.*"))
        if (wrong := tags_against_the_arrow(path.read_text(encoding="utf-8"), app))
    }
    assert found == {}


def test_no_row_of_sources_points_at_battles():
    for model in apps.get_app_config("sources").get_models():
        for field in model._meta.get_fields():
            if not field.auto_created and field.is_relation:
                assert field.related_model._meta.app_label in {"sources", "auth"}, field


def test_every_name_that_battles_gives_to_rows_of_sources_is_looked_for():
    given = {
        relation.get_accessor_name()
        for model in apps.get_app_config("sources").get_models()
        for relation in model._meta.related_objects
        if relation.related_model._meta.app_label != "sources"
    }
    assert given - {None} <= _LOOKUPS
