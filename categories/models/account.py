"""The account log: what was done to the account of each person, by whom and when. It can only grow."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact
from django.utils import timezone

from .history import current_save
from .log import Sealed

FROM_THE_SHELL = "From the shell"


class AccountEvent(Sealed):
    """One line of the account log. `by` is empty where nobody was signed in; then `why` says how it came about."""

    sealed = ("account_id", "verb", "by_id", "role", "at", "what", "why")

    class Verb(models.TextChoices):
        MADE = "made", "Made"
        RENAMED = "renamed", "Name changed"
        ADDRESS = "address", "Address changed"
        ROLES = "roles", "Roles changed"
        DEACTIVATED = "deactivated", "Deactivated"
        REACTIVATED = "reactivated", "Reactivated"
        VOUCHED = "vouched", "Vouched for"
        LINK_SENT = "link", "Link to set a password sent"
        PASSWORD_SET = "password", "Password set"
        FACTOR = "factor", "Way of signing in changed"
        FACTORS_ENDED = "no-factors", "Second steps removed"

    account = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="events")
    verb = models.CharField(max_length=12, choices=Verb)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=200, blank=True)  # in which they did it
    at = models.DateTimeField()
    what = models.TextField(blank=True)
    why = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]
        default_permissions = ()  # whoever may view an account reads its log, and nobody writes it

    def __str__(self) -> str:
        return f"{self.get_verb_display()} by {self.by or 'the system'}"


Verb = AccountEvent.Verb
ENDS_VOUCHING = (Verb.MADE, Verb.ADDRESS, Verb.ROLES, Verb.REACTIVATED)


def log(account: Any, verb: str, what: str = "") -> None:
    """Add a line to the log of an account, by whoever `saving` names; outside of it, it comes from the shell."""
    save = current_save.get()
    by: Any = save and save.by
    why = save.why if save else FROM_THE_SHELL
    at = timezone.now()
    AccountEvent.objects.create(account=account, verb=verb, by=by, role=role_of(by), at=at, what=what, why=why)


def role_of(person: Any) -> str:
    """Say in which role somebody does something: their groups, and whether they are a superuser."""
    if person is None:
        return ""
    superuser = ["Superuser"] if person.is_superuser else []
    return ", ".join([*superuser, *sorted(person.groups.values_list("name", flat=True))])[:200]


def vouched_for() -> Exact:
    """The condition, for a filter of accounts, that one is vouched for: nothing that ends it came after it."""
    deciding = AccountEvent.objects.filter(account=OuterRef("pk"), verb__in=(Verb.VOUCHED, *ENDS_VOUCHING))
    newest = Subquery(deciding.order_by("-pk").values("verb")[:1], output_field=models.CharField())
    return Exact(Coalesce(newest, Value("")), Verb.VOUCHED)
