"""The index of what each edition changed: derived from the editions, and made again from them."""

from django.db import transaction

from ..content import diff
from ..models import Edition, EditionChange, Guidance

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
