"""Every kind of record of the working copy, and how the one that an edition names is found."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from ..content.vocabulary import RecordKind
from .category import ApprovalTest, Category, Cohort, ExamplesList, Level
from .guidance import Guidance

# Every kind of record, in the order in which they can be made: none before what it names
MODELS: dict[RecordKind, Any] = {
    model.record_kind: model for model in (Guidance, Level, Cohort, ExamplesList, ApprovalTest, Category)
}


def record_lookup(kind: RecordKind, guidance: UUID, identity: UUID, slug: str) -> Q:
    """Return how a record that editions name is found in the table of its kind, or in the history of that."""
    match kind:
        case RecordKind.LEVEL:
            return Q(number=int(slug))
        case RecordKind.COHORT:
            return Q(slug=slug)
        case RecordKind.EXAMPLES_LIST:
            return Q(guidance=guidance, slug=slug)
    return Q(id=identity)
