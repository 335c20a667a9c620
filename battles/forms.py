"""Forms of the curators' admin for statements and what they cite."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.http import urlencode
from django.utils.text import capfirst

from battles.kinds import SHAPES, VALUE_COLUMNS, Kind
from battles.models import Battle, Citation, Statement
from battles.wording import listed
from sources.forms import PassageField, ProposingSelect, QuoteForm, VersionedForm, autocomplete
from sources.models import Passage
from sources.models.fields import validate_characters

# What a column of several kinds is called in one of them.
LABELS = {
    (Kind.NAME, "text"): "name",
    (Kind.NOTE, "text"): "note",
    (Kind.NARRATIVE, "text"): "sentence",
    (Kind.BELLIGERENT, "entity"): "party",
    (Kind.BELLIGERENT, "party"): "coalition",
    (Kind.COMMANDER, "entity"): "commander",
    (Kind.UNIT, "entity"): "unit",
    (Kind.STRENGTH, "entity"): "party or unit",
    (Kind.CASUALTIES, "entity"): "party or unit",
    (Kind.PART_OF, "parent"): "it was part of",
}
_ONE_LINE = frozenset((Kind.NAME,))


# The sections of a form, in the order of an account; each kind shows those it has values for.
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("What it says", "", ("text", "section", "language", "script", "romanises")),
    ("What it was part of", "", ("parent",)),
    ("When", "", ("aspect", "date_edtf", "date_reason")),
    ("Where", "", ("place", "place_precision")),
    ("Who won, and how", "", ("victor", "degree", "level")),
    ("Who, and on which side", "", ("entity", "side", "party", "role")),
    (
        "How many",
        "A number as the account gives it; or “vague, no numbers”, and none.",
        ("bound", "value", "low", "high", "counted", "category", "population", "scope"),
    ),
)


def sections_of(kind: Kind) -> list[tuple[str, dict[str, Any]]]:
    """Return the sections of a kind's form, with its columns and no others."""
    columns = SHAPES[kind].columns
    chosen = (
        (title, description, tuple(name for name in names if name in columns))
        for title, description, names in SECTIONS
    )
    return [
        (title, {"fields": names, "description": description})
        for title, description, names in chosen
        if names
    ]


class EntitySelect(ProposingSelect):
    """The admin's own search for an entity, among those of some kinds alone."""

    kinds: tuple[str, ...] = ()

    def get_url(self) -> str:
        return f"{super().get_url()}?{urlencode({'of_kind': self.kinds}, doseq=True)}"


class StatementForm(VersionedForm):
    """A statement of one kind about one battle, with the values that its kind holds.

    The admin gives `kind` and `battle`. Which values are needed is checked by the model.
    """

    kind: Kind
    battle: Battle

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            self.instance.kind, self.instance.battle = self.kind, self.battle
        for column in VALUE_COLUMNS:
            if column in self.fields:
                self._describe(column)
        for name, rows in (
            ("side", self.battle.sides),
            ("victor", self.battle.sides),
            ("question", self.battle.questions.filter(kind=Kind.NARRATIVE)),
        ):
            if name in self.fields:
                field: Any = self.fields[name]
                field.queryset = rows.all()
        for name, kinds in self.instance.entity_kinds():
            if name in self.fields:
                self._search_among(name, kinds)

    def _describe(self, column: str) -> None:
        field, shape = self.fields[column], SHAPES[self.kind]
        field.label = capfirst(LABELS.get((self.kind, column), field.label))
        if self.kind in _ONE_LINE and column == "text":
            field.widget = forms.TextInput(attrs={"class": "vTextField"})
        if column in shape.must:
            needed = "Needed."
            field.widget.attrs["aria-required"] = "true"
        elif column in shape.one_of:
            others = [name for name in shape.one_of if name != column]
            labels = [f"“{self.fields[name].label}”" for name in others if name in self.fields]
            needed = f"This or {' or '.join(labels)} is needed."
        else:
            return
        field.help_text = f"{needed} {field.help_text}".strip()

    def _search_among(self, name: str, kinds: tuple[str, ...]) -> None:
        wrapper = self.fields[name].widget
        select = getattr(wrapper, "widget", None)
        if isinstance(select, ProposingSelect):
            wrapper.widget = EntitySelect(
                select.field, select.admin_site, attrs=select.attrs, choices=select.choices
            )
            wrapper.widget.kinds = kinds

    def _update_errors(self, errors: ValidationError) -> None:
        # A value that is missing also breaks the constraint over its whole row; say it once.
        found = getattr(errors, "error_dict", {})
        if found.keys() - {NON_FIELD_ERRORS}:
            found.pop(NON_FIELD_ERRORS, None)
        super()._update_errors(errors)  # type: ignore[misc]  # the stubs leave it out

    class Meta:
        model = Statement
        fields = ()


class CitationForm(forms.ModelForm):
    """Changes on whose word and how a passage bears on a statement, not which passage."""

    class Meta:
        model = Citation
        fields = ("claimant", "bearing", "named_source", "note_marker", "note")


class NewCitationForm(QuoteForm, forms.ModelForm):
    """Cites a passage: quoted from its document, known already, or named by a locator."""

    known_passage = PassageField(
        Passage.objects.select_related("source"),
        required=False,
        widget=autocomplete(Citation, "passage"),
        help_text="Search by its words or its source.",
    )

    class Meta:
        model = Citation
        fields = ("claimant", "bearing", "named_source", "note_marker", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "claimant" in self.fields:
            self.fields["claimant"].required = False
            self.fields["claimant"].help_text += " Left empty, it is the source's own origin."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        passage = cleaned.get("known_passage")
        if passage and any(cleaned.get(name) for name in ("document", "words", "source")):
            self.add_error(
                "known_passage", "Choose a known passage or quote one from a document, not both."
            )
            return cleaned
        passage = passage or self.wanted_passage()
        if passage is None:
            if not self.errors:
                self.add_error("words", "Say what is cited: quote a document or choose a passage.")
            return cleaned
        if Citation.objects.filter(
            statement=self.instance.statement_id, passage=passage.pk
        ).exists():
            self.add_error(None, "The statement already cites this passage.")
        if not cleaned.get("claimant") and "claimant" not in self.errors:
            if passage.source.origin is None:
                self.add_error(
                    "claimant",
                    f"The source “{passage.source}” has no origin yet, so say on whose word "
                    "it stands.",
                )
            cleaned["claimant"] = passage.source.origin
        self.instance.passage = passage
        return cleaned

    def save(self, commit: bool = True) -> Citation:
        passage = self.instance.passage
        if passage._state.adding:
            passage.save()
        return super().save(commit)


class NewCitations(forms.BaseInlineFormSet):
    """The citations that a curator adds to a statement."""

    @classmethod
    def get_default_prefix(cls) -> str:
        return "cite"

    def clean(self) -> None:
        super().clean()
        place = ("source_id", "document_id", "start", "end", "locator")
        places = [
            tuple(getattr(form.instance.passage, name) for name in place)
            for form in self.forms
            if form.has_changed() and not form.errors
        ]
        if len(set(places)) < len(places):
            raise ValidationError("The same passage is cited twice here; cite it once.")


class WithdrawForm(forms.Form):
    """Asks why statements are withdrawn."""

    reason = forms.CharField(
        validators=[validate_characters],
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="Readers who come back to it will see this.",
        error_messages={"required": "Say why: readers who come back will see the reason."},
    )


class ReasonsForm(forms.Form):
    """Asks, of each statement that says more than its quotes, why it does."""

    SHARED = "reason-shared"

    def __init__(self, asked: Mapping[Statement, list[str]], data: Any = None) -> None:
        super().__init__(data)
        if len(asked) > 1:
            self.fields[self.SHARED] = forms.CharField(
                required=False,
                label="A reason for all those that are left empty",
                widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
                help_text="Such as “The infobox is flattened; read from the order of its lines”.",
            )
        for statement, missing in asked.items():
            self.fields[f"reason-{statement.pk}"] = forms.CharField(
                required=False,
                label=f"No quote contains {listed(missing)}",
                widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            )
            self.fields[f"version-{statement.pk}"] = forms.IntegerField(
                widget=forms.HiddenInput, initial=statement.version
            )

    @classmethod
    def was_sent(cls, data: Any) -> bool:
        return any(name.startswith("reason-") for name in data)

    def reason(self, statement: Statement) -> str:
        """Return the reason given, if the statement is still the one that was asked about."""
        if self.cleaned_data.get(f"version-{statement.pk}") != statement.version:
            return ""
        own = self.cleaned_data.get(f"reason-{statement.pk}", "")
        return own or self.cleaned_data.get(self.SHARED, "")


class CommentForm(forms.Form):
    """Asks what a curator has to say about a statement."""

    comment = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="For curators. Readers never see it.",
        error_messages={"required": "Write what you have to say."},
    )

    def text(self) -> str:
        """Return the comment, or nothing where none was sent."""
        return self.cleaned_data["comment"] if self.is_valid() else ""
