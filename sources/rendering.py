"""The Jinja2 environment in which public pages are drawn."""

from functools import cache
from typing import Any

import markupsafe
from django.conf import settings
from django.templatetags.static import static
from django.utils.text import Truncator, capfirst
from jinja2 import Environment, StrictUndefined, Template, nodes
from jinja2.compiler import CodeGenerator, Frame

from sources.addresses import address
from sources.colophon import content_licence, report_address


def escaped(value: Any) -> str:
    """Return a value as `markupsafe.escape` does, but as a plain string.

    What is printed is not asked again whether it is safe. To make a `Markup` of each of two
    thousand values took a tenth of the time of a page.
    """
    if type(value) is str:
        return markupsafe._escape_inner(value)
    if hasattr(value, "__html__"):
        return value.__html__()
    return markupsafe._escape_inner(str(value))


class DirectCode(CodeGenerator):
    """Python code of a template that asks for attributes, and calls, as Python itself does.

    Jinja2 asks by functions of its own, which also look for items, and for what a function wants
    to be given of the context. Our templates name items by brackets, and no function of theirs
    wants anything.
    """

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        if isinstance(node.node, nodes.Name) and node.node.name == "self":  # has blocks as items
            super().visit_Getattr(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Call(  # noqa: N802
        self, node: nodes.Call, frame: Frame, forward_caller: bool = False
    ) -> None:
        if node.dyn_args or node.dyn_kwargs:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(")(")
        for given in (*node.args, *node.kwargs):
            self.visit(given, frame)
            self.write(", ")
        if forward_caller:
            self.write("caller=caller")
        self.write(")")


class PublicTemplate(Template):
    """A template that prints by `escaped`, not by the `escape` which its code imports."""

    @classmethod
    def from_code(cls, *code: Any, **options: Any) -> Template:
        template = super().from_code(*code, **options)
        template.root_render_func.__globals__["escape"] = escaped
        return template


def environment(**options: Any) -> Environment:
    """Return the environment, in which a name that a view did not give is an error."""
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    pages = Environment(**options)  # noqa: S701  Django turns escaping on in `options`
    pages.template_class = PublicTemplate
    pages.code_generator_class = DirectCode
    pages.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
    pages.globals.update(
        url=address,
        absolute=absolute,
        static=cache(static),
        content_licence=content_licence,
        report_address=report_address,
    )
    pages.filters.update(
        capfirst=capfirst,
        day=lambda moment: f"{moment.day} {moment:%B} {moment.year}",
        iso=lambda moment: moment.isoformat(timespec="seconds"),
        number=lambda value: f"{value:,}",
        plural=plural,
        shortened=lambda text, length: Truncator(text).chars(length),
    )
    return pages


def plural(number: int, one: str = "", many: str = "s") -> str:
    """Return the ending that a word takes after a number."""
    return one if number == 1 else many


def absolute(address: str) -> str:
    """Return an address of this archive whole, with its scheme and host."""
    return settings.SITE_URL + address
