"""Several categories at once: previewed, done as one act, recorded as one, submitted if wished."""

import re

import pytest
from django.urls import reverse

from categories.models import Category, Submission
from tests.factories import (
    make_approval_test,
    make_category,
    make_guidance,
    make_reader,
    make_steps,
    make_user,
    publish_loaded,
)

pytestmark = pytest.mark.django_db

LIST = "/admin/categories/category/"


@pytest.fixture
def guidance():
    return make_guidance()


@pytest.fixture
def categories(guidance):
    found = [make_category(guidance, slug, cohorts=("adults",)) for slug in ("one", "two", "three")]
    make_approval_test(guidance, "published", name="A published test")
    publish_loaded(guidance)
    return found


@pytest.fixture
def power(guidance, categories):
    power = make_approval_test(guidance, "a-new-test", name="A new test")
    return power


@pytest.fixture
def writer(client):
    user = make_user("wendy", "Writer")
    client.force_login(user)
    return user


def url(categories):
    return f"{LIST}many/?" + "&".join(f"id={category.pk}" for category in categories)


def preview(client, categories, **data):
    """The preview, and what its form would send."""
    response = client.post(url(categories), data)
    page = response.content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    notes = {name: re.search(rf'<textarea name="{name}"[^>]*>\s*(.*?)</textarea>', page, re.DOTALL)
             for name in ("why", "change_note")}  # fmt: skip
    sent = data | {name: note[1] for name, note in notes.items() if note}
    return response, page, sent | ({"seen": seen[1]} if seen else {})


def test_the_list_leads_to_the_page_with_what_is_ticked(client, categories, writer):
    page = client.get(LIST).content.decode()
    assert "Change the ticked ones" in page
    chosen = [str(category.pk) for category in categories[:2]]
    response = client.post(LIST, {"action": "change_several", "index": "0", "_selected_action": chosen})
    assert response.status_code == 302
    page = client.get(response.url).content.decode()
    assert "<h1>Change 2 categories</h1>" in page


def test_nothing_is_saved_by_a_preview(client, categories, power, writer):
    rows = Category.history.count()
    response, page, _ = preview(client, categories, add_tests=[power.pk])
    assert response.status_code == 200
    assert page.count("[inserted: </span>A new test") == 3
    assert "Added “A new test”: 3 categories at once." in page
    assert Category.history.count() == rows


def test_all_of_them_are_one_recorded_act(client, categories, power, writer):
    _, _, sent = preview(client, categories, add_tests=[power.pk])
    response = client.post(url(categories), sent | {"why": "It faces them all", "_save": "1"})
    assert response.status_code == 302
    assert all(power in category.approval_tests.all() for category in Category.objects.all())
    newest = [category.history.order_by("history_id").last() for category in categories]
    assert len({row.save_id for row in newest}) == 1
    assert {(row.history_user, row.history_change_reason) for row in newest} == {(writer, "It faces them all")}


def test_a_published_test_is_added_and_submitted_in_one_step(client, categories, guidance, writer):
    test = guidance.approvaltest_set.get(slug="published")
    _, _, sent = preview(client, categories[1:], add_tests=[test.pk])
    response = client.post(url(categories[1:]), sent | {"_submit": "1"})
    submission = Submission.objects.order_by("pk").last()
    assert response.url == reverse("admin:categories_submission_change", args=[submission.pk])
    assert submission.status == "submitted"
    assert set(submission.record_ids) == {str(category.pk) for category in categories[1:]}
    assert submission.change_note == "Added “A published test”: Two; Three."


def test_other_drafts_are_never_submitted_unseen(client, categories, guidance, writer):
    test = guidance.approvaltest_set.get(slug="published")
    categories[0].aim = "Somebody's draft."
    categories[0].save()
    submissions = Submission.objects.count()
    _, _, sent = preview(client, categories, add_tests=[test.pk])
    page = client.post(url(categories), sent | {"_submit": "1"}, follow=True).content.decode()
    assert "had other changes before" in page
    assert Submission.objects.count() == submissions
    assert test in categories[0].approval_tests.all()


def test_cohorts_and_availability_change_too(client, categories, guidance, writer):
    (step,) = make_steps(guidance, ("no-longer-in-scope", "2027-08"))
    adults = categories[0].cohorts.get()
    data = {"remove_cohorts": [adults.pk], "change_availability": "set"}
    data |= {"availability_0_state": step["state"], "availability_0_month": "08", "availability_0_year": "2027"}
    _, page, sent = preview(client, categories, **data)
    assert "No longer in scope from August 2027" in page
    client.post(url(categories), sent | {"_save": "1"})
    for category in Category.objects.all():
        assert category.availability == [step]
        assert not category.cohorts.exists()


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        ({}, 409, "Nothing would change"),
        ({"add_tests": ["{test}"], "remove_tests": ["{test}"]}, 409, "is to be added and to be removed"),
        ({"add_tests": ["nonsense"]}, 422, "nonsense"),
        ({"availability_0_year": "2027"}, 422, "choose a state"),
        ({"change_availability": "set", "availability_0_state": "nonsense"}, 422, "choose a state from the list"),
    ],
)
def test_what_cannot_be_done_is_said(client, categories, power, writer, data, status, said):
    sent = {name: [one.replace("{test}", str(power.pk)) for one in value] if isinstance(value, list) else value
            for name, value in data.items()}  # fmt: skip
    response = client.post(url(categories), sent)
    assert response.status_code == status
    assert said in response.content.decode()


def test_nothing_unseen_is_done(client, categories, power, writer):
    _, _, sent = preview(client, categories, add_tests=[power.pk])
    categories[0].aim = "Meanwhile."
    categories[0].save()
    response = client.post(url(categories), sent | {"_save": "1"})
    assert response.status_code == 409
    assert not power.category_set.exists()
    _, _, sent = preview(client, categories, add_tests=[power.pk])
    response = client.post(url(categories[:1]), sent | {"_save": "1"})  # for others than were previewed
    assert response.status_code == 409


def test_it_asks_why(client, categories, power, writer):
    _, _, sent = preview(client, categories, add_tests=[power.pk])
    response = client.post(url(categories), sent | {"why": "", "_save": "1"})
    assert response.status_code == 409
    assert "Say why you change them." in response.content.decode()


def test_categories_of_two_guidances_or_of_none_are_refused(client, categories, writer):
    other = make_category(make_guidance(slug="other", title="Other"), "other")
    for chosen in ([categories[0], other], []):
        assert client.get(url(chosen)).status_code == 422
    assert client.get(f"{LIST}many/?id=nonsense").status_code == 422


def test_who_may_only_look_changes_nothing(client, categories, power):
    client.force_login(make_reader("rita"))
    assert "Change the ticked ones" not in client.get(LIST).content.decode()
    response = client.post(url(categories), {"add_tests": [power.pk], "_save": "1", "why": "x"})
    assert response.status_code == 403
    assert not power.category_set.exists()


# A copy, and the address that is proposed


def test_a_category_begins_as_a_copy(client, categories, writer):
    page = client.get(f"{LIST}{categories[0].pk}/change/").content.decode()
    assert f"{LIST}add/?copy={categories[0].pk}" in page
    page = client.get(f"{LIST}add/?copy={categories[0].pk}").content.decode()
    assert categories[0].aim in page
    assert not re.search(r'name="title" value=', page)
    assert not re.search(r'name="slug" value=', page)


@pytest.mark.parametrize("copy", ["nonsense", "b783b050-5a3b-4c68-967a-1b2bf5270e0b", ""])
def test_a_copy_of_nothing_is_an_empty_form_that_says_so(client, categories, writer, copy):
    response = client.get(f"{LIST}add/?copy={copy}")
    assert response.status_code == 200
    assert "The category to copy is not there" in response.content.decode()


def test_an_address_is_made_from_the_title_where_none_is_written(client, guidance, writer):
    add = "/admin/categories/approvaltest/add/"
    data = {"guidance": guidance.pk, "name": "A Fair & open test", "slug": "", "kind": "test", "internal_note": "New"}
    assert client.post(add, data).status_code == 302
    assert guidance.approvaltest_set.get().slug == "a-fair-open-test"
    response = client.post(add, data | {"name": "測試"})
    assert response.status_code == 200
    assert "It cannot be made from the name. Write it." in response.content.decode()
