"""From the working copy to content: all of it, or the newest edition with some records replaced."""

from collections.abc import Set
from typing import Any
from uuid import UUID

from ..content.entries import SCHEMA, Entry, assemble
from ..content.order import arranged
from ..content.schema import Content
from ..content.vocabulary import RecordKind
from ..models import Cohort, Guidance, Level


def working_data(guidance: Guidance) -> dict[str, Any]:
    """Return the working copy of a guidance as content data, drafts with all their faults included."""
    tests = list(guidance.approvaltest_set.all())
    place = {test.pk: number for number, test in enumerate(tests)}
    categories = guidance.category_set.select_related("examples_list")
    categories = categories.prefetch_related("levels", "cohorts", "approval_tests")
    return {
        "schema": SCHEMA,
        "id": str(guidance.pk),
        "slug": guidance.slug,
        "title": guidance.title,
        "summary": guidance.summary,
        "publisher": guidance.publisher,
        "first_published_on": guidance.first_published_on and guidance.first_published_on.isoformat(),
        "applies_to": guidance.applies_to,
        "notice": guidance.notice,
        "under_review": guidance.under_review,
        "levels": [level.number for level in Level.objects.all()],
        "cohorts": [{"slug": cohort.slug, "name": cohort.name} for cohort in Cohort.objects.all()],
        "categories": [_category(category, place) for category in categories],
        "approval_tests": [_approval_test(test) for test in tests],
        "examples_lists": [_examples_list(examples) for examples in guidance.exampleslist_set.all()],
    }


def _category(category: Any, place: dict[UUID, int]) -> dict[str, Any]:
    tests = sorted(category.approval_tests.all(), key=lambda test: place.get(test.pk, len(place)))
    return {
        "id": str(category.pk),
        "slug": category.slug,
        "title": category.title,
        "levels": [level.number for level in category.levels.all()],
        "cohorts": [cohort.slug for cohort in category.cohorts.all()],
        "relationship": str(category.relationship),
        "relationship_text": category.relationship_text,
        "aim": category.aim,
        "example": category.example,
        "by_exception": category.by_exception,
        "t_level": str(category.t_level),
        "approval_tests": [test.slug for test in tests],
        "availability": {"status": str(category.availability), "from": category.in_scope_from},
        "examples_list": category.examples_list.slug if category.examples_list else None,
        "synonyms": category.synonyms,
        "withdrawn": category.withdrawn or None,
    }


def _approval_test(test: Any) -> dict[str, Any]:
    return {
        "id": str(test.pk),
        "slug": test.slug,
        "name": test.name,
        "kind": str(test.kind),
        "description": test.description,
        "withdrawn": test.withdrawn or None,
    }


def _examples_list(examples: Any) -> dict[str, Any]:
    return {"slug": examples.slug, "name": examples.name, "covers": examples.covers, "url": examples.url or None}


def compose(base: Content | None, working: Content, chosen: Set[UUID]) -> dict[str, Any]:
    """Return content data: the base edition with the chosen records as the working copy has them.

    Unchosen records stay as the base has them, and so does their order. A chosen one takes the working copy's place
    for it only where it was added or moved itself: a text that is chosen carries nobody's move along. With every
    changed record chosen, the result is the working copy exactly.
    """
    if base is None:
        return assemble(working.id, [entry for entry in working.entries.values() if entry.id in chosen])
    result: list[Entry] = []
    for kind in RecordKind:
        old, new = (
            {one.id: one for one in content.entries.values() if one.kind == kind} for content in (base, working)
        )
        both = old | {identity: entry for identity, entry in new.items() if identity in chosen}
        result += [both[identity] for identity in arranged([*old], [*new], chosen)]
    return assemble(working.id, result)
