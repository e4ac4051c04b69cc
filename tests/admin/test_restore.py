"""Any saved state of a record can be restored, as an ordinary recorded save."""

import pytest
from django.urls import reverse

from categories import publishing
from categories.models import Category, Cohort, Contribution
from categories.models.history import saving
from tests.factories import make_category, make_cohort, make_guidance, make_reader, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def guidance():
    return make_guidance()


@pytest.fixture
def writer(client):
    user = make_user("wendy", "Writer")
    client.force_login(user)
    return user


@pytest.fixture
def category(guidance):
    """A category whose first state says something else than the second."""
    category = make_category(guidance, cohorts=("adults",), aim="The first aim.")
    with saving(why="Another aim"):
        category.aim = "The second aim."
        category.cohorts.set([])
        category.save()
    return category


def first_of(record):
    """The last row of the first save of a record."""
    first = record.history.order_by("history_id").first()
    return record.history.filter(save_id=first.save_id).order_by("history_id").last()


def url(record, name="restore"):
    model = record._meta.model_name
    return reverse(f"admin:categories_{model}_{name}", args=[record.pk, first_of(record).history_id])


def sent(record, why="It was right", **data):
    newest = record.history.order_by("history_id").last().history_id
    return {"why": why, "newest": newest} | data


def test_a_saved_state_is_shown_beside_what_is_now_and_restored(client, category, writer):
    page = client.get(url(category, "simple_history")).content.decode()
    assert '<ins><span class="govuk-visually-hidden">[inserted: </span> first' in page
    saves = category.history.values("save_id").distinct().count()
    response = client.post(url(category), sent(category), follow=True)
    assert "says again what it said at" in response.content.decode()
    category.refresh_from_db()
    assert category.aim == "The first aim."
    assert [cohort.slug for cohort in category.cohorts.all()] == ["adults"]
    newest = category.history.order_by("history_id").last()
    assert (newest.history_user, newest.history_change_reason) == (writer, "It was right")
    assert category.history.values("save_id").distinct().count() == saves + 1
    assert Contribution.objects.order_by("pk").last().by == writer


def test_a_restored_state_is_told_as_one_entry_of_the_history(client, category, writer):
    client.post(url(category), sent(category))
    page = client.get(reverse("admin:categories_category_history", args=[category.pk])).content.decode()
    assert page.count("It was right") == 1


def test_it_asks_why(client, category, writer):
    response = client.post(url(category), sent(category, why=" "))
    assert response.status_code == 409
    assert "Say why you restore it." in response.content.decode()
    category.refresh_from_db()
    assert category.aim == "The second aim."


def test_nobody_overwrites_what_they_have_not_seen(client, category, writer):
    data = sent(category)
    category.aim = "A third aim."
    category.save()
    response = client.post(url(category), data)
    assert response.status_code == 409
    assert "Somebody has saved this record since" in response.content.decode()
    category.refresh_from_db()
    assert category.aim == "A third aim."
    assert client.post(url(category), sent(category)).status_code == 302  # knowingly


def test_what_is_so_already_is_not_saved_again(client, category, writer):
    client.post(url(category), sent(category))
    rows = category.history.count()
    assert client.post(url(category), sent(category)).status_code == 409
    assert category.history.count() == rows


def test_what_it_named_and_is_deleted_has_to_be_restored_first(client, category, writer):
    adults = Cohort.objects.get(slug="adults")
    pk = adults.pk
    adults.delete()
    response = client.post(url(category), sent(category))
    assert response.status_code == 409
    assert "“Adults” was named in it and is deleted" in response.content.decode()
    row = Cohort.history.filter(id=pk).order_by("history_id").first()
    where = reverse("admin:categories_cohort_restore", args=[pk, row.history_id])
    newest = Cohort.history.filter(id=pk).order_by("history_id").last().history_id
    assert client.post(where, {"why": "It is needed", "newest": newest}).status_code == 302
    assert Cohort.objects.get(pk=pk).name == "Adults"
    assert client.post(url(category), sent(category)).status_code == 302


def test_a_deleted_category_comes_back_last(client, category, guidance, writer):
    pk, where = category.pk, url(category)
    other = make_category(guidance, "another")
    category.delete()
    newest = Category.history.filter(id=pk).order_by("history_id").last().history_id
    assert client.post(where, {"why": "Too early", "newest": newest}).status_code == 302
    assert list(Category.objects.values_list("pk", flat=True)) == [other.pk, pk]
    assert [one.slug for one in Category.objects.get(pk=pk).cohorts.all()] == ["adults"]


def test_an_address_that_another_record_has_now_is_named(client, category, guidance, writer):
    where, slug = url(category), category.slug
    category.slug = "elsewhere"
    category.save()
    make_category(guidance, slug)
    response = client.post(where, sent(category))
    assert response.status_code == 409
    assert "Another category of this guidance has this slug." in response.content.decode()


def test_who_may_only_look_restores_nothing(client, category):
    reader = make_reader("rita")
    client.force_login(reader)
    assert "Restore it" in client.get(url(category, "simple_history")).content.decode()
    assert client.post(url(category), sent(category)).status_code == 403
    assert publishing.reasons_not_to_restore(first_of(category), reader)
    category.refresh_from_db()
    assert category.aim == "The second aim."


@pytest.mark.parametrize("newest", ["", "x", "99999999999999999999999"])
def test_nonsense_is_answered(client, category, writer, newest):
    assert client.post(url(category), sent(category, newest=newest)).status_code == 409


def test_every_kind_of_record_can_be_restored(client, guidance, writer):
    cohort = make_cohort(guidance, "adults")
    for record, field in ((guidance, "summary"), (cohort, "name")):
        before = getattr(record, field)
        setattr(record, field, "Something else")
        record.save()
        assert client.post(url(record), sent(record)).status_code == 302
        record.refresh_from_db()
        assert getattr(record, field) == before
