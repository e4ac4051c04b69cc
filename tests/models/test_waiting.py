"""What a submission that waits for approval keeps: its records are not deleted, and its addresses go to no other."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from categories import publishing
from categories.models.history import saving
from categories.publishing import loading, snapshot
from tests.factories import (
    make_approval_test,
    make_availability,
    make_category,
    make_cohort,
    make_examples_list,
    make_guidance,
    make_level,
    make_t_level,
    make_user,
    publish_loaded,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def guidance():
    guidance = make_guidance()
    make_category(guidance, "one")
    publish_loaded(guidance)
    return guidance


@pytest.fixture
def writer():
    return make_user("writer", "Writer")


@pytest.fixture
def new(guidance, writer):
    """Records that are in a submission and in no edition, with nothing in the working copy that uses them any more."""
    with saving(writer, "New"):
        test, examples = make_approval_test(guidance, "new-test"), make_examples_list(guidance, "new-list")
        named = {"examples_list": examples, "t_level": make_t_level(guidance), "steps": (("in-scope", "2027-03"),)}
        category = make_category(guidance, "new", (7,), ("carers",), (test,), **named)
    submission = publishing.submit(guidance, writer, change_note="A new category.")
    with saving(writer, "Not so after all"):
        category.levels.clear()
        category.cohorts.clear()
        category.approval_tests.clear()
        category.examples_list, category.t_level, category.availability = None, None, []
        category.save()
    terms = [make_t_level(guidance), make_availability(guidance)]
    return submission, [category, test, examples, *terms, make_level(guidance, 7), make_cohort(guidance, "carers")]


def test_what_waits_is_not_deleted_until_it_is_decided(new, writer):
    submission, records = new
    for record in records:
        with pytest.raises(ProtectedError) as error:
            record.delete()
        assert error.value.args[0] == f"“{record}” is in a submission that waits for approval."
    publishing.recall(submission, writer)
    for record in records:
        record.delete()


def test_levels_and_cohorts_that_nothing_uses_may_go_while_something_waits(guidance, writer):
    level, cohort = make_level(guidance, 8), make_cohort(guidance, "nobody")
    with saving(writer, "New"):
        make_category(guidance, "new")
    publishing.submit(guidance, writer, change_note="A new category.")
    level.delete()
    cohort.delete()


def test_a_level_of_other_guidance_does_not_wait(new, guidance):
    other = make_guidance(slug="other", title="Other")
    make_category(other, "elsewhere", (7,))
    assert make_level(guidance, 7).waits()
    assert not make_level(guidance, 6).waits()
    assert not make_level(other, 7).waits()


# Addresses


@pytest.fixture
def renamed(guidance, writer):
    """A category whose new slug waits, and which has its old one again in the working copy."""
    category = guidance.category_set.get(slug="one")
    for slug in ("prize", "one"):
        category.slug = slug
        with saving(writer, "Another slug"):
            category.save()
        if slug == "prize":
            publishing.submit(guidance, writer, change_note="A new address.")
    return category


TAKEN = "This address belongs to “One” in a submission that waits for approval. Choose another."


def test_an_address_that_waits_goes_to_no_other_record(renamed, guidance):
    other = make_category(guidance, "two")
    other.slug = "prize"
    with pytest.raises(ValidationError) as error:
        other.full_clean()
    assert error.value.message_dict == {"slug": [TAKEN]}


def test_the_record_itself_may_have_it_and_so_may_another_kind_and_other_guidance(renamed, guidance):
    renamed.slug = "prize"
    renamed.full_clean()
    make_approval_test(guidance, "prize").full_clean()
    make_category(make_guidance(slug="other", title="Other"), "prize").full_clean()


def test_the_address_is_free_once_the_submission_is_recalled(renamed, guidance, writer):
    publishing.recall(guidance.submissions.get(status="submitted"), writer)
    make_category(guidance, "prize").full_clean()


def test_an_address_of_guidance_that_waits_goes_to_no_other_guidance(guidance, writer):
    for slug in ("prize", "guidance-for-tests"):
        guidance.slug = slug
        with saving(writer, "Another slug"):
            guidance.save()
        if slug == "prize":
            publishing.submit(guidance, writer, change_note="A new address.")
    with pytest.raises(ValidationError, match="belongs to “Guidance for tests” in a submission that waits"):
        make_guidance(slug="prize", title="Other").full_clean()


def test_a_file_cannot_take_it_either(renamed, guidance):
    data = snapshot.working_data(guidance)
    data["categories"].append(data["categories"][0] | {"id": str(uuid4()), "slug": "prize", "title": "Two"})
    _, faults = loading.read(data)
    sentence = "“prize” belongs to “One” in a submission that waits for approval"
    assert [(fault.field, fault.message) for fault in faults] == [("slug", sentence)]


# What putting back would add


def test_what_putting_back_adds_is_told_beforehand(guidance, writer):
    category = guidance.category_set.get()
    content = guidance.editions.newest().content
    assert loading.made_by_putting_back(guidance, content, category.pk) == []
    with saving(writer, "Away"):
        category.cohorts.clear()
        make_cohort(guidance, "adults").delete()
    [cohort] = loading.made_by_putting_back(guidance, content, category.pk)
    assert (cohort.kind, cohort.slug) == ("cohort", "adults")
    assert loading.made_by_putting_back(guidance, content, cohort.id) == [cohort]
