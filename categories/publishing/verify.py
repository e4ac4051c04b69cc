"""What the public record must hold: every digest, the chain, the index of what each edition changed, and the log."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.db import transaction

from ..content import diff
from ..content.canonical import canonical, digest
from ..models import Edition, EditionChange, Guidance, SubmissionEvent

AT_ONCE = 10  # editions held in memory


def index_of(previous: Edition | None, edition: Edition) -> list[EditionChange]:
    """Return the index rows of an edition: one for each record that it touched.

    Records that an upgrade made up have one too: their slugs are theirs for ever.
    """
    return [
        EditionChange(
            edition=edition,
            record_id=change.id,
            kind=change.kind,
            action=change.action,
            slug=change.slug,
            title=change.title,
        )
        for change in diff.changes(previous.content if previous else None, edition.content, made_up=True)
    ]


@transaction.atomic
def rebuild_index() -> int:
    """Make the index again from the editions, and return how many rows it has."""
    EditionChange.objects.all().delete()
    count = 0
    for guidance in Guidance.objects.all():
        previous: Edition | None = None
        for edition in guidance.editions.order_by("number").iterator(chunk_size=AT_ONCE):
            count += len(EditionChange.objects.bulk_create(index_of(previous, edition)))
            previous = edition
    return count


def faults(guidance: Guidance) -> Iterator[str]:
    """Name everything in the record of one guidance that is not as it was published, in bounded memory."""
    previous: Edition | None = None
    editions = guidance.editions.select_related("corrects").prefetch_related("changes").order_by("number")
    for edition in editions.iterator(chunk_size=AT_ONCE):
        yield from (f"edition {edition.number}: {fault}" for fault in _edition_faults(edition, previous))
        previous = edition
    yield from _log_faults(guidance)


def _edition_faults(edition: Edition, previous: Edition | None) -> Iterator[str]:
    expected = previous.number + 1 if previous else 1
    if edition.number != expected:
        yield f"edition {expected} is missing before it"
    if edition.content_digest != digest(edition.content_text):
        yield "its content is not what its digest says"
    if edition.record_digest != digest(canonical(edition.record())):
        yield "its record is not what its digest says"
    if edition.previous_record_digest != (previous.record_digest if previous else ""):
        yield "it does not follow the edition before it"
    if previous and edition.live_at <= previous.live_at:
        yield "it is live no later than the edition before it"
    yield from _index_faults(edition, previous)


def _index_faults(edition: Edition, previous: Edition | None) -> Iterator[str]:
    try:
        expected = index_of(previous, edition)
    except (KeyError, ValueError):  # it is no content, or it names a record that it does not have
        yield "its content, or that of the edition before it, cannot be read"
        return
    if {_row(change) for change in edition.changes.all()} != {_row(change) for change in expected}:
        yield "its index is not what it changed; run rebuild_edition_changes"


def _row(change: Any) -> tuple[Any, ...]:
    return change.record_id, str(change.kind), str(change.action), change.slug, change.title


def _log_faults(guidance: Guidance) -> Iterator[str]:
    """The log of submissions names every edition made and every one taken off, so that a chain cut off is noticed.

    Both are read number by number, side by side.
    """
    present = iter(guidance.editions.order_by("number").values_list("number", "record_digest").iterator(AT_ONCE))
    number, digest_there = next(present, (0, ""))
    events = SubmissionEvent.objects.filter(submission__guidance=guidance, edition_number__isnull=False)
    events = events.select_related("submission").defer("submission__content_text").order_by("edition_number", "pk")
    for named, found in groupby(events.iterator(AT_ONCE), key=lambda event: event.edition_number):
        while number and number < (named or 0):
            number, digest_there = next(present, (0, ""))
        yield from _number_faults(named, list(found), digest_there if number == named else None)


def _number_faults(number: int | None, events: list[SubmissionEvent], present: str | None) -> Iterator[str]:
    """Hold what the log says of one number against the digest of the edition that has it, or None."""
    last: dict[str, SubmissionEvent] = {}
    for event in events:
        if event.takes_off and event.edition_record_digest not in last:
            yield f"edition {number}: {event.submission} took off what the log does not name as made"
        last[event.edition_record_digest] = event
    for digest_made, event in last.items():
        is_there = present == digest_made
        if event.takes_off and is_there:
            yield f"edition {number}: it is there, though {event.submission} took it off"
        elif not event.takes_off and not is_there:
            what = "it is not the one" if present is not None else "it is missing: there was one"
            yield f"edition {number}: {what} that the log of {event.submission} names"
