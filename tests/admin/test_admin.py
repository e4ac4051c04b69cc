"""What staff do with the working copy in the admin: edit, order, search, delete, read the history."""

import re

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from categories.admin import history
from categories.models import ApprovalTest, Category, Cohort, Guidance, Level
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

RECORDS = [model._meta.model_name for model in MODELS.values()]


@pytest.fixture
def guidance():
    guidance = make_guidance()
    make_category(guidance, "one", cohorts=("16-to-19", "adults"))
    make_category(guidance, "two", levels=(2,), cohorts=())
    make_examples_list(guidance)
    return guidance


@pytest.fixture
def published(guidance):
    publish_loaded(guidance)
    return guidance


@pytest.fixture
def writer(client):
    user = make_user("wendy", "Writer", first_name="Wendy", last_name="Writer")
    client.force_login(user)
    return user


def change_url(record) -> str:
    return reverse(f"admin:categories_{record._meta.model_name}_change", args=[record.pk])


def save(client, record, **fields):
    return client.post(change_url(record), typed(client, change_url(record), **fields), follow=True)


def test_every_kind_of_record_has_a_list_and_a_form(guidance, writer, client):
    for name in RECORDS:
        page = client.get(reverse(f"admin:categories_{name}_changelist"))
        assert "Saving does not publish." in page.content.decode()
        assert client.get(reverse(f"admin:categories_{name}_add")).status_code == 200


def test_a_save_is_one_entry_with_who_when_and_why(published, writer, client):
    category = published.category_set.get(slug="one")
    before = category.history.count()
    cohort, level = make_cohort(published, "adults"), make_level(published, 4)
    save(client, category, aim="A plainer aim.", levels=[level], cohorts=[cohort])
    category.refresh_from_db()
    assert category.aim == "A plainer aim."
    assert category.history.count() > before + 1  # several rows…
    [entry, *_] = entries = history.entries(category.history.order_by("history_id"))
    assert len(entries) == 2  # …and one entry
    assert (entry.action, entry.by, entry.why) == ("Changed", writer, "Made plainer")
    words = {field.label: (field.before_words, field.after_words) for field in entry.fields}
    assert words == {
        "Core aim": ("Entry to the aligned occupation.", "A plainer aim."),
        "Levels": ("Level 3", "Level 4"),
        "Cohorts": ("16 to 19 and Adults", "Adults"),
    }


def test_a_save_needs_an_internal_note(published, writer, client):
    category = published.category_set.get(slug="one")
    page = save(client, category, aim="Unexplained.", internal_note=" ").content.decode()
    assert "This field is required." in page
    category.refresh_from_db()
    assert category.aim == "Entry to the aligned occupation."
    assert "Unexplained." in page  # nothing typed is lost


def test_a_save_that_changes_nothing_leaves_no_history(published, writer, client):
    category = published.category_set.get(slug="one")
    category.aim = "Two paragraphs.\n\nWith a line between them."
    category.synonyms = ["another name", "and one more"]
    category.save()
    before = category.history.count()
    as_browsers_send_it = {"aim": category.aim.replace("\n", "\r\n"), "synonyms": "another name\r\nand one more"}
    page = save(client, category, **as_browsers_send_it)
    assert category.history.count() == before
    assert "You changed nothing, so nothing was saved." in page.content.decode()
    assert "was changed successfully" not in page.content.decode()


def test_adding_a_category(published, writer, client):
    data = {
        "guidance": published.pk,
        "title": "Three",
        "slug": "three",
        "levels": [make_level(published, 3).pk],
        "aim": "An aim.",
        "relationship": make_relationship(published).pk,
        "relationship_text": "It aligns.",
        "approval_tests": [ApprovalTest.objects.get().pk],
        "availability_0_state": make_availability(published).pk,
        "availability_0_month": "03",
        "availability_0_year": "2027",
        "after": Category.objects.get(slug="one").pk,
        "internal_note": "A new category",
    }
    response = client.post(reverse("admin:categories_category_add"), data)
    assert response.status_code == 302, response.context["adminform"].form.errors
    category = Category.objects.get(slug="three")
    assert category.availability == make_steps(published, ("in-scope", "2027-03"))
    assert [c.slug for c in published.category_set.all()] == ["one", "three", "two"]
    assert category.history.first().history_change_reason == "A new category"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"slug": "Two Words"}, "Use lower-case letters, digits and single hyphens"),
        ({"slug": "two"}, "Another category of this guidance has this slug."),
        ({"aim": "[here](javascript:alert(1))"}, "must begin with https://"),
        ({"aim": "a\x0bb"}, "control character"),
        ({"relationship": ""}, "This field is required."),
        ({"availability_0_year": "2027"}, "Step 1: choose the month of its year, or empty the year."),
    ],
)
def test_bad_input_is_explained_and_kept(fields, message, published, writer, client):
    category = published.category_set.get(slug="one")
    page = save(client, category, title="A title typed just now", **fields).content.decode()
    assert message in page
    assert "A title typed just now" in page
    category.refresh_from_db()
    assert category.title == "One"


def test_tests_of_other_guidance_cannot_be_chosen(published, writer, client):
    other = make_approval_test(make_guidance(slug="other", title="Other"), "other-test")
    category = published.category_set.get(slug="one")
    assert "Other test" not in client.get(change_url(category)).content.decode()
    assert "not one of the available choices" in save(client, category, approval_tests=[other]).content.decode()


def test_a_new_record_comes_after_one_of_its_own_guidance(published, writer, client):
    foreign = make_examples_list(make_guidance(slug="other", title="Other"), name="Foreign")
    data = {"guidance": published.pk, "name": "New", "slug": "new", "after": foreign.pk, "internal_note": "A list"}
    page = client.post(reverse("admin:categories_exampleslist_add"), data).content.decode()
    assert "“Foreign (All)” belongs to other guidance. Choose another." in page
    assert published.exampleslist_set.count() == 1


# Order


def test_moving_a_record_touches_that_record_alone(published, writer, client):
    one, two = published.category_set.all()
    two.place_after(one)  # makes gaps
    counts = {category.pk: category.history.count() for category in (one, two)}
    save(client, two, after="")
    assert [category.slug for category in published.category_set.all()] == ["two", "one"]
    assert one.history.count() == counts[one.pk]
    assert two.history.first().history_change_reason == "Made plainer"
    [entry, *_] = history.entries(two.history.order_by("history_id"))
    assert [(field.label, field.after_words) for field in entry.fields] == [("Place", "Moved")]


def test_order_survives_many_moves_into_the_same_gap(guidance):
    first = guidance.category_set.first()
    for number in range(30):
        make_category(guidance, f"category-{number}").place_after(first)
    slugs = [category.slug for category in guidance.category_set.all()]
    assert slugs == ["one", *(f"category-{number}" for number in reversed(range(30))), "two"]


# History pages


@pytest.mark.parametrize("superuser", [False, True])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_history_pages_only_read(method, superuser, published, client):
    """django-simple-history's own view would write the row back on a POST, for anybody who may view it."""
    client.force_login(make_user("root", is_superuser=True) if superuser else make_user("wendy", "Writer"))
    category = published.category_set.get(slug="one")
    category.aim = "The present aim."
    category.save()
    old = category.history.last().history_id
    for name, args in (("history", [category.pk]), ("simple_history", [category.pk, old])):
        url = reverse(f"admin:categories_category_{name}", args=args)
        assert client.get(url).status_code == 200
        assert client.head(url).status_code == 200
        assert getattr(client, method)(url, {"aim": "The old aim."}).status_code == 403
    category.refresh_from_db()
    assert category.aim == "The present aim."


def test_every_history_page_refuses_a_post(published, client):
    client.force_login(make_user("root", is_superuser=True))
    make_t_level(published)
    make_short_form(published)
    for model in MODELS.values():
        record = model.objects.first()
        name = f"admin:categories_{model._meta.model_name}"
        row = record.history.first().history_id
        assert client.post(reverse(f"{name}_history", args=[record.pk])).status_code == 403
        assert client.post(reverse(f"{name}_simple_history", args=[record.pk, row])).status_code == 403


def test_history_speaks_in_words(published, writer, client):
    category = published.category_set.get(slug="one")
    save(client, category, relationship=make_relationship(published, "builds-on"), by_exception="on")
    page = client.get(reverse("admin:categories_category_history", args=[category.pk])).content.decode()
    plain = re.sub(r"<[^>]+>", "", page)
    assert "[deleted: Aligns][inserted: Builds on]" in plain
    assert "[deleted: No][inserted: Yes]" in plain
    assert "Wendy Writer" in page
    assert "Made plainer" in page
    assert str(ApprovalTest.objects.get().pk) not in page


def test_the_history_of_a_deleted_record_can_still_be_read(published, writer, client):
    category = make_category(published, "never-live")
    pk = category.pk
    url = reverse("admin:categories_category_delete", args=[pk])
    refused = client.post(url, {"post": "yes", "internal_note": " "})
    assert "Say why you are deleting it." in refused.content.decode()
    assert Category.objects.filter(pk=pk).exists()
    assert client.post(url, {"post": "yes", "internal_note": "Made\0 twice"}).status_code == 302
    page = client.get(reverse("admin:categories_category_history", args=[pk])).content.decode()
    assert "<strong>Deleted</strong> by Wendy Writer" in page
    assert "Made\ufffd twice" in page  # PostgreSQL keeps no NUL


@pytest.mark.parametrize("address", ["history/999999/", "history/nonsense/"])
def test_a_history_that_is_not_there_is_404(address, published, writer, client):
    category = published.category_set.first()
    assert client.get(change_url(category).replace("change/", address)).status_code == 404
    nobody = reverse("admin:categories_category_history", args=["17141a88-bc27-411c-ac5c-f29cfd16f5d0"])
    assert client.get(nobody).status_code == 404
    assert client.get(reverse("admin:categories_category_history", args=["nonsense"])).status_code == 404


# Deleting


def test_what_was_published_cannot_be_deleted(published, writer, client):
    category = published.category_set.first()
    page = client.get(reverse("admin:categories_category_delete", args=[category.pk])).content.decode()
    assert "has been published, so it stays on record. Withdraw it instead." in page
    client.post(
        reverse("admin:categories_category_delete", args=[category.pk]), {"post": "yes", "internal_note": "Away"}
    )
    assert Category.objects.filter(pk=category.pk).exists()


@pytest.mark.parametrize("model", [Level, Cohort, ApprovalTest])
def test_what_a_category_uses_cannot_be_deleted(model, guidance, writer, client):
    record = model.objects.first()
    url = reverse(f"admin:categories_{model._meta.model_name}_delete", args=[record.pk])
    assert "is used by" in client.get(url).content.decode()
    client.post(url, {"post": "yes", "internal_note": "Away with it"})
    assert model.objects.filter(pk=record.pk).exists()


def test_no_action_works_on_many_records_at_once(published, writer, client):
    url = reverse("admin:categories_category_changelist")
    chosen = [str(category.pk) for category in Category.objects.all()]
    client.post(url, {"action": "delete_selected", "_selected_action": chosen, "post": "yes"})
    assert Category.objects.count() == 2


# Finding


@pytest.mark.parametrize(
    ("query", "slugs"),
    [
        ("levels__id__exact={level.pk}", {"two"}),
        ("q=two", {"two"}),
        ("relationship__id__exact={relationship.pk}", {"two"}),
        ("availability={state.pk}", {"one"}),
        ("availability=not-stated", {"two"}),
    ],
)
def test_lists_are_searched_and_filtered(query, slugs, published, writer, client):
    level, state = make_level(published, 2), make_availability(published, NOT_YET)
    two, relationship = published.category_set.get(slug="two"), make_relationship(published, "builds-on")
    two.relationship, two.availability = relationship, []
    two.save()
    query = query.format(level=level, relationship=relationship, state=state)
    page = client.get(f"{reverse('admin:categories_category_changelist')}?{query}")
    assert {category.slug for category in page.context["cl"].result_list} == slugs


def test_the_list_says_what_is_new_changed_and_the_same(published, writer, client):
    save(client, published.category_set.get(slug="one"), aim="Changed.")
    make_category(published, "three")
    page = client.get(reverse("admin:categories_category_changelist")).content.decode()
    rows = page.split('id="result_list"')[1].split("</table>")[0]  # a filter has the same words
    assert rows.count("Changed: not published yet") == 1
    assert rows.count("New: not published yet") == 1
    assert rows.count("The same") == 1


def test_the_lists_of_the_vocabulary_say_it_too(published, writer, client):
    make_level(published, 5)
    make_short_form(published)
    make_t_level(published)
    make_relationship(published, "builds-on")
    make_category(published, "three", cohorts=("apprentices",), steps=(("in-scope", "2027-03"),))
    for name in ("level", "cohort", "shortform", "tlevel", "relationship", "availability"):
        page = client.get(reverse(f"admin:categories_{name}_changelist")).content.decode()
        assert page.count("New: not published yet") == 1


def test_the_guidance_page_lists_what_differs(published, writer, client):
    save(client, published.category_set.get(slug="one"), aim="Changed.")
    assert "Category: One (changed)" in client.get(change_url(published)).content.decode()


def test_a_published_record_links_to_its_public_page(published, writer, client):
    category = published.category_set.first()
    assert f'href="/id/{category.pk}/"' in client.get(change_url(category)).content.decode()
    draft = make_category(published, "never-live")
    assert f"/id/{draft.pk}/" not in client.get(change_url(draft)).content.decode()


@pytest.mark.parametrize("several", [False, True])
def test_list_queries_do_not_grow_with_the_list(several, published, writer, client, django_assert_num_queries):
    if several:
        make_category(make_guidance(slug="other", title="Other"), "elsewhere")
    url = reverse("admin:categories_category_changelist")
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(20):
        make_category(published, f"category-{number}", steps=(("in-scope", "2027-03"), ("ended", "2030-03")))
    with django_assert_num_queries(len(few)):
        client.get(url)


# Roles


def test_the_two_groups_have_least_privilege():
    def codenames(name):
        return set(Group.objects.get(name=name).permissions.values_list("codename", flat=True))

    of_editors = {"approve_submission", "view_user", "view_message", "add_formeraddress"}
    assert codenames("Editor") - codenames("Writer") == of_editors
    expected = {f"{verb}_{model}" for verb in ("add", "change", "delete", "view") for model in RECORDS}
    expected |= {"view_edition", "view_submission", "add_submission", "view_formeraddress"}
    expected |= {"view_subscription", "view_feedback", "change_feedback"}  # how many follow, and what readers say
    assert codenames("Writer") == expected


def test_whoever_may_only_look_is_asked_nothing(published, client):
    client.force_login(make_reader("rita"))
    for record in (published, published.category_set.first(), Cohort.objects.first()):
        page = client.get(change_url(record)).content.decode()
        assert str(record) in page
        assert "Internal note" not in page
        assert "Comes after" not in page
        assert 'type="submit" value="Save"' not in page


def test_what_is_fixed_once_saved_stays(published, writer, client):
    other = make_guidance(slug="other", title="Other")
    for record in (published.category_set.first(), published.approvaltest_set.get(), published.exampleslist_set.get()):
        client.post(change_url(record), typed(client, change_url(record)) | {"guidance": other.pk})
        record.refresh_from_db()
        assert record.guidance == published
    examples = published.exampleslist_set.get()
    client.post(change_url(examples), typed(client, change_url(examples)) | {"slug": "another"})
    examples.refresh_from_db()
    assert examples.slug != "another"


def test_plain_staff_see_nothing(published, client):
    client.force_login(make_user("plain"))
    for name in RECORDS:
        assert client.get(reverse(f"admin:categories_{name}_changelist")).status_code == 403
    history_url = reverse("admin:categories_guidance_history", args=[Guidance.objects.get().pk])
    assert client.get(history_url).status_code == 403
