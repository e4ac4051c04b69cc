"""The working copy: what the database refuses, the sentence a person gets, and a history that nothing goes round."""

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from categories.models import Category, Guidance, Level
from categories.models.guidance import STEP
from categories.models.history import History, HistoryKept, saving
from categories.models.kinds import MODELS
from tests.factories import (
    NOT_YET,
    make_approval_test,
    make_availability,
    make_category,
    make_cohort,
    make_examples_list,
    make_guidance,
    make_level,
    make_relationship,
    make_short_form,
    make_t_level,
    make_user,
    publish_loaded,
)

pytestmark = pytest.mark.django_db

TRACKED = list(MODELS.values())
MAKE = {
    "category": make_category,
    "approval test": make_approval_test,
    "examples list": make_examples_list,
    "cohort": make_cohort,
    "relationship": make_relationship,
    "T Level position": make_t_level,
    "availability": make_availability,
}
KEYED = [
    (make_level, "number", "Another level of this guidance has this number."),
    (make_short_form, "term", "Another short form of this guidance has this short form."),
]


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


MARCH, MAY = "2027-03", "2027-05"
WRONG_STEPS = [
    ([("in-scope", None)], "“In scope” needs the month from which it counts."),
    ([(NOT_YET, MARCH)], "“Not yet available” takes no month."),
    ([("in-scope", MARCH), (NOT_YET, None)], "“Not yet available” has no month, so it must stand first or alone."),
    ([("in-scope", MARCH), ("ended", MARCH)], "each month must be later than the one before it."),
    ([("in-scope", MAY), ("ended", MARCH)], "each month must be later than the one before it."),
]


@pytest.mark.parametrize(("steps", "sentence"), WRONG_STEPS)
def test_a_wrong_availability_is_refused(steps, sentence, guidance):
    assert said(make_category(guidance, steps=steps)) == {"availability": [sentence]}


@pytest.mark.parametrize(
    "steps", [[], [(NOT_YET, None)], [("in-scope", MARCH), ("ended", MAY)], [(NOT_YET, None), ("in-scope", MARCH)]]
)
def test_a_right_availability_is_accepted(steps, guidance):
    make_category(guidance, steps=steps).full_clean()


def test_a_state_of_other_guidance_is_no_state_of_this(guidance):
    foreign = make_availability(make_guidance(slug="other"))
    category = make_category(guidance, availability=[{"state": str(foreign.pk), "from": MARCH}])
    assert said(category) == {"availability": [f"“{foreign.pk}” is no availability of this guidance."]}


def test_what_a_state_says_of_months_stays_true_of_its_categories(guidance):
    make_category(guidance, title="The user", steps=(("in-scope", MARCH),))
    state = make_availability(guidance)
    state.dated = False
    assert said(state) == {"dated": ["It is the state of “The user”. Give those another state first."]}
    unused = make_availability(guidance, "ended")
    unused.dated = False
    unused.full_clean()


def test_a_t_level_position_says_what_the_finder_can_ask(guidance):
    position = make_t_level(guidance)
    position.covered = "perhaps"
    assert said(position) == {"covered": ["Value 'perhaps' is not a valid choice."]}
    assert "coverage_known" in refused_by_the_database(position.save)


def test_a_contact_has_a_name_and_a_way_to_reach_it(guidance):
    guidance.contact_name = "The team"
    assert said(guidance) == {"contact_email": ["Give the contact an e-mail address or a web address."]}
    guidance.contact_name, guidance.contact_email = "", "team@example.org"
    assert said(guidance) == {"contact_name": ["Give the contact a name."]}
    guidance.contact_name = "The team"
    guidance.full_clean()


def test_an_approval_test_of_an_unknown_kind_is_refused_twice(guidance):
    test = make_approval_test(guidance)
    test.kind = "charm"
    assert said(test) == {"kind": ["Value 'charm' is not a valid choice."]}
    assert "approval_kind_known" in refused_by_the_database(test.save)


@pytest.mark.parametrize("number", [0, 9])
def test_a_level_is_from_1_to_8(number, guidance):
    level = Level(guidance=guidance, number=number)
    assert said(level) == {"number": ["A level is a number from 1 to 8."]}
    assert "number_from_1_to_8" in refused_by_the_database(level.save)


@pytest.mark.parametrize("exclude", [(), ("guidance",)])
@pytest.mark.parametrize("kind", MAKE)
def test_a_slug_is_had_once_in_one_guidance_whatever_a_form_leaves_out(kind, exclude, guidance):
    MAKE[kind](guidance, "one")
    twin = MAKE[kind](guidance, "two")
    twin.slug = "one"
    assert said(twin, exclude) == {"slug": [f"Another {kind} of this guidance has this slug."]}
    assert "slug" in refused_by_the_database(twin.save)


@pytest.mark.parametrize("exclude", [(), ("guidance",)])
@pytest.mark.parametrize(("make", "key", "sentence"), KEYED)
def test_so_is_a_number_and_a_short_form(make, key, sentence, exclude, guidance):
    one, twin = (make(guidance, value) for value in (3, 4))
    setattr(twin, key, getattr(one, key))
    assert said(twin, exclude) == {key: [sentence]}
    assert key in refused_by_the_database(twin.save)


@pytest.mark.parametrize("make", [*MAKE.values(), make_level, make_short_form])
def test_other_guidance_may_have_the_same_slug_number_and_term(make, guidance):
    for one in (guidance, make_guidance(slug="other")):
        make(one, 3 if make is make_level else "one").full_clean()


def test_guidance_has_a_slug_of_its_own(guidance):
    twin = Guidance(slug=guidance.slug, title="Twin", publisher="Us", applies_to=["England"])
    assert said(twin) == {"slug": ["Guidance with this Slug already exists."]}
    refused_by_the_database(twin.save)


@pytest.mark.parametrize("make", [make_cohort, make_relationship, make_t_level, make_availability])
@pytest.mark.parametrize("slug", ["not-stated", "not-sure", "in-scope-later"])
def test_the_words_of_the_filter_and_the_finder_are_no_values(slug, make, guidance):
    sentence = f"“{slug}” has a meaning of its own in the filter and the finder; choose another."
    assert said(make(guidance, slug, "Some")) == {"slug": [sentence]}


def test_an_examples_list_is_no_value_of_a_filter(guidance):
    make_examples_list(guidance, "not-stated").full_clean()


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
    category, four = make_category(guidance, levels=(3,), title="As it was"), make_level(guidance, 4)
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
            two.levels.set([make_level(guidance, 5)])
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


@pytest.mark.parametrize("command", ["clean_old_history --auto --days 0", "clean_duplicate_history --auto"])
def test_the_history_is_never_cleaned(command, guidance):
    guidance.save()
    before = list(Guidance.history.values())
    with pytest.raises(CommandError, match="stays on record for ever"):
        call_command(*command.split())
    assert list(Guidance.history.values()) == before


def test_people_without_history_can_be_deleted():
    make_user("nobody").delete()


# Deleting


def refused_to_delete(record) -> str:
    with pytest.raises(ProtectedError) as error:
        record.delete()
    assert type(record).objects.filter(pk=record.pk).exists()
    return error.value.args[0]


def test_what_is_in_use_cannot_be_deleted(guidance):
    examples, t_level, state = make_examples_list(guidance), make_t_level(guidance), make_availability(guidance)
    named = {"examples_list": examples, "t_level": t_level, "steps": (("in-scope", MARCH),)}
    category = make_category(guidance, title="The user", **named)
    used = [examples, t_level, state, category.relationship]
    used += [category.levels.get(), category.cohorts.get(), category.approval_tests.get()]
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
    new = Category(guidance=guidance, slug="d", title="D", relationship=make_relationship(guidance))
    new.place_after(three[2])
    assert ordered(guidance)[-1] == ("d", 4 * STEP)


def test_the_first_record_of_all_has_a_gap_before_it(guidance):
    new = Category(guidance=guidance, slug="a", title="A", relationship=make_relationship(guidance))
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


@pytest.mark.parametrize("make", [make_cohort, make_relationship, make_t_level, make_availability, make_short_form])
def test_the_vocabulary_has_an_order_too(make, guidance):
    one, two, foreign = make(guidance, "one"), make(guidance, "two"), make(make_guidance(slug="other"), "one")
    one.place_after(two)
    assert list(one.siblings()) == [two, one]
    assert list(foreign.siblings()) == [foreign]
