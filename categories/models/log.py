"""Rows that are written once: what is on record is never changed and never removed."""

from typing import Any, NoReturn, TypeVar

from django.db import models

from .edition import Immutable

Row = TypeVar("Row", bound=models.Model)


class LoggedQuerySet(models.QuerySet[Row]):
    """Refuses the writes that would change or remove what was decided, many rows at once."""

    def _refuse(self, verb: str) -> NoReturn:
        name = self.model._meta.verbose_name_plural
        raise Immutable(f"{verb}() is refused: {name} are a permanent record. The verbs of publishing add to it.")

    def update(self, **values: Any) -> NoReturn:
        self._refuse("update")

    def bulk_update(self, *args: Any, **options: Any) -> NoReturn:
        self._refuse("bulk_update")

    def bulk_create(self, objs: Any, *args: Any, **options: Any) -> list[Row]:
        if options.get("update_conflicts"):
            self._refuse("bulk_create with update_conflicts")
        return super().bulk_create(objs, *args, **options)

    def delete(self) -> NoReturn:
        self._refuse("delete")

    update.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Logged(models.Model):
    """A row of a log, which can only grow."""

    objects = LoggedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"  # or adding one through a related record would update it

    def save(self, *args: Any, **options: Any) -> None:
        if not self._state.adding:
            self._refuse()
        super().save(*args, **options | {"force_insert": True})

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise Immutable("What is on record stays as it is: this log can only grow.")
