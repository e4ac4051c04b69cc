"""Reasons and changes as staff read them: each leads to the record that it is about."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from .. import publishing
from ..content.diff import Change
from ..content.links import LinkIn, links
from ..content.rules import Fault
from ..content.schema import Content
from ..content.vocabulary import Action, RecordKind
from ..models import Guidance
from ..models.kinds import MODELS
from ..public.strays import strays
from ..publishing import Reason

FORM_FIELDS = {"contact": "contact_url"}  # where the form has another name than the content


def as_links(reasons: Iterable[Reason]) -> list[tuple[str, str]]:
    """Return each reason as a sentence and the address of the record that it is about, if it is about one."""
    return [(str(reason), fault_url(reason) if isinstance(reason, Fault) else "") for reason in reasons]


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """A link to mend: what is wrong with it, and the address to write in its place, if one is known."""

    link: LinkIn
    why: str
    suggestion: str

    @property
    def url(self) -> str:
        """The field in which it stands, in the form of its record."""
        field = FORM_FIELDS.get(self.link.field, self.link.field)
        name = f"admin:categories_{MODELS[self.link.kind]._meta.model_name}_change"
        return f"{reverse(name, args=[self.link.id])}#id_{field}"


def broken_links(*contents: Content, of: UUID | None = None) -> list[BrokenLink]:
    """Collect the links of contents, or of one record, that lead nowhere on this site or were found broken outside."""
    at = timezone.now()
    found = [
        BrokenLink(stray.link, f"It {stray.why}.", stray.nearest)
        for content in contents
        for stray in strays(content, at, of)
    ]
    others = [link for content in contents for link in links(content) if of in (None, link.id)]
    broken = publishing.broken_among(link.address for link in others)
    for link in others:
        if known := broken.get(link.address):
            found.append(BrokenLink(link, known.why, known.suggestion))
    return list(dict.fromkeys(found))


def links_to_mend(content: Content) -> list[tuple[str, str]]:
    """Name each broken link of a content. It keeps nothing from being published: its page may be to come."""
    return [(_sentence(one), one.url) for one in broken_links(content)]


def _sentence(broken: BrokenLink) -> str:
    link = broken.link
    suggested = f" Suggested: {broken.suggestion}" if broken.suggestion else ""
    return f"{link.kind.label} “{link.title}”, {link.label.lower()}: {link.address}. {broken.why}{suggested}"


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


def draft_url(change: Change) -> str:
    """The same, without a look at the database: of a record that is in the working copy or was removed from it."""
    if change.action == Action.REMOVED:
        return ""
    return reverse(f"admin:categories_{MODELS[change.kind]._meta.model_name}_change", args=[change.id])


def _url(kind: RecordKind, record: Any) -> str:
    name = f"admin:categories_{MODELS[kind]._meta.model_name}"
    return reverse(f"{name}_change", args=[record.pk]) if record else reverse(f"{name}_changelist")
