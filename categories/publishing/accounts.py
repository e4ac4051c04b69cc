"""Accounts: what one person can do to the account of another. The account log keeps each, and the person is told.

Nobody sets another's password: a link to set one goes to the account's own address alone.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import Any, TypedDict

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.contrib.auth.tokens import default_token_generator
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from ..content.moments import when
from ..content.words import joined
from ..models import AccountEvent, SignInEvent, User
from ..models.account import ENDS_VOUCHING, FROM_THE_SHELL, log
from ..models.history import saving
from ..models.session import sessions_of
from ..models.sign_in import log_sign_in
from ..models.user import change_words, end_connection
from . import notices
from .reasons import ADD_ACCOUNTS, APPROVE, CHANGE_ACCOUNTS, Person, Reason, not_permitted, refuse_for

Verb = AccountEvent.Verb
CHANGED_MEANWHILE = "Somebody changed this account since you opened the page. Look at it and at its log again."
IF_WRONG = "\nIf this is not as it should be, tell the people who look after accounts at once.\n"
# What changes nothing of whose an account is, or what it may do
LIFE = (Verb.VOUCHED, Verb.LINK_SENT, Verb.PASSWORD_SET, Verb.FACTOR, Verb.FACTORS_ENDED)
HAD_A_PART = {
    Verb.MADE: "You made this account",
    Verb.ADDRESS: "You changed the address of this account",
    Verb.ROLES: "You changed the roles of this account",
    Verb.REACTIVATED: "You reactivated this account",
}


class Details(TypedDict, total=False):
    """What an account says of a person, and what it lets them do. What is left out stays as it is."""

    username: str
    first_name: str
    last_name: str
    email: str
    is_staff: bool
    is_superuser: bool
    groups: Collection[Group]
    user_permissions: Collection[Permission]


SETS = {"groups": "Groups", "user_permissions": "Permissions"}


# Make and change


def make_account(by: User, details: Details) -> User:
    """Make an account that has no password. A link to set one goes to its address, if it has one."""
    with saving(by):
        refuse_for(reasons_not_to_make_account(by, details))
        account = User()
        account.set_unusable_password()
        _set(account, details)
        if account.email:
            _tell_link(account, f"{by} made an account for you: {account.username}.", "Your account")
    return account


def reasons_not_to_make_account(by: Person, details: Details) -> list[Reason]:
    return not_permitted(by, ADD_ACCOUNTS, "make accounts") or list(_detail_reasons(None, by, details))


def change_account(account: User, by: User, details: Details, *, seen: int | None = None) -> list[AccountEvent]:
    """Change what an account says; return what of it ends that somebody vouches for it.

    `seen` is the `newest_change` that `by` saw.
    """
    with saving(by):
        account = _locked(account)
        refuse_for(reasons_not_to_change_account(account, by, details, seen=seen))
        before, old_address = newest_change(account), account.email
        if details.get("email", old_address) != old_address:  # whoever read the mail before may know the password
            account.set_unusable_password()
        _set(account, details)
        events = list(account.events.filter(pk__gt=before, verb__in=ENDS_VOUCHING))
        if events:
            changes = "\n".join(f"{event.get_verb_display()}. {event.what}." for event in events)
            body = f"{by} changed your account, {account.username}.\n\n{changes}\n{IF_WRONG}"
            notices.write_to([old_address, account.email], "Your account was changed", body)
        if account.email not in ("", old_address):
            _tell_link(account, f"Your account, {account.username}, has a new address, so its password has ended.")
    return events


def reasons_not_to_change_account(
    account: User, by: Person, details: Details | None = None, *, seen: int | None = None
) -> list[Reason]:
    """Say why this person cannot change this account. With `details` None, they are still to say to what."""
    if found := not_permitted(by, CHANGE_ACCOUNTS, "change accounts") or _unseen(account, seen):
        return found
    return list(_detail_reasons(account, by, details or {}))


def _set(account: User, details: Details) -> None:
    """Save what an account says. Raises ValidationError where that can be no account's."""
    fields: dict[str, Any] = {name: value for name, value in details.items() if name not in SETS}
    for name, value in fields.items():
        setattr(account, name, value)
    account.full_clean(exclude=["password"])  # an account from the shell may have none
    account.save()
    changes = []
    for name, label in SETS.items():
        if name in details:
            before = _names(getattr(account, name).all())
            getattr(account, name).set(details[name])  # type: ignore[literal-required]
            if (now := _names(getattr(account, name).all())) != before:
                changes.append(change_words(label, before, now))
    if changes:
        log(account, Verb.ROLES, "; ".join(changes))


def _names(roles: Iterable[Model]) -> str:
    return joined(sorted(map(str, roles)))


def _detail_reasons(account: User | None, by: Person, details: Details) -> Iterator[str]:
    if not by.is_superuser and (details.get("is_superuser") or (account and account.is_superuser)):
        yield "Only a superuser can make somebody a superuser, or change the account of one."
    if account and account.pk == by.pk and _changes_roles(account, details):
        yield "Nobody changes their own roles. Ask somebody else who looks after accounts."
    address = details.get("email", "")
    if address and (account is None or account.email != address):
        yield from _shared_address(address, account)


def _changes_roles(account: User, details: Details) -> bool:
    now: dict[str, Any] = {"is_staff": account.is_staff, "is_superuser": account.is_superuser}
    if any(name in details and details[name] != value for name, value in now.items()):  # type: ignore[literal-required]
        return True
    return any(
        name in details and set(details[name]) != set(getattr(account, name).all())  # type: ignore[literal-required]
        for name in SETS
    )


def _shared_address(address: str, account: User | None) -> Iterator[str]:
    others = User.objects.filter(email__iexact=address)
    for other in others.exclude(pk=account.pk) if account else others:
        yield f"{address} is the address of the account “{other.username}” too. Each person has one account."


# The link to set a password


def send_link(account: User, by: User) -> None:
    """Send to an account's own address a link that sets its password, once."""
    with saving(by):
        account = _locked(account)
        refuse_for(reasons_not_to_send_link(account, by))
        _tell_link(account, f"{by} sends you a link to set a new password.")


def reasons_not_to_send_link(account: User, by: Person) -> list[Reason]:
    if found := not_permitted(by, CHANGE_ACCOUNTS, "send a link to set a password"):
        return found
    if not account.is_active:
        return ["This account is deactivated. Reactivate it first."]
    if not account.email:
        return ["This account has no e-mail address, so there is nowhere to send a link to. Give it one first."]
    return []


def link_to_set_password(account: User) -> str:
    """Return the address, on this site, of the page that sets the password of an account, once."""
    token = default_token_generator.make_token(account)
    return reverse("admin:set_password", args=[urlsafe_base64_encode(force_bytes(account.pk)), token])


def _tell_link(account: User, why: str, subject: str = "Set your password") -> None:
    notices.tell([account], subject, f"{why}\n\n{_link_words(account)}")
    log(account, Verb.LINK_SENT, f"To {account.email}")


def tell_of_password(account: User) -> None:
    """Tell a person that the password of their account was set: it may not have been by them."""
    body = f"The password of your account, {account.username}, was set.\n{IF_WRONG}"
    notices.tell([account], "Your password was set", body)


def _link_words(account: User) -> str:
    ends = timezone.now() + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    address = f"{settings.SITE_ADDRESS}{link_to_set_password(account)}"
    return (
        f"Set the password of the account “{account.username}” here:\n\n{address}\n\n"
        f"The link works once, until {when(ends)}. Nobody else got it. Nobody from this site will ever ask you for it, "
        "or for your password.\n"
    )


# Second steps of signing in

FACTOR_CHANGES = {
    "totp_activated": "An authenticator app was set up",
    "totp_deactivated": "The authenticator app was removed",
    "webauthn_added": "A passkey was set up",
    "webauthn_removed": "A passkey was removed",
    "recovery_codes_generated": "New recovery codes were made",
    "account_connected": "The organisation’s own sign-in was connected",
    "recovery_code_used": "A recovery code was used to sign in",
}


def factor_changed(account: User, change: str) -> None:
    """Keep and tell what a person, or somebody who passes for them, did to the second step of their account."""
    with saving(account):
        log(account, Verb.FACTOR, FACTOR_CHANGES[change])
        body = f"{FACTOR_CHANGES[change]} for your account, {account.username}.\n{IF_WRONG}"
        notices.tell([account], "how you sign in was changed", body)


def end_factors(account: User, by: User) -> None:
    """Remove the second steps and the password of somebody who lost theirs: the way back is a link to their address."""
    with saving(by):
        account = _locked(account)
        refuse_for(reasons_not_to_end_factors(account, by))
        _end_factors(account)
        _tell_link(account, f"{by} removed the second steps of your account, {account.username}, and its password.")


def reasons_not_to_end_factors(account: User, by: Person) -> list[Reason]:
    if found := reasons_not_to_change_account(account, by) or reasons_not_to_send_link(account, by):
        return found
    if account.pk == by.pk:
        return ["Nobody does this for themselves. Ask somebody else who looks after accounts."]
    return [] if Authenticator.objects.filter(user=account).exists() else ["This account has no second step."]


def end_sessions(account: User, by: User) -> None:
    """End the sessions of somebody whose browser may be in other hands. They can sign in again."""
    refuse_for(reasons_not_to_end_sessions(account, by))
    ended, _ = sessions_of(account).delete()
    log_sign_in(account, SignInEvent.Verb.ENDED, what=f"By {by}: {ended}"[:100])


def reasons_not_to_end_sessions(account: User, by: Person) -> list[Reason]:
    if found := reasons_not_to_change_account(account, by):
        return found
    if account.pk == by.pk:
        return ["End your own under “How you sign in”."]
    return [] if sessions_of(account).exists() else ["This account is not signed in anywhere."]


def end_factors_from_the_shell(account: User) -> str:
    """Remove second steps and password where nobody is left who could; return the link, for whoever runs the site."""
    with saving(why=FROM_THE_SHELL):
        account = _locked(account)
        if not account.is_active:
            refuse_for(["This account is deactivated."])
        _end_factors(account)
        log(account, Verb.LINK_SENT, "Shown to whoever runs the site")
        return f"{settings.SITE_ADDRESS}{link_to_set_password(account)}"


def _end_factors(account: User) -> None:
    Authenticator.objects.filter(user=account).delete()
    end_connection(account)
    account.set_unusable_password()
    account.save()  # which ends every session too
    log(account, Verb.FACTORS_ENDED)


def send_own_link(account: User) -> None:
    """Send to a person’s own address the link without which they cannot set up a first second step."""
    with saving(account):
        refuse_for(reasons_not_to_send_own_link(account))
        _tell_link(account, "You asked for a link to set up your second step. It starts with your password.")


def reasons_not_to_send_own_link(account: User) -> list[Reason]:
    if account.email:
        return []
    return ["Your account has no e-mail address. Ask the people who look after accounts to give it one."]


# Deactivate and reactivate


def deactivate(account: User, by: User) -> None:
    """Keep an account from signing in. What was done with it stays on record."""
    with saving(by):
        account = _locked(account)
        refuse_for(reasons_not_to_deactivate(account, by))
        account.is_active = False
        account.set_unusable_password()  # and with it every link that was sent
        account.save(update_fields=["is_active", "password"])  # which ends its sessions
        body = f"{by} deactivated your account, {account.username}. You cannot sign in with it any more.\n{IF_WRONG}"
        notices.tell([account], "Your account was deactivated", body)


def reasons_not_to_deactivate(account: User, by: Person) -> list[Reason]:
    if found := reasons_not_to_change_account(account, by):
        return found
    if account.pk == by.pk:
        return ["Nobody deactivates their own account. Ask somebody else who looks after accounts."]
    return [] if account.is_active else ["This account is deactivated already."]


def reactivate(account: User, by: User) -> None:
    """Let an account sign in again. Whoever reads its mail now may be another, so somebody must vouch for it anew."""
    with saving(by):
        account = _locked(account)
        refuse_for(reasons_not_to_reactivate(account, by))
        account.is_active = True
        account.save(update_fields=["is_active"])
        body = f"{by} reactivated your account, {account.username}. Its password has ended.\n{IF_WRONG}"
        notices.tell([account], "Your account was reactivated", body)
        if account.email:
            _tell_link(account, f"Your account, {account.username}, needs a new password.")


def reasons_not_to_reactivate(account: User, by: Person) -> list[Reason]:
    if found := reasons_not_to_change_account(account, by):
        return found
    return ["This account is active already."] if account.is_active else []


# Vouch


def vouch(account: User, by: User, *, seen: int | None = None) -> None:
    """Say that an account is that of the person whose name it has. `seen` is the `newest_change` that `by` saw."""
    with saving(by):
        account = _locked(account)
        refuse_for(reasons_not_to_vouch(account, by, seen=seen))
        _vouch(account, str(by))


def reasons_not_to_vouch(account: User, by: Person, *, seen: int | None = None) -> list[Reason]:
    """Say why this person cannot vouch for this account."""
    if found := not_permitted(by, APPROVE, "vouch for an account"):
        return found
    if account.pk == by.pk:
        return ["Nobody vouches for themselves. Ask another Editor."]
    if found := _not_to_be_vouched_for(account) or _unseen(account, seen):
        return found
    parts = dict.fromkeys(account.events.filter(by=by.pk, verb__in=HAD_A_PART).values_list("verb", flat=True))
    return [
        *(f"{HAD_A_PART[Verb(part)]}, so somebody else must vouch for it." for part in parts),
        *(_shared_address(account.email, account) if account.email else ()),
    ]


def vouch_from_the_shell(account: User) -> None:
    """Vouch for one of a site's first people, or where nobody is left who could. The log says how it came about."""
    with saving(why=FROM_THE_SHELL):
        account = _locked(account)
        refuse_for(_not_to_be_vouched_for(account))
        _vouch(account, "Whoever runs the site")


def _vouch(account: User, by: str) -> None:
    roles = ["Superuser"] if account.is_superuser else []
    log(account, Verb.VOUCHED, "; ".join(filter(None, [account.email or "no address", *roles, *_groups(account)])))
    body = f"{by} vouched for your account, {account.username}. You can approve what others submit.\n{IF_WRONG}"
    notices.tell([account], "Your account is vouched for", body)


def _groups(account: User) -> Iterator[str]:
    yield from sorted(account.groups.values_list("name", flat=True))


def _not_to_be_vouched_for(account: User) -> list[Reason]:
    if not account.is_active:
        return ["This account is deactivated."]
    if not account.has_perm(APPROVE):
        return ["This account cannot approve anything, so nobody needs to vouch for it."]
    if account.is_vouched_for:
        return ["Somebody has vouched for this account already."]
    return []


def may_vouch_for(by: Person) -> list[User]:
    """List the accounts that wait for somebody to vouch for them, and for which this person can."""
    if not_permitted(by, APPROVE, "vouch for an account"):
        return []
    waiting = User.objects.with_perm(APPROVE).filter(is_staff=True)
    return [account for account in waiting.order_by("username") if not reasons_not_to_vouch(account, by)]


# What they share


def newest_change(account: User) -> int:
    """Return the id of the newest change in an account's log, or 0: what somebody who looks at the account has seen."""
    changes = account.events.exclude(verb__in=LIFE)
    return changes.order_by("-pk").values_list("pk", flat=True).first() or 0


def _unseen(account: User, seen: int | None) -> list[Reason]:
    return [CHANGED_MEANWHILE] if seen is not None and seen != newest_change(account) else []


def _locked(account: User) -> User:
    """Return the account as it is kept, and keep others from changing it until the transaction ends."""
    return User.objects.select_for_update().get(pk=account.pk)
