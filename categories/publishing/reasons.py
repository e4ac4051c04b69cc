"""Why a verb cannot happen: what the reasons of all verbs share.

A reason is a sentence, or a `Fault` where it is about a record.
"""

from collections.abc import Collection, Iterable

from django.contrib.auth.models import AnonymousUser

from ..content.rules import Fault
from ..models import Submission, User

Reason = str | Fault
Person = User | AnonymousUser

SUBMIT = "categories.add_submission"
APPROVE = "categories.approve_submission"
ADD_ACCOUNTS = "categories.add_user"
CHANGE_ACCOUNTS = "categories.change_user"
ROLES = {APPROVE: "an Editor", **dict.fromkeys((ADD_ACCOUNTS, CHANGE_ACCOUNTS), "whoever looks after accounts")}


class Refused(Exception):
    """A verb cannot happen; `reasons` says why, a sentence or a fault each."""

    def __init__(self, reasons: Iterable[Reason]):
        self.reasons = list(reasons)
        super().__init__(" ".join(map(str, self.reasons)))


def refuse_for(reasons: Collection[Reason]) -> None:
    if reasons:
        raise Refused(reasons)


def not_permitted(by: Person, permission: str, verb: str) -> list[Reason]:
    """Say why a person may not do something: they lack the permission, or to approve, somebody to vouch for them."""
    if not by.has_perm(permission):
        return [f"Only {ROLES.get(permission, 'a Writer or an Editor')} can {verb}."]
    if permission == APPROVE and isinstance(by, User) and not by.is_vouched_for:
        return [
            "Nobody has vouched for your account since it was made, or since its address or roles last changed, so "
            f"you cannot {verb} yet. Ask an Editor who had no part in that to vouch for you, on your account’s page."
        ]
    return []


def not_open(submission: Submission, done: str) -> list[Reason]:
    if submission.status == Submission.Status.SUBMITTED:
        return []
    state = submission.get_status_display().lower()
    return [f"This submission is {state}; only one that waits for approval can be {done}."]


def unexplained(why: str | None, sentence: str) -> list[Reason]:
    """Return the sentence that asks for a why that is empty. None is not asked for yet."""
    return [sentence] if why is not None and not why.strip() else []
