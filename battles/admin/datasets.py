"""Importing a dataset in the admin: choose its files, look at what would happen, confirm."""

import shutil
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from battles.datasets import mapping as mappings
from battles.datasets.planning import Outcome, Plan
from battles.datasets.reading import Unreadable
from battles.datasets.writing import ImportFailed, Report, import_dataset, plan_import
from sources.admin.bases import VersionedAdmin
from sources.models import Source
from sources.shown_again import NOT_SAVED, again_or_anew, is_shown_again

LARGEST_UPLOAD = 20 * 1024 * 1024  # bytes, of all files together
MOST_FILES = 20
WAITS_FOR = 24 * 3600  # seconds, from looking to confirming
SHOWN = 200  # rows of each list on the page

_NEEDED = ("battles.add_battle", "battles.add_statement", "sources.add_source")


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = data if isinstance(data, list) else [data] if data else []
        if not files:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return [super(FilesField, self).clean(file, initial) for file in files]


class DatasetForm(forms.Form):
    """What a dataset is read from."""

    shipped = forms.ChoiceField(
        required=False, label="Mapping", help_text="One that comes with the archive, or …"
    )
    mapping = forms.FileField(
        required=False,
        label="… a mapping of your own",
        help_text="A TOML file, as docs/dataset-mappings.md describes it.",
    )
    uploads = FilesField(
        label="Files",
        help_text="The tables that the mapping names, and the documents it cites, all at once. "
        f"{LARGEST_UPLOAD // 1024 // 1024} MiB together at most.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shipped = cast(forms.ChoiceField, self.fields["shipped"])
        shipped.choices = [("", "–"), *((name, name) for name in mappings.shipped())]

    def clean_mapping(self) -> bytes | None:
        upload = self.cleaned_data.get("mapping")
        if upload is None:
            return None
        if upload.size > mappings.LONGEST:
            raise forms.ValidationError(f"A mapping has {mappings.LONGEST // 1024} KiB at most.")
        return upload.read()

    def clean_uploads(self) -> list[UploadedFile]:
        files = self.cleaned_data["uploads"]
        names = [file.name for file in files]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(f"{MOST_FILES} files at most.")
        if sum(file.size for file in files) > LARGEST_UPLOAD:
            raise forms.ValidationError(
                f"The files have more than {LARGEST_UPLOAD // 1024 // 1024} MiB together; "
                "import them with manage.py import_dataset."
            )
        if len(set(names)) < len(names):
            raise forms.ValidationError("Two of the files have the same name.")
        return files

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if bool(data.get("shipped")) == bool(data.get("mapping")) and not self.errors:
            raise forms.ValidationError("Choose a mapping, or upload one of your own.")
        return data


class ConfirmForm(forms.Form):
    """Which looked-at files are to be imported, and whether to publish."""

    waiting = forms.CharField(widget=forms.HiddenInput)
    publish = forms.BooleanField(
        required=False,
        label="Publish too",
        help_text="What these rows speak for becomes public at once, one edition of each battle.",
    )


class DatasetsAdmin(VersionedAdmin):
    """The pages, beside the list of battles, that import a dataset."""

    change_list_template = "admin/battles/battle/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.import_view)
        ours = path("import-dataset/", view, name="battles_battle_import_dataset")
        return [ours, *super().get_urls()]

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perms(_NEEDED):
            raise PermissionDenied
        if "waiting" in request.POST:
            return self._confirm(request)
        form = again_or_anew(request, DatasetForm)(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            folder = _keep(form)
            try:
                plan, _ = plan_import(*_waiting_in(folder))
            except (mappings.MappingError, Unreadable) as error:
                shutil.rmtree(folder)
                for line in str(error).splitlines()[:SHOWN]:
                    form.add_error(None, line)
            else:
                return self._look(request, plan, folder)
        return self._page(request, "Import a dataset", form=form)

    def _look(self, request: HttpRequest, plan: Plan, folder: Path) -> HttpResponse:
        signed = signing.dumps([folder.name, request.user.pk], salt=__name__)
        confirm = ConfirmForm(initial={**request.POST.dict(), "waiting": signed})
        if not request.user.has_perm("battles.publish_statement"):
            del confirm.fields["publish"]
        return self._page(
            request,
            "Import a dataset: what would happen",
            confirm=confirm,
            **_shown(plan),
        )

    def _confirm(self, request: HttpRequest) -> HttpResponse:
        form = ConfirmForm(request.POST)
        folder = _folder_of(request) if form.is_valid() else None
        here = reverse("admin:battles_battle_import_dataset")
        if folder is None:
            messages.error(request, "These files wait no longer. Choose them again.")
            return HttpResponseRedirect(here)
        if is_shown_again(request):
            messages.warning(request, NOT_SAVED)
            return self._look(request, plan_import(*_waiting_in(folder))[0], folder)
        publish = form.cleaned_data["publish"]
        if publish and not request.user.has_perm("battles.publish_statement"):
            raise PermissionDenied
        try:
            chosen, paths = _waiting_in(folder)
            report = import_dataset(chosen, paths, publish=publish, by=cast(User, request.user))
        except (mappings.MappingError, Unreadable, ImportFailed) as error:
            messages.error(request, f"Nothing was imported. {error}")
            return HttpResponseRedirect(here)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        self._tell(request, chosen, report)
        return HttpResponseRedirect(reverse("admin:battles_battle_changelist"))

    def _tell(self, request: HttpRequest, chosen: mappings.Mapping, report: Report) -> None:
        said = _in_words(report.plan)
        if report.published:
            said += f" {report.published:,} published, in {report.editions:,} editions."
        if source := Source.objects.filter(slug=chosen.dataset["slug"]).first():
            self.log_change(request, source, f"Imported. {said}")
        messages.success(request, f"The dataset “{chosen.name}” was imported. {said}")
        left = [(str(refusal),) for refusal in report.plan.refusals]
        left += [(f"Not published: “{row}”: {why}.",) for row, why in report.unpublished]
        if left:
            listed = format_html_join("", "<br>{}", left[:SHOWN])
            messages.warning(request, format_html("{} left out:{}", len(left), listed))

    def _page(self, request: HttpRequest, title: str, **more: Any) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "media": self.media,
            **more,
        }
        return TemplateResponse(request, "admin/battles/battle/import_dataset.html", context)


# Files between looking and confirming ---------------------------------------------------------


def _incoming() -> Path:
    # Where unfinished uploads are, too: `ingest` sweeps away what has waited for a day.
    return Path(settings.FILES_ROOT) / "incoming"


def _keep(form: DatasetForm) -> Path:
    folder = _incoming() / f"dataset-{uuid4()}"
    (folder / "files").mkdir(parents=True)
    chosen = form.cleaned_data["mapping"]
    if chosen is None:
        chosen = (mappings.SHIPPED / f"{form.cleaned_data['shipped']}.toml").read_bytes()
    (folder / "mapping").write_bytes(chosen)
    for upload in form.cleaned_data["uploads"]:
        with (folder / "files" / Path(str(upload.name)).name).open("xb") as kept:
            for chunk in upload.chunks():
                kept.write(chunk)
    return folder


def _waiting_in(folder: Path) -> tuple[mappings.Mapping, list[Path]]:
    chosen = mappings.parse((folder / "mapping").read_bytes())
    return chosen, sorted((folder / "files").iterdir())


def _folder_of(request: HttpRequest) -> Path | None:
    """Return the folder that the user was given to confirm, if it still waits."""
    try:
        name, user = signing.loads(request.POST["waiting"], salt=__name__, max_age=WAITS_FOR)
        UUID(name.removeprefix("dataset-"))
    except (signing.BadSignature, ValueError):
        return None
    folder = _incoming() / name
    return folder if user == request.user.pk and (folder / "mapping").is_file() else None


# What is shown --------------------------------------------------------------------------------


def _shown(plan: Plan) -> dict[str, Any]:
    kept = [
        f"{planned.row.file.name}, line {planned.row.line}: {planned.here}"
        for planned in plan.with_outcome(Outcome.KEPT)
    ]
    counts = plan.counts()
    met = [one for one in Outcome if any(counted[one] for counted in counts.values())]
    return {
        "outcomes": [outcome.value for outcome in met],
        "counts": [
            (kind, [f"{counted[one]:,}" if counted[one] else "" for one in met])
            for kind, counted in counts.items()
        ],
        "lists": [
            (title, len(lines), lines[:SHOWN])
            for title, lines in (
                ("Refused; the rest would go in", [str(row) for row in plan.refusals]),
                ("Kept as they are here, because somebody worked on them", kept),
                (
                    "In no row that was read; they stay as they are",
                    [f"{row.battle}: {row}" for row in plan.removed],
                ),
            )
            if lines
        ],
    }


def _in_words(plan: Plan) -> str:
    """Return how many statements are new, changed …"""
    counted = {
        outcome: len(plan.with_outcome(outcome))
        for outcome in (Outcome.NEW, Outcome.CHANGED, Outcome.SAME, Outcome.KEPT)
    }
    said = ", ".join(f"{number:,} {outcome.value}" for outcome, number in counted.items() if number)
    return f"Statements: {said}." if said else "No statements."
