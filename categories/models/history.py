"""How the working copy is saved: in one transaction with its history, and with who contributed what."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import ProtectedError
from simple_history.models import HistoricalRecords

from .contribution import Aspect


@dataclass(frozen=True, slots=True)
class Save:
    """One act of saving: all the history rows that it writes share its id, its user and its why."""

    by: models.Model | None = None
    why: str = ""
    id: UUID = field(default_factory=uuid4)


PLACE = "position"  # the field that says where a record stands among its siblings

current_save: ContextVar[Save | None] = ContextVar("current_save", default=None)


@contextmanager
def saving(by: models.Model | None = None, why: str = "") -> Iterator[None]:
    """Make all saves inside one transaction and one entry in the history of each record.

    Within another `saving` it joins that one, so the outermost says who and why.
    """
    with transaction.atomic():
        if current_save.get():
            yield
            return
        token = current_save.set(Save(by, why))
        try:
            yield
        finally:
            current_save.reset(token)


def current_save_id() -> UUID:
    save = current_save.get()
    return save.id if save else uuid4()


class HistoryOfSave(models.Model):
    """What every history row has besides simple-history's own columns."""

    save_id = models.UUIDField(default=current_save_id, editable=False)

    class Meta:
        abstract = True


class History(HistoricalRecords):
    """simple-history, with the why and the user taken from the save, and its people protected."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("bases", (HistoryOfSave,))
        options.setdefault("history_change_reason_field", models.TextField(null=True, blank=True))
        super().__init__(**options)

    def get_change_reason_for_object(self, instance: models.Model, history_type: str, using: str) -> str | None:
        save = current_save.get()
        return save.why if save else super().get_change_reason_for_object(instance, history_type, using)

    def get_history_user(self, instance: models.Model) -> models.Model | None:
        save = current_save.get()
        return (save and save.by) or super().get_history_user(instance)

    def m2m_changed(
        self, instance: "TrackedModel", action: str, attr: str, pk_set: set[Any] | None, reverse: bool, **options: Any
    ) -> None:
        """A change of what a record names is a change of that record, and in line with its other saves."""
        if reverse:
            raise HistoryKept(
                f"Set {attr} on each record that has them: from the other side its history would not tell."
            )
        if action.startswith("pre_"):
            instance.lock()
        elif pk_set or action == "post_clear":
            instance.contribute(Aspect.TEXT)
        super().m2m_changed(instance, action, attr, pk_set, reverse, **options)

    def _get_history_user_fields(self) -> "dict[str, models.ForeignKey[Any, Any]]":
        user = models.ForeignKey(
            settings.AUTH_USER_MODEL, null=True, blank=True, related_name="+", on_delete=models.PROTECT
        )
        return {"history_user": user}


class HistoryKept(TypeError):
    """A bulk write was tried on rows whose every change must be in their history."""


Tracked = TypeVar("Tracked", bound=models.Model)


class TrackedQuerySet(models.QuerySet[Tracked]):
    """Refuses the writes that would leave no history."""

    def _refuse(self, verb: str, instead: str) -> NoReturn:
        name = self.model._meta.verbose_name_plural
        raise HistoryKept(f"{verb}() would leave no history of {name}. {instead}")

    def update(self, **values: Any) -> NoReturn:
        self._refuse("update", "Set the fields on each record and call its save().")

    def bulk_create(self, *args: Any, **options: Any) -> NoReturn:
        self._refuse("bulk_create", "Call save() on each record.")

    def bulk_update(self, *args: Any, **options: Any) -> NoReturn:
        self._refuse("bulk_update", "Call save() on each record.")

    def delete(self) -> NoReturn:
        self._refuse("delete", "Call delete() on each record.")

    async def aupdate(self, **values: Any) -> NoReturn:
        self.update(**values)

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]
    update.alters_data = True  # type: ignore[attr-defined]


class TrackedModel(models.Model):
    """A record of the working copy: its save, the history and the contributions of it are one transaction.

    Saves of one guidance wait for each other.
    """

    objects = TrackedQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"  # or guidance.category_set.add() would update them

    def save(self, *args: Any, **options: Any) -> None:
        with saving():
            self.lock()
            aspects = self._aspects_of_save(options.get("update_fields"))
            super().save(*args, **options)
            self.contribute(*aspects)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        with saving():
            self.lock()  # before the reasons are looked for: what is saved meanwhile may be one
            if reasons := self.reasons_not_to_delete():
                raise ProtectedError(" ".join(reasons), {self})
            self.contribute(Aspect.PRESENCE)
            return super().delete(*args, **options)

    def _aspects_of_save(self, update_fields: Collection[str] | None) -> list[Aspect]:
        """What a save would touch, by the row that it would overwrite. A save that changes nothing touches nothing."""
        fields = {field.attname: field for field in self._meta.concrete_fields}
        found = None if self._state.adding else type(self).objects.filter(pk=self.pk).values(*fields).first()
        if found is None:
            return [Aspect.PRESENCE, Aspect.TEXT, *([Aspect.PLACE] if PLACE in fields else [])]
        written = set(fields) - self.get_deferred_fields()
        if update_fields is not None:
            written &= {name for name, field in fields.items() if {name, field.name} & set(update_fields)}
        changed = {name for name in written if fields[name].to_python(getattr(self, name)) != found[name]}
        return [
            aspect for aspect, names in ((Aspect.TEXT, changed - {PLACE}), (Aspect.PLACE, changed & {PLACE})) if names
        ]

    @property
    def author(self) -> Any:
        """Whoever is saving this record, or None: the user whom its history names."""
        return type(self).history.model.get_default_history_user(self)  # type: ignore[attr-defined]

    def contribute(self, *aspects: Aspect) -> None:
        """Keep, for the rule of two people, who touches these aspects of this record now."""
        raise NotImplementedError

    def reasons_not_to_delete(self) -> list[str]:
        """Say why this record must stay. Empty when it may be deleted."""
        raise NotImplementedError

    def lock(self) -> None:
        """Wait for, and keep out, every other save and submission of the same guidance."""
        raise NotImplementedError
