"""What rows of both apps have in common: lasting ids, lasting addresses, refused stale saves."""

import uuid
from collections.abc import Collection
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models, router, transaction
from django.db.models import F
from django.db.models.deletion import ProtectedError
from django.utils import timezone
from django.utils.text import slugify

from sources.models.fields import validate_characters


class PermanentModel(models.Model):
    """A row known by a UUID for ever."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Refuse control characters, too, in whatever is text."""
        errors: dict[str, Any] = {}
        try:
            super().clean_fields(exclude)
        except ValidationError as error:
            errors = error.update_error_dict(errors)
        for field in self._meta.concrete_fields:
            value = getattr(self, field.attname)
            if isinstance(value, str) and field.name not in {*(exclude or ()), *errors}:
                try:
                    validate_characters(value)
                except ValidationError as error:
                    errors[field.name] = error.error_list
        if errors:
            raise ValidationError(errors)


class ProtectedModel(PermanentModel):
    """A row that can be deleted only while no reader has seen it.

    Its manager is made from a `ProtectingQuerySet`.
    """

    # Columns that others write past it (publication, the index): a row loaded before leaves them
    # as they are now.
    SET_ELSEWHERE: tuple[str, ...] = ()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.SET_ELSEWHERE and not self._state.adding:
            own = kwargs.get("update_fields")
            if own is None:
                deferred = self.get_deferred_fields()
                own = {
                    field.name
                    for field in self._meta.concrete_fields
                    if not field.primary_key and field.attname not in deferred
                }
            kwargs["update_fields"] = set(own) - set(self.SET_ELSEWHERE)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        rows: Any = type(self)._default_manager.filter(pk=self.pk)
        if rows.seen_by_readers().exists():
            raise ProtectedError(f"Public rows are never deleted: {self}.", {self})
        return super().delete(*args, **kwargs)


class StaleSave(Exception):  # noqa: N818  it names what happened
    """A row was saved from a version that is no longer the current one.

    `submitted` is the instance that was to be saved, `current` the stored one (None if deleted).
    """

    def __init__(self, submitted: "VersionedModel") -> None:
        self.submitted = submitted
        self.current = type(submitted)._base_manager.filter(pk=submitted.pk).first()
        happened = "was deleted" if self.current is None else "was changed by someone else"
        super().__init__(f"“{submitted}” {happened} since it was opened. Nothing was saved.")

    def differences(self) -> dict[str, tuple[Any, Any]]:
        """Return field name → (submitted, current) for each editable field that differs."""
        if self.current is None:
            return {}
        pairs = {
            field.name: (
                field.value_from_object(self.submitted),
                field.value_from_object(self.current),
            )
            for field in self.submitted._meta.concrete_fields
            if field.editable and field.name != "version"
        }
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


class VersionedModel(models.Model):
    """A row whose save is refused unless it was loaded from the current version."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            super().save(*args, **kwargs)
            return
        using = kwargs.get("using") or router.db_for_write(type(self), instance=self)
        loaded = self.version
        with transaction.atomic(using=using):
            claimed = (
                type(self)
                ._base_manager.using(using)
                .filter(pk=self.pk, version=loaded)
                .update(version=F("version") + 1)
            )
            if not claimed:
                raise StaleSave(self)
            self.version = loaded + 1
            try:
                super().save(*args, **kwargs)
            except BaseException:
                self.version = loaded
                raise


class SearchedModel(models.Model):
    """A row whose words readers search for: the index follows it in the same transaction.

    Publication and import, which write past `save()`, call the index themselves.
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            super().save(*args, **kwargs)
            self._be_followed()

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            deleted = super().delete(*args, **kwargs)
            self._be_followed()
        return deleted

    def _be_followed(self) -> None:
        from sources import search  # it reads the models

        search.lock()
        self.follow_in_search()

    def follow_in_search(self) -> None:
        """Tell the index what may have changed with this row."""
        raise NotImplementedError


class FormerSlug(models.Model):
    """A slug that once named a row; its address redirects there and is never given to another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(
        max_length=80, editable=False, help_text="What the slug named, such as “sources.source”."
    )
    slug = models.SlugField(max_length=120, allow_unicode=True)
    target = models.UUIDField(help_text="The id of the row it named.")
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        app_label = "sources"
        ordering = ["kind", "slug", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "slug"],
                name="former_slug_named_one_row",
                violation_error_message="This slug is already kept as a former one.",
            )
        ]

    def __str__(self) -> str:
        return self.slug


class SluggedModel(PermanentModel):
    """A row with a readable address that, once changed, still leads to it."""

    slug = models.SlugField(
        max_length=120,
        unique=True,
        allow_unicode=True,
        help_text="Its place in the address, such as “battle-of-kumsong”. A changed slug "
        "redirects for ever and is never used again.",
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        super().clean()
        self.refuse_former_slug()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.refuse_former_slug()
        with transaction.atomic():
            before = (
                None
                if self._state.adding
                else type(self)
                ._base_manager.filter(pk=self.pk)
                .values_list("slug", flat=True)
                .first()
            )
            super().save(*args, **kwargs)
            if before and before != self.slug:
                former = FormerSlug.objects.filter(kind=self._meta.label_lower)
                former.filter(slug=self.slug, target=self.pk).delete()
                former.create(kind=self._meta.label_lower, slug=before, target=self.pk)
            self.refuse_former_slug()  # somebody may just have given this one up

    def refuse_former_slug(self) -> None:
        """Raise ValidationError if the slug once named another row."""
        taken = FormerSlug.objects.filter(kind=self._meta.label_lower, slug=self.slug)
        if taken.exclude(target=self.pk).exists():
            raise ValidationError(
                {"slug": f"“{self.slug}” once named another row and still redirects to it."}
            )

    @classmethod
    def free_slug(cls, name: str) -> str:
        """Return a slug made of a name that no row has or had."""
        stem = slugify(name, allow_unicode=True)[:100].strip("-_") or cls._meta.model_name or "row"
        taken = set(
            cls._default_manager.filter(slug__startswith=stem).values_list("slug", flat=True)
        )
        former = FormerSlug.objects.filter(kind=cls._meta.label_lower, slug__startswith=stem)
        taken |= set(former.values_list("slug", flat=True))
        number, slug = 1, stem
        while slug in taken:
            number += 1
            slug = f"{stem}-{number}"
        return slug

    @classmethod
    def moved_to(cls, former_slug: str) -> Self | None:
        """Return the row that `former_slug` once named, if there is one."""
        kept = FormerSlug.objects.filter(kind=cls._meta.label_lower, slug=former_slug).first()
        return cls._default_manager.filter(pk=kept.target).first() if kept else None
