"""The people who work with the guidance: their accounts."""

from collections.abc import Iterator
from typing import Any, ClassVar, NoReturn

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import transaction
from django.db.models import ProtectedError

from . import account
from .account import Verb
from .history import TrackedQuerySet
from .session import Session

KEPT = "Accounts are never deleted, because what was done with them stays on record. Deactivate it instead."
# What the account log tells of, with the verb that tells it
WATCHED = {
    "username": Verb.RENAMED,
    "first_name": Verb.RENAMED,
    "last_name": Verb.RENAMED,
    "email": Verb.ADDRESS,
    "is_staff": Verb.ROLES,
    "is_superuser": Verb.ROLES,
    "is_active": Verb.DEACTIVATED,
}
ENDS_SESSIONS = ("password", "is_active", "email")
ENDS_CONNECTION = ("is_active", "email")


class AccountQuerySet(TrackedQuerySet["User"]):
    """Refuses the writes that would leave no line in the account log."""

    def delete(self) -> NoReturn:
        raise ProtectedError(KEPT, set(self))

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class Accounts(UserManager["User"]):
    use_in_migrations = False

    def get_queryset(self) -> AccountQuerySet:
        return AccountQuerySet(self.model, using=self._db)


class User(AbstractUser):
    """A member of staff. Every save leaves in the account log what it changed; nobody is ever deleted."""

    objects: ClassVar[Accounts] = Accounts()
    _password: str | None  # Django's own: a password that was set, and is not saved yet

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def save(self, *args: Any, **options: Any) -> None:
        written = options.get("update_fields")
        watched = [field for field in WATCHED if written is None or field in written]
        has_new_password = self._password is not None
        if not watched and not has_new_password:
            super().save(*args, **options)
            return
        with transaction.atomic():
            before = User.objects.select_for_update().filter(pk=self.pk).first()
            super().save(*args, **options)
            for verb, what in self._told_since(before, watched) if before else self._told_when_made():
                account.log(self, verb, what)
            if before and has_new_password:
                account.log(self, Verb.PASSWORD_SET)
            if before and self._differs_from(before, ENDS_SESSIONS):
                Session.objects.filter(account=self).delete()
            if before and self._differs_from(before, ENDS_CONNECTION):
                end_connection(self)

    def delete(self, *args: Any, **options: Any) -> NoReturn:
        raise ProtectedError(KEPT, {self})

    @property
    def is_vouched_for(self) -> bool:
        """Whether an Editor has vouched for it since it was made or its address or roles changed."""
        return User.objects.filter(account.vouched_for(), pk=self.pk).exists()

    def _differs_from(self, before: "User", names: tuple[str, ...]) -> bool:
        return any(getattr(before, name) != getattr(self, name) for name in names)

    def _told_when_made(self) -> Iterator[tuple[str, str]]:
        status = [_label(name) for name in ("is_staff", "is_superuser") if getattr(self, name)]
        yield Verb.MADE, "; ".join([self.username, self.email or "no address", *status])

    def _told_since(self, before: "User", watched: list[str]) -> Iterator[tuple[str, str]]:
        changed = [field for field in watched if getattr(before, field) != getattr(self, field)]
        for verb in dict.fromkeys(WATCHED[field] for field in changed):
            if verb == Verb.DEACTIVATED:
                yield (Verb.REACTIVATED if self.is_active else verb), ""
                continue
            yield verb, "; ".join(_change(before, self, field) for field in changed if WATCHED[field] == verb)


def end_connection(account: Any) -> None:
    """Forget whom the organisation’s own sign-in knows the account by, and any address that it gave."""
    account.socialaccount_set.all().delete()
    account.emailaddress_set.all().delete()


def _label(name: str) -> str:
    field: Any = User._meta.get_field(name)
    return str(field.verbose_name)[:1].upper() + str(field.verbose_name)[1:]


def _change(before: User, now: User, name: str) -> str:
    return change_words(_label(name), getattr(before, name), getattr(now, name))


def change_words(label: str, before: Any, now: Any) -> str:
    """Say a change in words, such as “Staff status: from no to yes”."""
    return f"{label}: from {_value_words(before)} to {_value_words(now)}"


def _value_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) or "none"
