"""What differs when two people changed a row: both texts side by side, and take either."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

_MOST_COMPARED = 4000  # words of a text that are compared one by one
_WORD = re.compile(r"[^\W\u2e80-\u9fff\uac00-\ud7a3]+|\s+|.", re.DOTALL)  # Han one by one
_TAKE, _THEIRS = "take-", "theirs-"  # before the name of a field: whose value, and theirs


@dataclass(frozen=True)
class Difference:
    """A field of which another value is stored than was typed."""

    name: str
    label: str
    stored: SafeString
    typed: SafeString
    theirs: tuple[str, ...]  # as a browser would send it

    @property
    def take(self) -> str:
        return f"{_TAKE}{self.name}"

    @property
    def carries(self) -> str:
        return f"{_THEIRS}{self.name}"


@dataclass(frozen=True)
class Conflict:
    """All that differs between a form and what is stored."""

    differences: tuple[Difference, ...]
    added: tuple[str, ...]  # rows that belong to it, of which the form does not know
    removed: tuple[str, ...]  # rows of the form that are there no more


def conflict_of(form: Any, formsets: Iterable[Any], removed: Iterable[str]) -> Conflict:
    """Compare a bound form and the formsets below it with what is stored.

    `removed` describes the rows that were left out of the formsets, since they are there no more.
    """
    differences = list(_differences(form, ""))
    added: list[str] = []
    for formset in formsets:
        noun = str(formset.model._meta.verbose_name)
        stored = {str(row.pk): row for row in formset.get_queryset()}
        sent = {_key_of(row): row for row in formset.initial_forms}
        for key, row in sent.items():
            if key in stored:
                differences += _differences(row, f"{noun} “{stored[key]}”, ")
        added += [f"{noun}: {row}" for key, row in stored.items() if key not in sent]
    return Conflict(tuple(differences), tuple(added), tuple(removed))


def lost_rows(formset: Any) -> list[str]:
    """Describe the rows that were sent and were removed meanwhile, as they were typed."""
    noun = formset.model._meta.verbose_name
    stored = {str(row.pk) for row in formset.get_queryset()}
    lost = [row for row in formset.initial_forms if _key_of(row) not in stored]
    return [f"{noun}: {_in_words(row)}" for row in lost]


def _key_of(row: Any) -> str:
    return row.data.get(row.add_prefix(row._meta.model._meta.pk.name), "")


def without_lost_rows(data: QueryDict, formset: Any) -> QueryDict:
    """Return data without the rows that were removed meanwhile, so that the rest can be saved."""
    key = formset.model._meta.pk.name
    stored = {str(row.pk) for row in formset.get_queryset()}
    total, initial = formset.total_form_count(), formset.initial_form_count()
    lost = {
        number
        for number in range(initial)
        if data.get(f"{formset.add_prefix(number)}-{key}", "") not in stored
    }
    if not lost:
        return data
    left = data.copy()
    of_rows = re.compile(rf"{re.escape(formset.prefix)}-(\d+)-(.+)", re.DOTALL)
    places = {old: new for new, old in enumerate(n for n in range(total) if n not in lost)}
    for name in data:
        if found := of_rows.fullmatch(name):
            del left[name]
    for name, values in data.lists():
        if (found := of_rows.fullmatch(name)) and int(found[1]) in places:
            left.setlist(f"{formset.prefix}-{places[int(found[1])]}-{found[2]}", values)
    left[f"{formset.prefix}-TOTAL_FORMS"] = str(total - len(lost))
    left[f"{formset.prefix}-INITIAL_FORMS"] = str(initial - len(lost))
    return left


def settled(data: QueryDict) -> QueryDict:
    """Return data with their value in each field where theirs was chosen."""
    names = [
        name.removeprefix(_TAKE)
        for name in data
        if name.startswith(_TAKE) and data[name] == "theirs"
    ]
    if not names:
        return data
    chosen = data.copy()
    for name in names:
        theirs = data.getlist(f"{_THEIRS}{name}")
        if theirs:
            chosen.setlist(name, theirs)
        else:
            chosen.pop(name, None)  # a box that is not ticked is not sent
    return chosen


def _differences(form: Any, whose: str) -> Iterator[Difference]:
    for name in form.changed_data:
        field = form.fields[name]
        if name == "version" or (field.widget.is_hidden and name != "DELETE"):
            continue
        initial = form.get_initial_for_field(field, name)
        stored, typed = _shown(field, initial), _shown(field, form[name].data)
        before, after = marked(stored, typed)
        yield Difference(
            name=form.add_prefix(name),
            label=f"{whose}{form[name].label}",
            stored=before,
            typed=after,
            theirs=_as_sent(field, initial),
        )


def _as_sent(field: Any, value: Any) -> tuple[str, ...]:
    if isinstance(field, forms.BooleanField):
        return ("on",) if value else ()
    prepared = field.prepare_value(value)
    return ("" if prepared is None else str(prepared),)


def _shown(field: Any, value: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return "yes" if field.to_python(value) else "no"
    if value in (None, ""):
        return "(empty)"
    if isinstance(field, forms.ModelChoiceField):
        try:
            return str(field.to_python(value))
        except forms.ValidationError:
            return str(value)
    labels = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    return labels.get(str(value), str(value)).replace("\r\n", "\n")


def _in_words(form: Any) -> str:
    values = [
        f"{form[name].label} “{_shown(field, form[name].data)}”"
        for name, field in form.fields.items()
        if not form[name].is_hidden and name != "DELETE" and form[name].data not in (None, "")
    ]
    return ", ".join(values)


def marked(stored: str, typed: str) -> tuple[SafeString, SafeString]:
    """Return both texts with the words marked that only one of them has."""
    before, after = _WORD.findall(stored), _WORD.findall(typed)
    if max(len(before), len(after)) > _MOST_COMPARED:
        return _mark("del", stored), _mark("ins", typed)
    left: list[SafeString] = []
    right: list[SafeString] = []
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, start, end, begin, stop in matcher.get_opcodes():
        old, new = "".join(before[start:end]), "".join(after[begin:stop])
        if tag == "equal":
            left.append(format_html("{}", old))
            right.append(format_html("{}", new))
        else:
            left.append(_mark("del", old))
            right.append(_mark("ins", new))
    return mark_safe("".join(left)), mark_safe("".join(right))  # noqa: S308  each part is escaped


def _mark(tag: str, words: str) -> SafeString:
    if not words:
        return SafeString("")
    said = "only in what is stored" if tag == "del" else "only in what you typed"
    html = (
        '<{0}><span class="visually-hidden">[{1}: </span>{2}'
        '<span class="visually-hidden">]</span></{0}>'
    )
    return format_html(html, tag, said, words)
