"""The forms of the drafting page: what is proposed for which battle, and one for each proposal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms.utils import ErrorDict
from django.utils.text import capfirst

from battles.attribution import Attribution, attribution, is_named
from battles.drafting.names import battle_called, entity_called, origin_called
from battles.drafting.proposals import SOURCE, Proposal, pages_in, paragraphs_in
from battles.forms import LABELS, sections_of
from battles.kinds import FIGURE_KINDS, SHAPES, Aspect, Bound, Category, Kind, Section
from battles.models import Battle, Citation, Entity, Side, Statement
from sources.anchoring import Span
from sources.forms import autocomplete
from sources.models import Document, Footnote, Origin, Source
from sources.notes import markers_of

_NAMED = ("entity", "party", "place")
_SIDES = ("side", "victor")
# What is chosen where neither the words nor their place tell.
_DEFAULTS = {
    "section": Section.COURSE.value,
    "aspect": Aspect.WHOLE.value,
    "bound": Bound.EXACTLY.value,
    "category": Category.UNSPECIFIED.value,
}
# What is seldom filled in, or seldom changed, is folded away.
_ASIDE = frozenset(
    "language script romanises place_precision level role population scope "
    "printed inference bearing note_marker".split()
)


class RangeForm(forms.Form):
    """Asks for which battle a document, or a part of it, is drafted from."""

    SHOWN = (
        ("open", "still open"),
        ("accepted", "accepted"),
        ("dismissed", "dismissed"),
    )

    battle = forms.ModelChoiceField(
        Battle.objects.standing(), widget=autocomplete(Statement, "battle")
    )
    by = forms.ChoiceField(
        choices=[("paragraphs", "paragraphs"), ("pages", "pages")],
        required=False,
        label="Counted by",
    )
    first = forms.IntegerField(required=False, min_value=1, label="From paragraph")
    last = forms.IntegerField(required=False, min_value=1, label="To paragraph")
    show = forms.ChoiceField(choices=SHOWN, required=False)

    def __init__(self, text: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.text = text
        if "\f" in text:
            self.fields["first"].label, self.fields["last"].label = "From", "To"
        else:
            del self.fields["by"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", "The part ends before it begins.")
        return cleaned

    @property
    def reach(self) -> Span:
        """The part of the text that was asked for."""
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if not first and not last:
            return Span(0, len(self.text))
        part = pages_in if self.cleaned_data.get("by") == "pages" else paragraphs_in
        return part(self.text, first or 1, last or len(self.text))


@dataclass(frozen=True, slots=True)
class Around:
    """What the proposals of one document for one battle have in common."""

    document: Document
    text: str
    battle: Battle
    sides: Sequence[Side]
    origins: Sequence[Origin]
    notes: Mapping[str, Footnote]  # supplied ones, by their markers

    def notes_of(self, proposal: Proposal) -> list[Footnote]:
        """Return the notes that a proposal's markers call for, as far as they were supplied."""
        called = markers_of(proposal.markers)
        return [note for marker, note in self.notes.items() if marker in called]

    def named_source(self, proposal: Proposal) -> Source | None:
        """Return the source that the one note of a proposal names."""
        note = self.notes.get(proposal.markers)
        return note.named_source if note else None

    def attribution(self, proposal: Proposal) -> Attribution | None:
        """Return whose word a proposal seems to be, by its own words or by an earlier line's."""
        own = attribution(self.text, *proposal.span, self.origins)
        if own or proposal.voice is None:
            return own
        return attribution(self.text, *proposal.voice, self.origins)

    def side_named(self, name: str) -> Side | None:
        return next((side for side in self.sides if name and is_named(name, side.name)), None)


class ProposalForm(forms.Form):
    """One proposal: what to do with it, and the statement that it becomes when it is accepted."""

    def __init__(
        self, around: Around, proposal: Proposal, data: Any = None, *, may_join: bool = False
    ) -> None:
        super().__init__(data, prefix=f"p{proposal.start}-{proposal.end}")
        self.around, self.proposal = around, proposal
        self.statement: Statement | None = None
        self.is_refused = False
        self.new_entities: list[Entity] = []
        self.reported = None if proposal.kind == SOURCE else around.attribution(proposal)
        self.fields["decision"] = forms.ChoiceField(
            choices=self._choices(may_join), required=False, widget=forms.RadioSelect, initial=""
        )
        if proposal.kind != SOURCE:
            self._hold_a_statement(Kind(proposal.kind))

    def _choices(self, may_join: bool) -> list[tuple[str, str]]:
        match self.proposal.kind:
            case Kind.NARRATIVE:
                joins = [("join", "Join with the next")] if may_join else []
                return [("", "Accept once it is worded"), *joins, ("dismiss", "Dismiss")]
            case "source":
                return [("", "Leave"), ("dismiss", "Dismiss")]
        return [("", "Leave"), ("accept", "Accept"), ("dismiss", "Dismiss")]

    def _hold_a_statement(self, kind: Kind) -> None:
        for _, section in sections_of(kind):
            for column in section["fields"]:
                self.fields[column] = self._field(kind, column)
        if kind != Kind.NARRATIVE:
            self._add(Statement, "printed", self.proposal.printed, rows=1)
        reported = self.reported
        voice = reported.origin if reported else self.around.document.source.origin
        self.fields["claimant"] = forms.CharField(
            required=False,
            label="On whose word",
            initial=voice.name if voice else "",
            widget=forms.TextInput(attrs={"list": "origins", "class": "vTextField"}),
        )
        inferred = (
            "Whose word it is, an earlier line says." if self.proposal.voice and reported else ""
        )
        self._add(Statement, "inference", inferred, rows=2)
        if kind == Kind.NARRATIVE:
            self._add(Statement, "is_quotation", False)
        self._add(Citation, "bearing", Citation.Bearing.SUPPORTS.value)
        self._add(Citation, "note_marker", self.proposal.markers)

    def _add(self, model: Any, name: str, initial: Any, rows: int = 0) -> None:
        field = model._meta.get_field(name).formfield()
        field.required, field.initial = False, initial
        if rows:
            field.widget = forms.Textarea(attrs={"rows": rows})
        self.fields[name] = field

    def _field(self, kind: Kind, column: str) -> Any:
        proposal = self.proposal
        if column in _SIDES:
            named = proposal.names.get("victor" if column == "victor" else "party", "")
            if kind == Kind.BELLIGERENT:
                named = proposal.names.get("entity", "")
            side = self.around.side_named(named)
            field: Any = forms.ChoiceField(
                choices=[("", "none" if column == "victor" else "not said")]
                + [(str(row.pk), row.name) for row in self.around.sides],
                initial=str(side.pk) if side else "",
            )
        elif column in (*_NAMED, "parent"):
            field = forms.CharField(
                max_length=200,
                initial=proposal.names.get(column, ""),
                widget=forms.TextInput(attrs={"class": "vTextField"}),
            )
        else:
            model_field: Any = Statement._meta.get_field(column)
            initial = proposal.values.get(column, _DEFAULTS.get(column, ""))
            if kind == Kind.STRENGTH and column == "category":
                initial = ""
            field = model_field.formfield()
            field.initial = initial
            if column == "text":
                lines = forms.Textarea(attrs={"rows": 3})
                field.widget = lines if kind == Kind.NARRATIVE else forms.TextInput()
        field.label = capfirst(
            LABELS.get((kind, column), str(Statement._meta.get_field(column).verbose_name))  # type: ignore[union-attr]
        )
        field.required, field.help_text = False, ""
        return field

    # What the page shows -----------------------------------------------------------------------

    @property
    def shown_first(self) -> list[Any]:
        return [field for field in self if not self._is_aside(field.name)]

    @property
    def shown_aside(self) -> list[Any]:
        return [field for field in self if self._is_aside(field.name) and field.name != "decision"]

    @property
    def has_errors_aside(self) -> bool:
        return any(field.errors for field in self.shown_aside)

    def _is_aside(self, name: str) -> bool:
        is_coalition = name == "party" and self.proposal.kind == Kind.BELLIGERENT
        return name == "decision" or name in _ASIDE or is_coalition

    # What was sent -----------------------------------------------------------------------------

    @property
    def decision(self) -> str:
        """What the curator chose; a sentence that was worded is accepted without a choice."""
        chosen = self.data.get(self.add_prefix("decision"), "")
        worded = self.data.get(self.add_prefix("text"), "").strip()
        if not chosen and self.proposal.kind == Kind.NARRATIVE and worded:
            return "accept"
        return chosen if chosen in {"accept", "join", "dismiss"} else ""

    @property
    def was_typed_in(self) -> bool:
        return bool(set(self.changed_data) - {"decision"})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.decision != "accept" or self.proposal.kind == SOURCE:
            return cleaned
        kind = Kind(self.proposal.kind)
        statement = Statement(battle=self.around.battle, kind=kind)
        for column in SHAPES[kind].columns:
            if column in cleaned:
                self._set(statement, column, cleaned[column])
        for column in ("printed", "inference"):
            setattr(statement, column, cleaned.get(column) or "")
        statement.is_quotation = cleaned.get("is_quotation", False)
        cleaned["claimant"] = self._claimant(cleaned.get("claimant") or "")
        self.statement = statement
        return cleaned

    def _set(self, statement: Statement, column: str, value: Any) -> None:
        try:
            if column in _SIDES:
                setattr(statement, f"{column}_id", value or None)
            elif column == "parent":
                statement.parent = battle_called(value) if value else None
            elif column in _NAMED:
                setattr(statement, column, self._entity(statement, column, value))
            else:
                setattr(statement, column, value)
        except ValidationError as refusal:
            self.add_error(column, refusal)

    def _entity(self, statement: Statement, column: str, name: str) -> Entity | None:
        if not name:
            return None
        same = next((one for one in self.new_entities if one.name == name), None)
        kinds = dict(statement.entity_kinds())[column]
        if statement.kind in FIGURE_KINDS:
            kinds = tuple(kinds)
        entity = same or entity_called(name, kinds)
        if entity._state.adding and same is None:
            self.new_entities.append(entity)
        return entity

    def _claimant(self, name: str) -> Origin | None:
        if not name:
            said = f"The passage says “{self.reported.words}”: say" if self.reported else "Say"
            self.add_error("claimant", f"{said} on whose word it stands.")
            return None
        try:
            return origin_called(name)
        except ValidationError as refusal:
            self.add_error("claimant", refusal)
            return None

    def keep_quiet(self) -> None:
        """Tell no errors: nothing was asked of this one yet."""
        self._errors = ErrorDict()

    def refuse(self, refusal: ValidationError) -> None:
        """Tell why the statement could not be saved, beside the field where there is one."""
        self.is_refused = True
        if not hasattr(self, "cleaned_data"):
            self.is_valid()
        found = getattr(refusal, "error_dict", None)
        if found is None:
            self.add_error(None, refusal)
            return
        if found.keys() - {NON_FIELD_ERRORS}:
            found.pop(NON_FIELD_ERRORS, None)
        for name, errors in found.items():
            self.add_error(name if name in self.fields else None, errors)
