"""Reasons and changes as staff read them: each leads to the record that it is about."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from ..content.diff import Change
from ..content.rules import Fault
from ..content.schema import Content
from ..content.vocabulary import RecordKind
from ..models import Guidance
from ..models.kinds import MODELS
from ..public.strays import strays
from ..publishing import Reason


def as_links(reasons: Iterable[Reason]) -> list[tuple[str, str]]:
    """Return each reason as a sentence and the address of the record that it is about, if it is about one."""
    return [(str(reason), fault_url(reason) if isinstance(reason, Fault) else "") for reason in reasons]


def stray_links(content: Content) -> list[tuple[str, str]]:
    """Name each link of a content that leads to no page of this site: a warning, since the page may be to come."""
    return as_links(
        Fault(
            one.kind,
            str(one.id),
            one.title,
            one.label.lower(),
            f"the link “{one.address}” leads to no page of this site",
        )
        for one in strays(content, timezone.now())
    )


def fault_url(fault: Fault) -> str:
    """Return the address of the form of a faulty record, or of the list of its kind where it cannot be found."""
    try:
        return _url(fault.kind, MODELS[fault.kind].objects.filter(pk=UUID(fault.record)).first())
    except (ValueError, TypeError):
        return _url(fault.kind, None)


def change_url(change: Change, guidance: Guidance) -> str:
    """Return the address of the form of a changed record, or "" where the record is deleted."""
    found = MODELS[change.kind].objects.filter(pk=change.id).first()
    return _url(change.kind, found) if found else ""


def _url(kind: RecordKind, record: Any) -> str:
    name = f"admin:categories_{MODELS[kind]._meta.model_name}"
    return reverse(f"{name}_change", args=[record.pk]) if record else reverse(f"{name}_changelist")
