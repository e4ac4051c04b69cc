"""Every save leaves who touched which aspect of which record, whatever becomes of the audit trail."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from categories.models import Category, Contribution, Level, SubmissionContribution, SubmissionEvent
from categories.models.guidance import STEP
from categories.models.history import HistoryKept, saving
from categories.models.kinds import MODELS
from categories.models.log import Immutable
from tests.factories import (
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

MAKE = [
    make_approval_test,
    make_availability,
    make_cohort,
    make_examples_list,
    make_relationship,
    make_short_form,
    make_t_level,
]


@pytest.fixture
def guidance():
    return make_guidance()


@pytest.fixture
def category(guidance):
    return make_category(guidance)


@pytest.fixture
def writer():
    return make_user("writer", "Writer")


@pytest.fixture
def told(guidance, category, writer):
    """Says which aspects of which records what is done touched, by the writer."""

    def of(act) -> dict[tuple[str, object], list[str]]:
        before = Contribution.objects.count()
        with saving(by=writer, why="An edit"):
            act()
        found: dict[tuple[str, object], list[str]] = {}
        for one in Contribution.objects.order_by("pk")[before:]:
            assert (one.by, one.guidance) == (writer, guidance)
            found.setdefault((one.kind, one.record_id), []).append(one.aspect)
        return found

    return of


def changed(record, **fields):
    for name, value in fields.items():
        setattr(record, name, value)
    return record


@pytest.mark.parametrize("make", MAKE)
def test_what_is_added_has_presence_text_and_place(make, guidance, told):
    made = []
    found = told(lambda: made.append(make(guidance, "another")))
    assert found == {(made[0].record_kind, made[0].pk): ["presence", "text", "place"]}


def test_what_has_no_place_has_presence_and_text(guidance, told):
    made = []
    assert told(lambda: made.append(make_level(guidance, 7))) == {("level", made[0].pk): ["presence", "text"]}


def test_guidance_is_a_record_of_its_own():
    guidance = make_guidance(slug="another")
    rows = Contribution.objects.filter(guidance=guidance).values_list("kind", "record_id", "aspect")
    assert list(rows) == [("guidance", guidance.pk, "presence"), ("guidance", guidance.pk, "text")]


@pytest.mark.parametrize(
    ("fields", "aspects"),
    [
        ({"aim": "Another."}, ["text"]),
        ({"synonyms": ["Another name"]}, ["text"]),
        ({"withdrawn": "It ended."}, ["text"]),
        ({"position": 5}, ["place"]),
        ({"position": 5, "slug": "another"}, ["text", "place"]),
    ],
)
def test_a_save_touches_what_it_changes(fields, aspects, category, told):
    assert told(changed(category, **fields).save) == {("category", category.pk): aspects}


def test_a_save_that_changes_nothing_touches_nothing(guidance, category, told):
    assert told(category.save) == {}
    assert told(Category.objects.only("aim").get().save) == {}
    guidance.applies_to = ["England"]
    guidance.first_published_on = None
    assert told(guidance.save) == {}


def test_only_what_a_save_writes_counts(category, told):
    changed(category, aim="Another.", position=5)
    assert told(lambda: category.save(update_fields=["position"])) == {("category", category.pk): ["place"]}
    assert told(lambda: category.save(update_fields=[])) == {}


def test_what_somebody_else_has_saved_since_is_what_a_save_overwrites(category, told):
    mine = Category.objects.get()
    changed(category, aim="Theirs.").save()
    assert told(mine.save) == {("category", category.pk): ["text"]}


def test_what_a_record_names_is_its_text(guidance, category, told):
    other = make_level(guidance, 5)
    touched = {("category", category.pk): ["text"]}
    assert told(lambda: category.levels.add(other)) == touched
    assert told(lambda: category.levels.add(other)) == {}
    assert told(lambda: category.levels.set(list(category.levels.all()))) == {}
    assert told(lambda: category.levels.remove(other)) == touched
    assert told(category.cohorts.clear) == touched


def test_what_names_a_record_is_not_set_from_its_side(guidance, category):
    level = make_level(guidance, 5)
    for write in (level.category_set.add, level.category_set.remove):
        with pytest.raises(HistoryKept, match="Set levels on each record"), saving():
            write(category)
    assert Level.objects.get(number=5).category_set.count() == 0


def test_a_deletion_touches_that_it_is_there(category, told):
    key = category.pk
    assert told(category.delete) == {("category", key): ["presence"]}


def test_a_record_saved_after_somebody_deleted_it_is_added_again(category, told):
    mine = Category.objects.get()
    category.delete()
    assert told(mine.save) == {("category", mine.pk): ["presence", "text", "place"]}


def test_those_numbered_anew_to_make_room_are_moved(guidance, category, told):
    after = [make_category(guidance, slug) for slug in ("two", "three")]
    changed(after[0], position=category.position + 1).save()
    found = told(lambda: after[1].place_after(category))
    assert found == {("category", one.pk): ["place"] for one in reversed(after)}
    assert [one.position for one in guidance.category_set.all()] == [STEP, 2 * STEP, 3 * STEP]


def test_with_nobody_known_it_is_nobodys(category):
    changed(category, aim="Another.").save()
    assert Contribution.objects.latest("pk").by is None


def test_the_audit_trail_may_be_off(category, told, settings):
    settings.SIMPLE_HISTORY_ENABLED = False
    touched = {("category", category.pk): ["text"]}
    assert told(changed(category, aim="Another.").save) == touched
    assert told(lambda: category.levels.set([])) == touched
    settings.SIMPLE_HISTORY_ENABLED = True
    assert told(changed(category, aim="A third.").save_without_historical_record) == touched


def test_nothing_is_saved_without_it(guidance, category, monkeypatch):
    def fail(*args, **options):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(Category, "contribute", fail)
    for write in (changed(category, aim="Half saved").save, category.cohorts.clear, category.delete):
        with pytest.raises(RuntimeError), saving():
            write()
    category = Category.objects.get()
    assert (category.aim, category.cohorts.count()) == ("Entry to the aligned occupation.", 1)


def test_nothing_of_it_stays_of_what_failed(category):
    before = Contribution.objects.count()
    with pytest.raises(RuntimeError), saving():
        changed(category, aim="Half saved").save()
        raise RuntimeError
    assert Contribution.objects.count() == before


def test_people_who_contributed_are_never_deleted(category, writer, told):
    told(changed(category, aim="Another.").save)
    for model in MODELS.values():
        model.history.all().delete()
    with pytest.raises(Exception, match="stays on record"):
        writer.delete()


@pytest.mark.parametrize("model", [Contribution, SubmissionContribution, SubmissionEvent])
def test_rows_are_only_ever_added(model, guidance, category):
    publish_loaded(guidance)
    row = model.objects.first()
    rows = model.objects.all()
    writes = [
        row.save,
        row.delete,
        rows.delete,
        lambda: rows.update(pk=0),
        lambda: model._base_manager.update(pk=0),
        lambda: rows.bulk_update([row], ["id"]),
        lambda: rows.bulk_create([row], update_conflicts=True, unique_fields=["id"], update_fields=["id"]),
        lambda: rows.update_or_create(pk=row.pk, defaults={"id": row.pk}),
    ]
    before = list(rows.values())
    for write in writes:
        with pytest.raises(Immutable):
            write()
    assert list(rows.values()) == before


def test_a_save_costs_three_queries_for_it(category):
    """One for the row as it was, one for the line before, and one for what is kept of it."""
    with CaptureQueriesContext(connection) as queries:
        changed(category, aim="Another.").save()
    said = [query["sql"] for query in queries if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    # The lock, the row before, the row, its history, and of each of three sets a look and the history of it
    assert len([sql for sql in said if "_contribution" not in sql]) == 10
    assert len(said) == 12
