"""What the admin answers to input that no form of ours would send: a sentence or the whole list, never a failure."""

from itertools import product

import pytest
from django.db import IntegrityError
from django.urls import reverse

from categories import publishing
from categories.models import Category, Cohort, Guidance, Level, Relationship
from categories.models.history import saving
from categories.models.kinds import MODELS
from tests.factories import (
    make_availability,
    make_category,
    make_cohort,
    make_examples_list,
    make_guidance,
    make_relationship,
    make_short_form,
    make_t_level,
    make_user,
    publish_loaded,
)
from tests.forms import filled, typed

pytestmark = pytest.mark.django_db

RECORDS = [*(model._meta.model_name for model in MODELS.values()), "user"]
HUGE = "9" * 30
NOBODY = "17141a88-bc27-411c-ac5c-f29cfd16f5d0"


@pytest.fixture
def guidance():
    guidance = make_guidance()
    make_category(guidance, "one", cohorts=("16-to-19", "adults"))
    make_examples_list(guidance)
    publish_loaded(guidance)
    return guidance


@pytest.fixture
def root(client):
    user = make_user("root", is_superuser=True)
    client.force_login(user)
    return user


def errors(client, url, /, **fields) -> dict[str, list[str]]:
    response = client.post(url, typed(client, url, **fields))
    assert response.status_code == 200, "it was saved"
    return response.context["adminform"].form.errors


def edit_url(record) -> str:
    return reverse(f"admin:categories_{record._meta.model_name}_change", args=[record.pk])


# What the content format refuses

UNREADABLE = [
    ("title", "a\u202eb", "This has the control character U+202E; take it out."),
    ("title", "a\x07b", "This has the control character U+0007; take it out."),
    ("title", "a\tb", "This must be on one line, without tabs."),
    ("title", "a\nb", "This must be on one line, without tabs."),
    ("aim", "a\u202eb", "This has the control character U+202E; take it out."),
    ("synonyms", "fine\r\na\u202eb", "Line 2 has the control character U+202E; take it out."),
    ("synonyms", "\x00", "Line 1 has the control character U+0000; take it out."),
    ("synonyms", "x" * 301, "Line 1 has 301 characters; give from 1 to 300."),
]


@pytest.mark.parametrize(("field", "value", "sentence"), UNREADABLE)
def test_a_form_refuses_in_words_what_the_content_format_refuses(field, value, sentence, guidance, root, client):
    assert errors(client, edit_url(guidance.category_set.get()), **{field: value}) == {field: [sentence]}
    publishing.working_content(guidance)


@pytest.mark.parametrize(
    "field", ["title", "summary", "publisher", "applies_to", "notice", "introduction", "caution", "contact_name"]
)
def test_so_does_the_form_of_guidance(field, guidance, root, client):
    [sentence] = errors(client, edit_url(guidance), **{field: "a\u202eb"})[field]
    assert "has the control character U+202E; take it out." in sentence


def test_so_do_the_forms_of_the_other_records(guidance, root, client):
    test, examples, cohort = guidance.approvaltest_set.get(), guidance.exampleslist_set.get(), Cohort.objects.first()
    terms = [cohort, make_relationship(guidance), make_t_level(guidance), make_availability(guidance)]
    fields = [(test, "name"), (test, "description"), (examples, "covers"), (examples, "text")]
    fields += [(make_relationship(guidance), "definition"), (make_short_form(guidance), "term")]
    for record, field in [*fields, *((term, "name") for term in terms)]:
        assert list(errors(client, edit_url(record), **{field: "a\u202eb"})) == [field]


@pytest.mark.parametrize("field", ["description", "withdrawn"])
def test_links_of_an_approval_test_are_ones_that_readers_can_follow(field, guidance, root, client):
    sentence = "The link “javascript:a” must begin with https://, http://, mailto:, / or #."
    found = errors(client, edit_url(guidance.approvaltest_set.get()), **{field: "[x](javascript:a)"})
    assert found == {field: [sentence]}


@pytest.mark.parametrize("address", ["ftp://example.org/list", "ftps://example.org/"])
def test_an_address_of_an_examples_list_is_one_that_readers_can_open(address, guidance, root, client):
    sentence = "This must be a web address that begins with https:// or http://."
    assert errors(client, edit_url(guidance.exampleslist_set.get()), url=address) == {"url": [sentence]}


# A working copy that cannot be read, however it came to that


@pytest.fixture
def unreadable(guidance):
    category = guidance.category_set.get()
    category.title = "a\tb"
    with saving(why="Past every form"):
        category.save()
    return category


def test_the_front_page_says_that_it_cannot_be_read(unreadable, guidance, root, client):
    page = client.get(reverse("admin:index")).content.decode()
    assert "Cannot be read" in page
    assert f'href="{reverse("admin:categories_guidance_changes", args=[guidance.pk])}"' in page
    assert "Nothing waits" not in page


def test_the_records_and_the_guidance_say_that_they_cannot_be_compared(unreadable, guidance, root, client):
    for record in (unreadable, guidance, Level.objects.first(), Cohort.objects.first(), Relationship.objects.first()):
        for url in (edit_url(record), reverse(f"admin:categories_{record._meta.model_name}_changelist")):
            page = client.get(url).content.decode()
            assert "It cannot be compared, because the working copy cannot be read" in page, url
            assert "The same" not in page
    page = client.get(edit_url(guidance)).content.decode()
    assert "See what to mend" in page
    assert "Nothing differs." not in page


def test_other_guidance_is_compared_all_the_same(unreadable, guidance, root, client):
    other = make_guidance(slug="other", title="Other")
    category = make_category(other, "two")
    assert "New: not published yet" in client.get(edit_url(category)).content.decode()
    assert "Cannot be compared" not in client.get(edit_url(other)).content.decode()


# Numbers and characters that no database takes


FIELDS = ["levels", "cohorts", "approval_tests", "relationship", "t_level", "examples_list", "after"]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("value", [HUGE, "-" + HUGE, "\x00", "abc", NOBODY])
def test_what_is_not_on_offer_is_a_form_error(field, value, guidance, root, client):
    if field in ("levels", "cohorts", "approval_tests"):
        value = [value]
    assert list(errors(client, edit_url(guidance.category_set.get()), **{field: value})) == [field]


@pytest.mark.parametrize("field", ["groups", "user_permissions"])
def test_the_form_of_an_account_too(field, root, client):
    data = filled(client.get(edit_url(root)), **{field: [HUGE]})
    assert field in client.post(edit_url(root), data).context["adminform"].form.errors


@pytest.mark.parametrize("name", RECORDS)
def test_nothing_at_an_absurd_address_is_never_a_failure(name, guidance, root, client):
    pages = ("change", "history", "delete", f"history/{HUGE}", "history/%00")
    for identity, page in product(("0", "abc", HUGE, "%00", "%0A", NOBODY), pages):
        for send in (client.get, client.post):
            answer = send(f"/admin/categories/{name}/{identity}/{page}/", {})
            assert answer.status_code in (302, 403, 404), (identity, page)


@pytest.mark.parametrize("query", [f"levels={HUGE}&cohorts=%00", "guidance=abc&after=%00", f"_to_field={HUGE}"])
def test_an_absurd_address_of_an_empty_form_is_never_a_failure(query, guidance, root, client):
    assert client.get(f"{reverse('admin:categories_category_add')}?{query}").status_code in (200, 400)


LISTS = [*RECORDS, "submission", "edition"]
QUERIES = [
    "title__regex=(",
    "change_note__regex=(",
    "username__regex=(",
    "name__regex=(",
    "title=%00",
    "%00=1",
    "kind__exact=%00",
    "availability=%00",
    "availability=abc",
    f"availability={HUGE}",
    f"relationship__id__exact={HUGE}",
    f"guidance__id__exact={HUGE}",
    "status__exact=%00",
    "levels__id__exact=%00",
    f"levels__id__exact={HUGE}",
    f"levels__id__in={HUGE}",
    f"cohorts__id__exact={HUGE}",
    f"groups__id__exact={HUGE}",
    f"id__in={HUGE}",
    "guidance__id__exact=%00",
    "approval_tests__id__exact=bad",
    f"approval_tests__id__exact={HUGE}",
    "withdrawn=%00",
    "is_active__exact=%00",
    "q=%00",
    "q=%ED%A0%80",
    f"p={HUGE}",
    f"o={HUGE}",
    "o=%00",
    "submitted_by__password__startswith=p",
]


@pytest.mark.parametrize("query", QUERIES)
def test_a_list_passes_over_what_it_does_not_offer(query, guidance, root, client):
    for name in LISTS:
        url = reverse(f"admin:categories_{name}_changelist")
        for send in (client.get, client.post):
            answer = send(f"{url}?{query}")
            assert answer.status_code in (200, 302, 400, 403), name
            if answer.status_code == 302:
                assert answer["Location"] == f"{url}?e=1"


def test_a_list_looks_up_no_field_but_those_of_its_filters(guidance, root, client):
    url = reverse("admin:categories_category_changelist")
    assert client.get(f"{url}?title__regex=(", follow=True).redirect_chain == [(f"{url}?e=1", 302)]
    assert client.get(f"{url}?aim__startswith=E")["Location"] == f"{url}?e=1"
    assert client.get(f"{url}?levels__id__exact={Level.objects.first().pk}").status_code == 200


# Adding the same thing at once


def test_an_add_that_loses_a_race_is_told_by_the_form(root, client, monkeypatch):
    """With nothing to lock yet, the other guidance can come between the check and the save."""
    url = reverse("admin:categories_guidance_add")
    data = typed(client, url, slug="twice", title="Twice", publisher="P", applies_to="England")
    save = Guidance.save
    once = iter([True])

    def save_after_somebody_else(record, *args, **options):
        if next(once, False):
            raise IntegrityError("The slug is taken: another transaction committed it after the form was checked.")
        return save(record, *args, **options)

    monkeypatch.setattr(Guidance, "save", save_after_somebody_else)
    make_guidance_elsewhere = Guidance(slug="twice", title="Of somebody else", publisher="P", applies_to=["England"])
    validate = Guidance.validate_unique
    blind = iter([True])

    def validate_blindly_once(record, *args, **options):
        if next(blind, False):
            return
        save(make_guidance_elsewhere)
        validate(record, *args, **options)

    monkeypatch.setattr(Guidance, "validate_unique", validate_blindly_once)
    answer = client.post(url, data)
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors == {"slug": ["Guidance with this Slug already exists."]}


# Deleting what is in use, or waits


def test_what_waits_for_approval_is_not_deleted(guidance, root, client):
    with saving(by=root, why="New"):
        category = make_category(guidance, "brand-new")
    publishing.submit(guidance, root, change_note="A new category.")
    url = reverse("admin:categories_category_delete", args=[category.pk])
    sentence = f"“{category}” is in a submission that waits for approval."
    assert sentence in client.get(url).content.decode()
    answer = client.post(url, {"post": "yes", "internal_note": "Away with it"})
    assert sentence in answer.content.decode()
    assert Category.objects.filter(pk=category.pk).exists()


def test_a_delete_is_refused_when_the_record_comes_into_use_before_it_has_the_lock(guidance, root, client, monkeypatch):
    """Somebody ticks the cohort while this person waits for the lock, as the page has long been checked."""
    cohort, category = make_cohort(guidance, "apprentices"), guidance.category_set.get()
    lock = Cohort.lock

    def lock_after_somebody_used_it(record):
        lock(record)
        category.cohorts.add(cohort)

    monkeypatch.setattr(Cohort, "lock", lock_after_somebody_used_it)
    url = reverse("admin:categories_cohort_delete", args=[cohort.pk])
    answer = client.post(url, {"post": "yes", "internal_note": "Away with it"})
    assert "is used by “One”." in answer.content.decode()
    assert Cohort.objects.filter(pk=cohort.pk).exists()
