"""Every kind of record of the working copy."""

from typing import Any

from ..content.vocabulary import RecordKind
from .category import ApprovalTest, Category
from .guidance import Guidance
from .terms import Availability, Cohort, ExamplesList, Level, Relationship, ShortForm, TLevel

# In the order in which they can be made: none before what it names
MODELS: dict[RecordKind, Any] = {
    model.record_kind: model
    for model in (
        Guidance,
        ShortForm,
        Level,
        Cohort,
        Relationship,
        TLevel,
        Availability,
        ExamplesList,
        ApprovalTest,
        Category,
    )
}
