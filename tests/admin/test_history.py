"""The history of a record in plain words, with the names of its own time, whatever has become of what it names."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from categories.admin import history
from categories.models import ExamplesList
from categories.models.history import saving
from categories.models.kinds import MODELS
from tests.factories import (
    make_approval_test,
    make_availability,
    make_category,
    make_cohort,
    make_examples_list,
    make_guidance,
    make_level,
    make_reader,
    make_relationship,
    make_short_form,
    make_steps,
    make_t_level,
    make_user,
    publish_loaded,
)
from tests.forms import typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def guidance():
    return make_guidance()


@pytest.fixture(autouse=True)
def writer(client):
    user = make_user("wendy", "Writer")
    client.force_login(user)
    return user


def plain(page) -> str:
    """A page without its markup."""
    assert page.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.content.decode()))


def history_of(client, record) -> str:
    return plain(client.get(reverse(f"admin:categories_{record._meta.model_name}_history", args=[record.pk])))


def as_it_was(client, record) -> list[str]:
    """What every “as it was then” page says of a record, newest first; beside it stands what restoring changes."""
    name = f"admin:categories_{record._meta.model_name}_simple_history"
    rows = record.history.order_by("-history_id")
    pages = (plain(client.get(reverse(name, args=[record.pk, row.history_id]))) for row in rows)
    return [page.split("Restore it")[0] for page in pages]


def told(record) -> list[dict[str, tuple[str, str]]]:
    """What each entry of a history says of each field, before and after, newest first."""
    entries = history.entries_since(record.history.all(), 0)
    return [{field.label: (field.before_words, field.after_words) for field in entry.fields} for entry in entries]


def rename(record, name: str) -> None:
    record.name = name
    with saving(why="A plainer name"):
        record.save()


def edit(record, **fields) -> None:
    for name, value in fields.items():
        setattr(record, name, value)
    with saving(why="An edit"):
        record.save()


@pytest.fixture
def category(guidance):
    """A category that names one of every kind."""
    named = {"t_level": make_t_level(guidance), "examples_list": make_examples_list(guidance)}
    steps = (("in-scope", "2023-11"), ("no-longer-in-scope", "2027-08"))
    return make_category(guidance, cohorts=("16-to-19", "adults"), steps=steps, **named)


def test_steps_relationships_and_positions_are_told_in_words(category, guidance, client):
    one, later = make_relationship(guidance, "builds-on"), make_steps(guidance, ("in-scope", "2023-11"))
    edit(category, relationship=one, t_level=None, examples_list=None, availability=later)
    assert told(category)[0] == {
        "Relationship to occupational standards": ("Aligns", "Builds on"),
        "T Levels": ("No t level", ""),
        "Examples list": ("Approved (All)", ""),
        "Availability": (
            "In scope from November 2023\nNo longer in scope from August 2027",
            "In scope from November 2023",
        ),
    }
    page = history_of(client, category)
    assert "No longer in scope from August 2027" in page
    for identity in (one.pk, category.cohorts.first().pk, later[0]["state"]):
        assert str(identity) not in page


def test_what_guidance_says_is_told_readably(guidance, client):
    links = [{"title": "The funding rules", "url": "https://example.org/rules"}, {"title": "B", "url": "https://b.org"}]
    contact = {"contact_name": "The team", "contact_email": "team@example.org"}
    edit(guidance, links=links, applies_to=["England", "Wales"], introduction="Read this.", caution="No.", **contact)
    assert told(guidance)[0] == {
        "Applies to": ("England", "England\nWales"),
        "Introduction": ("", "Read this."),
        "Caution": ("", "No."),
        "Contact: name": ("", "The team"),
        "Contact: e-mail address": ("", "team@example.org"),
        "Related links": ("", "The funding rules: https://example.org/rules\nB: https://b.org"),
    }
    assert "The funding rules: https://example.org/rules" in history_of(client, guidance)


def test_one_nation_of_two_names_is_told_apart_from_two_nations(guidance):
    edit(guidance, applies_to=["England and Wales"])
    edit(guidance, applies_to=["England", "Wales"])
    assert told(guidance)[0] == {"Applies to": ("England and Wales", "England\nWales")}


def test_the_flags_of_the_vocabulary_are_told_in_words(guidance, client):
    relationship, position = make_relationship(guidance), make_t_level(guidance)
    edit(relationship, to_standard=True, definition="It *aligns*.")
    edit(position, covered="may-be")
    assert told(relationship)[0] == {
        "Definition": ("", "It *aligns*."),
        "It is a relationship to a standard itself": ("No", "Yes"),
    }
    assert told(position)[0] == {"Does a T Level cover the occupational standard?": ("Not stated", "It may be")}


def test_everything_has_the_name_of_its_own_time(category, guidance, client):
    terms = [category.relationship, category.t_level, category.cohorts.get(slug="adults"), make_availability(guidance)]
    for number, term in enumerate(terms):
        rename(term, f"Renamed {number}")
    edit(category, aim="A later aim.")
    assert set(told(category)[0]) == {"Core aim"}  # a new name is no change of the category
    newest, *_, oldest = as_it_was(client, category)
    for number, former in enumerate(("Aligns", "No t level", "Adults", "In scope from November 2023")):
        assert f"Renamed {number}" in newest
        assert f"Renamed {number}" not in oldest
        assert number == 2 or former in oldest  # the first row was written before its cohorts were
    assert "In scope from November 2023" not in newest


@pytest.fixture
def bereft(category, guidance):
    """A category and all that it once named, which has been deleted since."""
    states = [make_availability(guidance, slug) for slug in ("in-scope", "no-longer-in-scope")]
    named = [category.relationship, category.t_level, category.examples_list, *states]
    for field in ("levels", "cohorts", "approval_tests"):
        named += getattr(category, field).all()
    with saving(why="It names nothing of the kind"):
        category.relationship = make_relationship(guidance, "builds-on")
        category.t_level, category.examples_list, category.availability = None, None, []
        category.save()
        for field in ("levels", "cohorts", "approval_tests"):
            getattr(category, field).clear()
    names = [str(record) for record in named]
    for record in named:
        record.delete()
    return category, names


def test_what_is_deleted_since_is_named_from_its_own_history(bereft, client):
    category, names = bereft
    assert "Approved (All)" in names
    page = history_of(client, category)
    for name in names:
        assert name in page
    pages = as_it_was(client, category)
    for name in names:
        assert any(name in page for page in pages)


def test_so_it_is_for_whoever_saves_a_form_that_others_were_quicker_than(bereft, client):
    category, names = bereft
    url = reverse("admin:categories_category_change", args=[category.pk])
    page = plain(client.post(url, typed(client, url, aim="Another aim.", opened_at="0")))
    assert "too while you had this open. Nothing is saved" in page
    assert names[0] in page


def test_what_left_no_history_is_a_deleted_record(bereft, client):
    category, _ = bereft
    for model in MODELS.values():
        if model is not type(category):
            model.history.all().delete()
    assert "a deleted record from August 2027" in history_of(client, category)
    assert all("a deleted record" in page for page in as_it_was(client, category)[-1:])


def test_a_name_that_is_older_than_its_history_is_its_first_one(category, guidance, client):
    """As after an upgrade that gave each guidance a vocabulary of its own."""
    later = category.history.latest().history_date + timedelta(days=1)
    for model in MODELS.values():
        if model is not type(category):
            model.history.update(history_date=later)
    assert "Aligns" in as_it_was(client, category)[-1]


def test_names_are_looked_up_in_as_many_queries_for_a_long_history_as_for_a_short_one(
    category, client, django_assert_num_queries
):
    url = reverse("admin:categories_category_history", args=[category.pk])
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    levels = [make_level(category.guidance, number) for number in (4, 5)]
    for number in range(10):
        with saving(why=f"Edit {number}"):
            category.levels.set(levels[: number % 3])
            category.cohorts.set([make_cohort(category.guidance, f"cohort-{number}")])
            category.approval_tests.set([make_approval_test(category.guidance, f"test-{number}")])
            category.relationship = make_relationship(category.guidance, f"relationship-{number}")
            category.save()
    with django_assert_num_queries(len(few)):
        client.get(url)


def test_every_kind_of_record_has_a_readable_history(category, guidance, client):
    make_short_form(guidance)
    for model in MODELS.values():
        for record in model.objects.all():
            assert "Added by" in history_of(client, record)
            assert as_it_was(client, record)


def test_whoever_may_only_look_reads_words_too(category, guidance, client):
    edit(category, synonyms=["one name", "another name"])
    edit(guidance, links=[{"title": "The rules", "url": "https://example.org/"}])
    client.force_login(make_reader("rita"))
    page = plain(client.get(reverse("admin:categories_category_change", args=[category.pk])))
    assert "In scope from November 2023" in page
    assert "one name" in page
    assert "[" not in page.split("Availability")[1].split("Withdraw")[0]
    page = plain(client.get(reverse("admin:categories_guidance_change", args=[guidance.pk])))
    assert "The rules: https://example.org/" in page


def test_a_term_that_was_published_is_deleted_with_a_note_once_nothing_names_it(category, guidance, client):
    publish_loaded(guidance)
    examples = ExamplesList.objects.get()
    url = reverse("admin:categories_exampleslist_delete", args=[examples.pk])
    assert f"“{examples}” is used by “{category}”." in client.get(url).content.decode()
    edit(category, examples_list=None)
    page = plain(client.get(url))
    assert "was published, and nothing names it any more, so it can be deleted." in page
    assert client.post(url, {"post": "yes", "internal_note": "Gone"}).status_code == 302
    assert "Deleted by" in history_of(client, examples)
