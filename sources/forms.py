"""Forms of the curators' admin that both apps use: safe saves, quotes found in their document."""

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

from sources import anchoring
from sources.anchoring import Outcome, Span
from sources.models import Document, Footnote, Passage, Source, Text

_AROUND = 90  # code points shown before and after a place that is proposed
_MOST_PROPOSED = 20  # places among which a person is asked to choose
_LONGEST_SHOWN = 300  # code points of a place shown whole


class VersionedForm(forms.ModelForm):
    """A form that saves only onto the version of the row that it was loaded with.

    The view locks the row before it loads it, so that nothing can come between check and save.
    """

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    is_stale = False  # whether the row was changed since the form was loaded

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["version"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        stored = self.instance
        if not stored._state.adding and cleaned.get("version") != stored.version:
            self.is_stale = True
            self.add_error(None, self._what_happened())
            # Whoever has read this and saves again means to.
            posted = cast(QueryDict, self.data).copy()
            posted[self.add_prefix("version")] = str(stored.version)
            self.data = posted
        return cleaned

    def _what_happened(self) -> str:
        if self.data.get(self.add_prefix("version")):
            happened = "Somebody else changed this while you were editing."
        else:
            happened = "The form did not say which version it was loaded with."
        return f"{happened} Nothing was saved."


def label_of_document(document: Document) -> str:
    """Return what tells a document from all others."""
    return f"{document.source}, {document}"


def label_of_passage(passage: Passage) -> str:
    """Return a passage with the source it stands in."""
    return f"{passage.source}: {passage}"


class DocumentField(forms.ModelChoiceField):
    """Chooses a document by its source's title."""

    def label_from_instance(self, obj: Any) -> str:
        return label_of_document(obj)


class PassageField(forms.ModelChoiceField):
    """Chooses a passage by its words and its source's title."""

    def label_from_instance(self, obj: Any) -> str:
        return label_of_passage(obj)


class ProposingSelect(AutocompleteSelect):
    """The admin's search for a row; without JavaScript, its name or id is typed instead."""

    def render(self, name: str, value: Any, *args: Any, **kwargs: Any) -> SafeString:
        return format_html(
            "{}<noscript><label>Its name or id: "
            '<input type="text" name="{}" class="vTextField"></label></noscript>',
            super().render(name, value, *args, **kwargs),
            name,
        )

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        values = [value.strip() for value in data.getlist(name) if value.strip()]
        return self._id_of(values[-1]) if values else ""

    def _id_of(self, typed: str) -> str:
        """Return an id as it is, that of the one row of this name, or one that no row has."""
        try:
            return str(UUID(typed))
        except ValueError:
            related = self.field.related_model
        fields = {field.name for field in related._meta.fields} & {"name", "title"}
        for field in fields if "\0" not in typed else ():
            ids = list(related._default_manager.filter(**{field: typed}).values_list("pk")[:2])
            if len(ids) == 1:
                return str(ids[0][0])
        return str(UUID(int=0))


def autocomplete(model: type[models.Model], name: str) -> ProposingSelect:
    """Return the widget for a foreign key of `model`."""
    return ProposingSelect(model._meta.get_field(name), admin.site)


class QuoteForm(forms.Form):
    """Finds a passage from a quote pasted out of a document, or from a locator alone.

    What is stored are the document's own words, never the pasted ones. If these stand at several
    places, or differ from what the document says, a person chooses.
    """

    document = DocumentField(
        Document.objects.select_related("source"),
        required=False,
        widget=autocomplete(Passage, "document"),
        help_text="The document that says it.",
    )
    words = forms.CharField(
        required=False,
        strip=False,
        label="Quote",
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="Paste the words from the document. They are looked up in it; what the "
        "document says is stored.",
    )
    place = forms.CharField(required=False, widget=forms.HiddenInput)
    source = forms.ModelChoiceField(
        Source.objects.all(),
        required=False,
        widget=autocomplete(Passage, "source"),
        help_text="Only where no document of it is held: the source, with a locator.",
    )
    locator = forms.CharField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=Passage._meta.get_field("locator").help_text,
    )

    def wanted_passage(self) -> Passage | None:
        """Return the passage that was asked for, not yet saved if it is new.

        None if nothing was asked for, or if it could not be found: the form then says why.
        """
        document = self.cleaned_data.get("document")
        quote = (self.cleaned_data.get("words") or "").strip()
        source = self.cleaned_data.get("source")
        locator = self.cleaned_data.get("locator") or ""
        if document and source and document.source_id != source.pk:
            self.add_error("source", "The document is one of another source.")
        elif quote and not document:
            self.add_error("document", "Choose the document that says this.")
        elif document and quote:
            span = self._place(document, quote)
            return span and known_or_new(document, span, locator)
        elif document:
            self.add_error("words", "Paste the words of the document.")
        elif source and locator:
            if Document.objects.with_words().filter(source=source).exists():
                self.add_error(
                    "locator", "A document of this source is held here: quote it instead."
                )
                return None
            known = Passage.objects.filter(source=source, document=None, locator=locator)
            return known.order_by("created", "pk").first() or Passage(
                source=source, locator=locator
            )
        elif source:
            self.add_error("locator", "Say where in the source it stands, such as “p. 12”.")
        elif locator:
            self.add_error("source", "Choose the source that this locates.")
        return None

    def _place(self, document: Document, quote: str) -> Span | None:
        text = Text.objects.filter(document=document).values_list("content", flat=True).first()
        if text is None:
            self.add_error(
                "document",
                "The words of this document are not held here, so no quote can be checked.",
            )
            return None
        found = anchoring.find(quote, text)
        if found.outcome is Outcome.EXACT:
            return found.places[0]
        if found.outcome is Outcome.LOST:
            self.add_error("words", "The document does not say this, nor anything much like it.")
            return None
        chosen = self.data.get(self.add_prefix("place"), "")
        for span in found.places:
            if chosen == _as_value(span):
                return span
        self._propose(text, found)
        return None

    def _propose(self, text: str, found: anchoring.Resolution) -> None:
        if len(found.places) > _MOST_PROPOSED:
            number = len(found.places)
            self.add_error(
                "words",
                f"These words stand at {number} places in the document. Quote more of the words "
                "around them.",
            )
            return
        choices = [(_as_value(span), in_context(text, span)) for span in found.places]
        self.fields["place"].widget = forms.RadioSelect(choices=choices, attrs={"class": "places"})
        if found.similarity < 1:
            self["place"].label = "The document says"
            reason = (
                "The document does not say quite this. If what it says is what you mean, choose "
                "it; what it says will be stored."
            )
        else:
            self["place"].label = "Which place"
            reason = f"These words stand at {len(choices)} places in the document. Choose one."
        self.add_error("place", reason)


def known_or_new(document: Document, span: Span, locator: str = "") -> Passage:
    """Return the passage of a document at a span, unsaved if there is none yet."""
    known = Passage.objects.filter(document=document, start=span.start, end=span.end)
    if locator:
        known = known.filter(locator=locator)
    return known.select_related("source").order_by("created", "pk").first() or Passage(
        source=document.source,
        document=document,
        start=span.start,
        end=span.end,
        locator=locator,
    )


def in_context(text: str, span: Span) -> SafeString:
    """Return a place with the words around it, and its page if the text has pages."""
    quote = text[span.start : span.end]
    if len(quote) > _LONGEST_SHOWN:
        half = _LONGEST_SHOWN // 2
        quote = f"{quote[:half]} […] {quote[-half:]}"
    before = text[max(0, span.start - _AROUND) : span.start]
    after = text[span.end : span.end + _AROUND]
    pages = anchoring.page_count(text)
    return format_html(
        "<span>{}{}<mark>{}</mark>{}{}{}</span>",
        "…" if span.start > _AROUND else "",
        before,
        quote,
        after,
        "…" if span.end + _AROUND < len(text) else "",
        f" (page {anchoring.page_of(text, span.start)} of {pages})" if pages > 1 else "",
    )


def _as_value(span: Span) -> str:
    return f"{span.start}-{span.end}"


class PassageForm(VersionedForm):
    """Changes what may be changed of a passage; its place stays."""

    class Meta:
        model = Passage
        fields = ("locator",)


class NewPassageForm(QuoteForm, forms.ModelForm):
    """Makes a passage from a quote, from offsets or from a locator alone."""

    start = forms.IntegerField(
        required=False, min_value=0, help_text="Instead of a quote: the first code point, from 0."
    )
    end = forms.IntegerField(
        required=False, min_value=1, help_text="Instead of a quote: the code point after the last."
    )

    class Meta:
        model = Passage
        fields = ("source", "document", "start", "end", "locator")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        document, start, end = (cleaned.get(name) for name in ("document", "start", "end"))
        passage = None
        if document and start is not None and end is not None and not cleaned.get("words"):
            # The model checks that the span fits the text.
            passage = Passage(
                source=document.source,
                document=document,
                start=start,
                end=end,
                locator=cleaned.get("locator") or "",
            )
        elif not self.errors:
            passage = self.wanted_passage()
            if passage is None and not self.errors:
                self.add_error("document", "Choose a document, or a source and a locator.")
        if passage is None:
            cleaned.pop("document", None)  # so that only the reasons above are shown
        elif passage._state.adding:
            for name in ("source", "document", "start", "end", "locator"):
                cleaned[name] = getattr(passage, name)
        else:
            self.add_error(None, f"This passage is known already: “{passage}”. Cite that one.")
        return cleaned


class SeveralFiles(forms.FileInput):
    """An input that lets one choose several files at once."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Takes several files; its value is a list. An empty one is refused when it is read."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        return [super(SeveralFilesField, self).clean(file, initial) for file in data]


class UploadForm(forms.Form):
    """Takes in files: as the next versions of a source, or each as a source of its own."""

    file = SeveralFilesField(
        required=False,
        allow_empty_file=True,
        widget=SeveralFiles,
        label="Files",
        help_text="Plain text, HTML, PDF, DOCX or EPUB, as you have them; they are kept byte for "
        "byte.",
    )
    folder = SeveralFilesField(
        required=False,
        allow_empty_file=True,
        widget=SeveralFiles({"webkitdirectory": True}),
        label="Or a folder",
        help_text="All files in it and in its folders; what is hidden is left out. Without "
        "JavaScript, up to 100 at once.",
    )
    charset = forms.CharField(
        required=False,
        max_length=40,
        label="Character set",
        help_text="Only of plain text and HTML, and only if you know it, such as “utf-8”, "
        "“gb18030” or “euc-kr”.",
    )
    transcribes = DocumentField(
        Document.objects.none(),
        required=False,
        empty_label="(it is no transcription)",
        help_text="If somebody wrote down the words of a document that has no text: which one.",
    )

    def __init__(self, *args: Any, source: Source | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lacking = Document.objects.none()
        if source is not None:
            lacking = source.documents.exclude(lacks="").select_related("source")
        cast(forms.ModelChoiceField, self.fields["transcribes"]).queryset = lacking
        if not lacking.exists():
            del self.fields["transcribes"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        shown = [file for file in cleaned.get("folder", []) if not file.name.startswith(".")]
        cleaned["files"] = [*cleaned.get("file", []), *shown]
        if not cleaned["files"]:
            self.add_error("file", "Choose a file at least, or a folder that holds one.")
        elif cleaned.get("transcribes") and len(cleaned["files"]) > 1:
            self.add_error("file", "A transcription is one file.")
        return cleaned


class FootnoteForm(QuoteForm, VersionedForm):
    """Supplies a note that a document lacks: its text, or the words of it in the document."""

    # The page says which document; None takes the inherited fields away.
    document = None  # type: ignore[assignment]
    source = None  # type: ignore[assignment]
    locator = None  # type: ignore[assignment]

    class Meta:
        model = Footnote
        fields = ("text", "named_source")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "words" in self.fields:
            passage = self.instance.passage
            self.fields["words"].label = "Or its words in the document"
            self.initial["words"] = passage.quote if passage else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        quote = (cleaned.get("words") or "").strip()
        passage = self.instance.passage
        if not quote:
            self.instance.passage = None
        elif passage is None or quote != passage.quote.strip():
            span = self._place(self.instance.document, quote)
            self.instance.passage = span and known_or_new(self.instance.document, span)
        if cleaned.get("named_source") and not (cleaned.get("text") or quote):
            self.add_error("named_source", "Supply the note that names it, too.")
        return cleaned


class BibliographyForm(forms.Form):
    """Takes in a bibliography, to be shown before anything is done with it."""

    file = forms.FileField(
        label="Bibliography",
        help_text="BibTeX, BibLaTeX, RIS or CSL-JSON, in UTF-8; or a .txt file of works as lists "
        "print them, one a line.",
    )
