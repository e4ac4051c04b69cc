"""The working copy: what the database refuses, the sentence a person gets, and a history that nothing goes round."""

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from categories.models import ApprovalTest, Category, Cohort, ExamplesList, Guidance, Level
from categories.models.guidance import STEP
from categories.models.history import History, HistoryKept, saving
from tests.factories import (
    make_approval_test,
    make_category,
    make_cohort,
    make_examples_list,
    make_guidance,
    make_level,
    make_user,
    publish_loaded,
)
from tests.html import Page

pytestmark = pytest.mark.django_db

TRACKED = [Guidance, Category, ApprovalTest, ExamplesList, Level, Cohort]
MAKE = {"category": make_category, "approval test": make_approval_test, "examples list": make_examples_list}


@pytest.fixture
def guidance():
    return make_guidance()


@pytest.fixture
def published(guidance):
    """Guidance with one category that is live, and another that is a draft."""
    make_category(guidance, "live")
    publish_loaded(guidance)
    make_category(guidance, "draft")
    return guidance


def said(record, exclude=()) -> dict[str, list[str]]:
    """What full_clean() says, by field."""
    with pytest.raises(ValidationError) as error:
        record.full_clean(exclude=exclude)
    return error.value.message_dict


def refused_by_the_database(save) -> str:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        save()
    return str(error.value)


# Constraints


IN_SCOPE = {"availability": "in-scope", "in_scope_from_month": 11, "in_scope_from_year": 2023}
NO_MONTH = "Give the month and the year from which the category is in scope."
NOT_IN_SCOPE = "Only a category in scope has a month and a year; leave both empty."
YEAR = "A year has four digits, such as 2027."
WRONG_CATEGORIES = [
    (IN_SCOPE | {"in_scope_from_month": None}, "in_scope_has_month", NON_FIELD_ERRORS, NO_MONTH),
    (IN_SCOPE | {"in_scope_from_year": None}, "in_scope_has_month", NON_FIELD_ERRORS, NO_MONTH),
    (IN_SCOPE | {"availability": "not-stated"}, "month_only_in_scope", NON_FIELD_ERRORS, NOT_IN_SCOPE),
    ({"in_scope_from_month": 11}, "month_only_in_scope", NON_FIELD_ERRORS, NOT_IN_SCOPE),
    ({"in_scope_from_year": 2023}, "month_only_in_scope", NON_FIELD_ERRORS, NOT_IN_SCOPE),
    (IN_SCOPE | {"in_scope_from_month": 0}, "month_from_1_to_12", "in_scope_from_month", "Value 0 is not a valid"),
    (IN_SCOPE | {"in_scope_from_month": 13}, "month_from_1_to_12", "in_scope_from_month", "Value 13 is not a valid"),
    (IN_SCOPE | {"in_scope_from_year": 1899}, "year_has_four_digits", "in_scope_from_year", YEAR),
    (IN_SCOPE | {"in_scope_from_year": 3000}, "year_has_four_digits", "in_scope_from_year", YEAR),
    ({"relationship": "likes"}, "relationship_known", "relationship", "Value 'likes' is not a valid choice."),
    ({"t_level": "maybe"}, "t_level_known", "t_level", "Value 'maybe' is not a valid choice."),
    ({"availability": "in-scope-later"}, "availability_known", "availability", "'in-scope-later' is not a valid"),
]


@pytest.mark.parametrize(("fields", "constraint", "field", "sentence"), WRONG_CATEGORIES)
def test_a_wrong_category_is_refused_twice(fields, constraint, field, sentence, guidance):
    category = make_category(guidance)
    for name, value in fields.items():
        setattr(category, name, value)
    errors = said(category)
    assert list(errors) == [field]
    assert sentence in errors[field][0]
    assert constraint in refused_by_the_database(category.save)


@pytest.mark.parametrize("fields", [{}, IN_SCOPE, IN_SCOPE | {"in_scope_from_year": 2999, "in_scope_from_month": 1}])
def test_a_right_category_is_accepted(fields, guidance):
    make_category(guidance, **fields).full_clean()


def test_an_approval_test_of_an_unknown_kind_is_refused_twice(guidance):
    test = make_approval_test(guidance)
    test.kind = "charm"
    assert said(test) == {"kind": ["Value 'charm' is not a valid choice."]}
    assert "approval_kind_known" in refused_by_the_database(test.save)


@pytest.mark.parametrize("number", [0, 9])
def test_a_level_is_from_1_to_8(number):
    level = Level(number=number)
    assert said(level) == {"number": ["A level is a number from 1 to 8."]}
    assert "level_from_1_to_8" in refused_by_the_database(level.save)


def test_each_level_and_each_cohort_is_there_once(guidance):
    make_level(3)
    make_cohort("adults")
    for twin, field in ((Level(number=3), "number"), (Cohort(slug="adults", name="Others"), "slug")):
        assert "already" in said(twin)[field][0]
        refused_by_the_database(twin.save)


@pytest.mark.parametrize("exclude", [(), ("guidance",)])
@pytest.mark.parametrize("kind", MAKE)
def test_a_slug_is_had_once_in_one_guidance_whatever_a_form_leaves_out(kind, exclude, guidance):
    MAKE[kind](guidance, "one")
    twin = MAKE[kind](guidance, "two")
    twin.slug = "one"
    assert said(twin, exclude) == {"slug": [f"Another {kind} of this guidance has this slug."]}
    assert "slug" in refused_by_the_database(twin.save)


@pytest.mark.parametrize("kind", MAKE)
def test_other_guidance_may_have_the_same_slug(kind, guidance):
    MAKE[kind](guidance, "one")
    MAKE[kind](make_guidance(slug="other"), "one").full_clean()


def test_guidance_has_a_slug_of_its_own(guidance):
    twin = Guidance(slug=guidance.slug, title="Twin", publisher="Us", applies_to=["England"])
    assert said(twin) == {"slug": ["Guidance with this Slug already exists."]}
    refused_by_the_database(twin.save)


def test_the_words_of_the_filter_and_the_finder_are_no_cohorts(guidance, client):
    make_category(guidance, "one", cohorts=("adults",))
    make_category(guidance, "two", cohorts=("carers",))
    publish_loaded(guidance)
    pages = [Page(client.get(f"/guidance/{guidance.slug}/{address}")) for address in ("", "find/")]
    words = {box.get("value") for page in pages for box in page.all("input") if box.get("name") == "cohort"}
    assert len(words) == 4
    for slug in words - {"adults", "carers"}:
        sentence = f"“{slug}” has a meaning of its own in the filter and the finder; choose another."
        assert said(Cohort(slug=slug, name="Some")) == {"slug": [sentence]}


def test_text_is_kept_with_plain_line_ends_and_no_space_around_it(guidance):
    category = make_category(guidance, aim=" One\r\n\r\ntwo \n", title=" A title ")
    category.full_clean()
    assert (category.aim, category.title) == ("One\n\ntwo", "A title")


# History


WRITES = {
    "update": ({}, "Set the fields on each record and call its save()."),
    "delete": ({}, "Call delete() on each record."),
    "bulk_create": ({"objs": []}, "Call save() on each record."),
    "bulk_update": ({"objs": [], "fields": ["slug"]}, "Call save() on each record."),
}


@pytest.mark.parametrize("model", TRACKED)
@pytest.mark.parametrize("verb", WRITES)
def test_writes_without_history_are_refused_with_the_way_that_keeps_it(verb, model):
    options, instead = WRITES[verb]
    queryset = model.objects.all()
    for write in (getattr(queryset, verb), async_to_sync(getattr(queryset, f"a{verb}"))):
        with pytest.raises(HistoryKept) as error:
            write(**options)
        plural = model._meta.verbose_name_plural
        assert str(error.value) == f"{verb}() would leave no history of {plural}. {instead}"


def test_writes_through_related_records_are_refused_too(guidance):
    make_category(guidance)
    for write in (guidance.category_set.update, guidance.category_set.all().delete):
        with pytest.raises(HistoryKept):
            write()
    with pytest.raises(HistoryKept):
        make_guidance(slug="other").category_set.add(guidance.category_set.get())
    assert guidance.category_set.count() == 1


def fail(*args, **options):
    raise RuntimeError("the disk is full")


def test_nothing_is_saved_without_its_history(guidance, monkeypatch):
    category = make_category(guidance, title="As it was")
    monkeypatch.setattr(Category.history.model, "save", fail)
    category.title = "Half saved"
    for write in (category.save, category.delete, lambda: make_category(guidance, "another")):
        with pytest.raises(RuntimeError):
            write()
    assert [one.title for one in guidance.category_set.all()] == ["As it was"]


def test_no_choice_of_many_is_saved_without_its_history(guidance, monkeypatch):
    category, four = make_category(guidance, levels=(3,), title="As it was"), make_level(4)
    monkeypatch.setattr(History, "create_historical_record_m2ms", fail)
    category.title = "Half saved"
    for write in (category.save, lambda: category.levels.set([four]), category.approval_tests.clear):
        with pytest.raises(RuntimeError), saving():
            write()
    category.refresh_from_db()
    assert (category.title, category.approval_tests.count()) == ("As it was", 1)
    assert [level.number for level in category.levels.all()] == [3]


def test_what_is_saved_together_is_one_entry(guidance):
    one, two = make_category(guidance, "one"), make_category(guidance, "two")
    writer = make_user("writer", "Writer")
    with saving(by=writer, why="Both at once"):
        one.save()
        two.save()
        with saving(by=None, why="Never seen: the outermost names the reason"):
            two.levels.set([make_level(5)])
    rows = [one.history.first(), *two.history.all()[:2]]
    assert len({row.save_id for row in rows}) == 1
    assert {(row.history_user, row.history_change_reason) for row in rows} == {(writer, "Both at once")}


def test_separate_saves_are_separate_entries(guidance):
    category = make_category(guidance)
    category.save()
    category.save()
    one, two = category.history.all()[:2]
    assert one.save_id != two.save_id


def test_a_save_that_failed_names_nobody_in_the_next(guidance):
    with pytest.raises(RuntimeError), saving(by=make_user("writer"), why="It failed"):
        fail()
    category = make_category(guidance)
    assert category.history.first().history_user is None
    assert category.history.first().history_change_reason == "Made for a test"


def test_people_in_history_are_deactivated_and_never_deleted(guidance):
    writer = make_user("writer", "Writer")
    with saving(by=writer, why="Mine"):
        guidance.save()
    with pytest.raises(ProtectedError):
        writer.delete()
    with pytest.raises(ProtectedError):
        type(writer).objects.filter(pk=writer.pk).delete()
    writer.is_active = False
    writer.save()
    assert guidance.history.first().history_user == writer


# Deleting


def refused_to_delete(record) -> str:
    with pytest.raises(ProtectedError) as error:
        record.delete()
    assert type(record).objects.filter(pk=record.pk).exists()
    return error.value.args[0]


def test_what_is_in_use_cannot_be_deleted(guidance):
    examples = make_examples_list(guidance)
    category = make_category(guidance, title="The user", examples_list=examples)
    used = [examples, category.levels.get(), category.cohorts.get(), category.approval_tests.get()]
    for record in used:
        assert refused_to_delete(record) == f"“{record}” is used by “The user”."
    category.delete()
    for record in used:
        record.delete()
        assert not type(record).objects.filter(pk=record.pk).exists()


def test_what_was_published_is_withdrawn_instead_of_deleted(published):
    live = published.category_set.get(slug="live")
    for record in (published, live, live.approval_tests.get()):
        sentence = f"“{record}” has been published, so it stays on record. Withdraw it instead."
        assert refused_to_delete(record) == sentence


def test_what_was_never_published_can_be_deleted_and_its_history_stays(published):
    draft = published.category_set.get(slug="draft")
    key = draft.pk
    with saving(why="Not needed"):
        draft.delete()
    latest = Category.history.filter(id=key).first()
    assert (latest.history_type, latest.history_change_reason) == ("-", "Not needed")


def test_guidance_with_records_cannot_be_deleted(guidance):
    make_category(guidance)
    with pytest.raises(ProtectedError):
        guidance.delete()


def test_guidance_with_editions_cannot_be_deleted_even_past_its_own_check(published):
    with pytest.raises(ProtectedError):
        models.Model.delete(published)


# Addresses


def test_an_address_that_was_live_goes_to_no_other_record(published):
    live, draft = published.category_set.all()
    test = live.approval_tests.get()
    old = {live: "live", test: test.slug, published: published.slug}
    for record, slug in old.items():
        record.slug = f"{slug}-renamed"
        record.save()
    others = {
        live: draft,
        test: make_approval_test(published, "new"),
        published: make_guidance(slug="new", title="New"),
    }
    for record, other in others.items():
        other.slug = old[record]
        sentence = f"This address has belonged to “{record}” since it was published. Choose another."
        assert said(other) == {"slug": [sentence]}
        record.slug = old[record]
        record.full_clean()  # its own former address it may take again


def test_other_guidance_may_have_an_address_of_a_category_that_was_live_here(published):
    make_category(make_guidance(slug="other"), "live").full_clean()


# Order


def ordered(guidance) -> list[tuple[str, int]]:
    return [(category.slug, category.position) for category in guidance.category_set.all()]


def rows(guidance) -> int:
    return Category.history.filter(guidance=guidance).count()


@pytest.fixture
def three(guidance):
    return [make_category(guidance, slug) for slug in ("a", "b", "c")]


@pytest.mark.parametrize(("after", "order"), [(None, "cab"), (0, "acb"), (1, "abc")])
def test_a_record_is_placed_by_one_save(after, order, guidance, three):
    before = rows(guidance)
    three[2].place_after(three[after] if after is not None else None)
    assert "".join(slug for slug, _ in ordered(guidance)) == order
    assert rows(guidance) == before + 1


def test_a_new_record_is_placed_last(guidance, three):
    new = Category(guidance=guidance, slug="d", title="D")
    new.place_after(three[2])
    assert ordered(guidance)[-1] == ("d", 4 * STEP)


def test_the_first_record_of_all_has_a_gap_before_it(guidance):
    new = Category(guidance=guidance, slug="a", title="A")
    new.place_after(None)
    assert ordered(guidance) == [("a", STEP)]


@pytest.mark.parametrize("after", [None, 0])
def test_where_no_gap_is_left_all_are_numbered_again_in_one_entry(after, guidance, three):
    for position, category in enumerate(three, 1):
        category.position = position
        category.save()
    three[2].place_after(three[after] if after is not None else None)
    order = "cab" if after is None else "acb"
    assert ordered(guidance) == [(slug, place * STEP) for place, slug in enumerate(order, 1)]
    assert len({category.history.first().save_id for category in three}) == 1


def test_a_move_that_fails_half_way_moves_nothing(guidance, three, monkeypatch):
    for category in three:
        category.position = 1
        category.save()
    was, save = ordered(guidance), Category.save

    def fail_at_the_second(self, *args, **options):
        if self.slug == "a":
            fail()
        save(self, *args, **options)

    monkeypatch.setattr(Category, "save", fail_at_the_second)
    with pytest.raises(RuntimeError):
        three[2].place_after(None)
    assert ordered(guidance) == was


def test_cohorts_have_an_order_too():
    one, two = make_cohort("one"), make_cohort("two")
    one.place_after(two)
    assert list(Cohort.objects.all()) == [two, one]
