"""Rows that are written once: what is on record is never changed and never removed.

Here the ORM refuses; `triggers` has the database refuse what goes round it.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar, NoReturn, TypeVar
from uuid import UUID

from django.db import connection, models, transaction

from ..content.canonical import canonical, digest

Row = TypeVar("Row", bound=models.Model)
Line = TypeVar("Line", bound="Sealed")


class Immutable(TypeError):
    """A write was tried on the permanent record, which can only grow."""


def utc(at: datetime) -> str:
    """Write a time as the record does: '2025-06-01T23:00:00.000000Z'."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def refuse(model: type[models.Model], verb: str) -> NoReturn:
    name = model._meta.verbose_name_plural
    raise Immutable(f"{verb} is refused: {name} are a permanent record. The verbs of publishing add to it.")


class LoggedQuerySet(models.QuerySet[Row]):
    """Refuses the writes that would change or remove what is on record, many rows at once."""

    def update(self, **values: Any) -> NoReturn:
        refuse(self.model, "update()")

    def bulk_update(self, *args: Any, **options: Any) -> NoReturn:
        refuse(self.model, "bulk_update()")

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> list[Row]:
        if options.get("update_conflicts"):
            refuse(self.model, "bulk_create() with update_conflicts")
        return super().bulk_create(objs, *args, **options)

    def delete(self) -> NoReturn:
        refuse(self.model, "delete()")

    def _raw_delete(self, using: str | None) -> NoReturn:
        refuse(self.model, "delete()")

    update.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]
    _raw_delete.alters_data = True  # type: ignore[attr-defined]


class Logged(models.Model):
    """A row that is written once. Of it only the fields that `may_change` names can change."""

    may_change: ClassVar[frozenset[str]] = frozenset()

    objects: ClassVar[Any] = LoggedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"  # or adding one through a related record would update it

    def save(self, *args: Any, **options: Any) -> None:
        self._refuse_change(options.get("update_fields"))  # before a transaction is begun, which that would break
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        refuse(type(self), "delete()")

    def _refuse_change(self, update_fields: Collection[str] | None) -> None:
        if not self._state.adding and not (update_fields and self.may_change.issuperset(update_fields)):
            refuse(type(self), "save()")

    def _save_table(
        self,
        raw: bool = False,
        cls: Any = None,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Collection[str] | None = None,
    ) -> bool:
        """Every save passes here: that of `loaddata`, which calls no `save()`, too."""
        if raw:
            refuse(type(self), "loaddata")
        self._refuse_change(update_fields)
        is_new = self._state.adding
        return bool(super()._save_table(raw, cls, is_new, force_update, using, update_fields))  # type: ignore[misc]


class SealedQuerySet(LoggedQuerySet[Line]):
    def append(self, lines: Iterable[Line]) -> list[Line]:
        """Add lines to the end of the log, each sealed with the digest of the one before."""
        with transaction.atomic():
            last, found = self._last(), []
            for line in lines:
                line.seal(last)
                found.append(last := line)
            return super().bulk_create(found)

    def bulk_create(self, *args: Any, **options: Any) -> NoReturn:
        refuse(self.model, "bulk_create()")

    def _last(self) -> Line | None:
        """The last line, which stays the last until the transaction ends but for what this one adds."""
        if connection.vendor == "postgresql":  # SQLite's transactions wait for each other
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [self.model._meta.db_table])
        return self.model._base_manager.order_by("-pk").only("pk", "record_digest").first()


class Sealed(Logged):
    """A line of a log that is a chain: it holds the digest of the line before, so that none is altered, put in or taken
    out unseen.
    """

    sealed: ClassVar[tuple[str, ...]]  # the columns that the digest is of, besides those of every line

    previous_record_digest = models.CharField(max_length=64, blank=True)
    record_digest = models.CharField(max_length=64, unique=True)

    objects: ClassVar[Any] = SealedQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **options: Any) -> None:
        self._refuse_change(None)
        type(self).objects.append([self])

    def record(self) -> dict[str, Any]:
        """Return what `record_digest` is the digest of, as JSON values."""
        return {name: as_value(getattr(self, name)) for name in ("id", "previous_record_digest", *self.sealed)}

    def seal(self, previous: "Sealed | None") -> None:
        self.pk = previous.pk + 1 if previous else 1
        self.previous_record_digest = previous.record_digest if previous else ""
        self.record_digest = digest(canonical(self.record()))


def as_value(value: Any) -> Any:
    """Return a value of a column as the record writes it."""
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, UUID):
        return str(value)
    return str(value) if isinstance(value, models.TextChoices) else value
