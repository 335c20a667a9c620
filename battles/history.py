"""The history of statements in words, and earlier versions put back as drafts."""

from datetime import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils.text import capfirst
from reversion.models import Version

from battles.forms import LABELS
from battles.kinds import Kind
from battles.models import Citation, Statement
from battles.publication import open_revision
from battles.questions import TYPED_KINDS
from sources import history
from sources.history import Snapshot, Teller, Values
from sources.models import Passage


class BattleTeller(Teller):
    parts = ("sides",)


class StatementTeller(Teller):
    """Tells of statements in the words of their kind, and of citations by their passage."""

    parts = ("citations",)
    also: ClassVar = {"battles.Statement": ("state", "withdrawn_because")}
    known_by: ClassVar = {"battles.Citation": "passage"}  # publishing a revision joins the two

    def label(self, field: Any, values: Values) -> str:
        kind = values.get("kind")
        if kind not in Kind.values:
            return super().label(field, values)
        if field.name == "value":
            return capfirst(Kind(kind).label)
        return capfirst(LABELS.get((Kind(kind), field.name), str(field.verbose_name)))

    def _changed(self, model: type[Model], before: Values, after: Values) -> list[str]:
        if after.get("kind") in TYPED_KINDS:  # of these the question follows from the values
            before = {name: value for name, value in before.items() if name != "question"}
        return super()._changed(model, before, after)

    def part(self, model: type[Model], values: Values) -> str:
        return f"citation of {self.say(model._meta.get_field('passage'), values['passage'])}"


def restore(statement: Statement, then: Snapshot) -> tuple[Statement, list[str]]:
    """Put a recorded version into a draft; return it and, in words, what could not be put back.

    A draft takes it itself. What readers see stays as it is: its revision takes it, or, if it was
    withdrawn, a new draft. Raises ValidationError if the values cannot be held any more.
    """
    teller = StatementTeller(Statement)
    teller.learn([then])
    if then.values["battle"] != str(statement.battle_id):
        raise ValidationError("It was about another battle then.")
    with transaction.atomic():
        return _restored(_to_restore_into(statement), then, teller)


def put_back(pk: str, then: Snapshot) -> tuple[Statement, list[str]]:
    """Make a deleted draft again, with its id and citations; of a revision, its values alone.

    Returns it and, in words, what could not be put back. Raises ValidationError if its battle is
    gone, or the values cannot be held any more.
    """
    teller = StatementTeller(Statement)
    teller.learn([then])
    field, battle = Statement._meta.get_field("battle"), then.values["battle"]
    if not teller.is_there(field, battle):
        about = teller.say(field, battle)
        raise ValidationError(f"It is about {about}: restore that battle first.")
    with transaction.atomic():
        revised = then.values.get("revises")
        original = revised and Statement.objects.filter(pk=revised).first()
        if original and original.is_published:
            return _restored(open_revision(original), then, teller)
        return _restored(Statement(pk=pk, battle_id=battle), then, teller)


def _restored(
    draft: Statement, then: Snapshot, teller: StatementTeller
) -> tuple[Statement, list[str]]:
    _put_passages_back(then, teller)
    lost = _restore_values(draft, then, teller)
    lost += _restore_citations(draft, then, teller)
    draft.refresh_from_db()
    return draft, lost


def _to_restore_into(statement: Statement) -> Statement:
    if statement.is_published:
        return open_revision(statement)
    if statement.is_public_or_was:
        return Statement(battle=statement.battle)
    statement.state = Statement.State.DRAFT  # whoever reviews it has not seen this
    return statement


def _restore_values(draft: Statement, then: Snapshot, teller: StatementTeller) -> list[str]:
    lost = teller.take(draft, then.values, but={"battle", *teller.also["battles.Statement"]})
    draft.full_clean(exclude=["evidence", "revises"])
    draft.save()
    return lost


def _put_passages_back(then: Snapshot, teller: StatementTeller) -> None:
    """Make passages again that were recorded and deleted since, such as those taken back."""
    passages = Teller(Passage)
    for pk in (pk for _, pk in then.parts if not _is_there(teller, "passage", pk)):
        record = Version.objects.get_for_object_reference(Passage, pk).first()
        if record is None:
            continue
        try:
            history.put_back(passages, pk, *passages.recorded([record]))
        except ValidationError:
            continue  # it is named with the citation that is left out
    teller.learn([then])


def _restore_citations(draft: Statement, then: Snapshot, teller: StatementTeller) -> list[str]:
    lost = []
    kept = {str(citation.passage_id): citation for citation in draft.citations.all()}
    wanted = {passage: values for (_, passage), values in then.parts.items()}
    for passage, citation in kept.items():
        if passage not in wanted:
            citation.delete()
    fields = [field for field in teller.fields(Citation) if field.name != "passage"]
    for passage, values in wanted.items():
        said = capfirst(teller.part(Citation, values))
        needed = {"passage": passage, "claimant": values["claimant"]}
        if gone := [name for name in needed if not _is_there(teller, name, needed[name])]:
            lost.append(f"{said} was not restored: its {gone[0]} was deleted since.")
            continue
        citation = kept.get(passage) or Citation(
            statement=draft, passage_id=passage, created=datetime.fromisoformat(values["created"])
        )
        changed = citation._state.adding
        for field in fields:
            value = values.get(field.name)
            if value is not None and not teller.is_there(field, value):
                lost.append(f"{said}: the {field.verbose_name} was deleted since, so it is empty.")
                value = None
            value = field.to_python(value)
            changed = changed or getattr(citation, field.attname) != value
            setattr(citation, field.attname, value)
        if changed:
            citation.full_clean()
            citation.save()
    return lost


def _is_there(teller: StatementTeller, name: str, value: Any) -> bool:
    return teller.is_there(Citation._meta.get_field(name), value)
