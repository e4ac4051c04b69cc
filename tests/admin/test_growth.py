"""The pages of staff ask the database as often for a long record, or many categories, as for few of them."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from categories import publishing
from categories.admin import history
from categories.models import Category, Guidance, Submission
from categories.models.history import saving
from categories.publishing import loading
from tests.factories import make_user, many_categories
from tests.forms import filled, typed
from tests.growth import fill_with_work, staff_pages

pytestmark = pytest.mark.django_db

FEW, MANY = 3, 60  # editions, and saves of one category


@pytest.fixture
def writer():
    return make_user("wendy", "Writer")


@pytest.fixture
def editor():
    return make_user("edward", "Editor")


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def changes_url() -> str:
    return reverse("admin:categories_guidance_changes", args=[Guidance.objects.get().pk])


def queries_of(act: Callable[[], object], *statuses: int) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = act()
    assert response.status_code in (statuses or (200,))
    return len(captured)


def queries_of_pages(user) -> dict[str, int]:
    """How many queries each page takes that staff look at."""
    client = signed_in(user)
    return {name: queries_of(lambda url=url: client.get(url)) for name, url in staff_pages().items()}


def queries_of_verbs(writer, editor) -> dict[str, int]:
    """How many queries it takes to save, submit and approve one change."""
    client, other = signed_in(writer), signed_in(editor)
    form = reverse("admin:categories_category_change", args=[Category.objects.first().pk])
    data = typed(client, form, aim="An aim that is new.")
    found = {"save": queries_of(lambda: client.post(form, data), 302)}
    data = filled(client.get(changes_url()), change_note="It is new.")
    found["submit"] = queries_of(lambda: client.post(changes_url(), data), 302)
    submission = Submission.objects.get(status="submitted")
    url = reverse("admin:categories_submission_change", args=[submission.pk])
    found["submission that waits"] = queries_of(lambda: other.get(url))
    plan = publishing.plan_of(submission, editor, None, submission.submitted_at)
    act = reverse("admin:categories_submission_act", args=[submission.pk, "approve"])
    found["approve"] = queries_of(lambda: other.post(act, {"approve-when": "now", "approve-seen": plan.digest}), 302)
    return found


def queries_with(fill: Callable[[], object], writer, editor) -> dict[str, int]:
    """The queries of every page and verb on what `fill` makes, of which nothing stays."""
    with transaction.atomic():
        fill()
        queries_of_pages(editor)  # once before, for what Django itself looks up once in a process
        found = queries_of_pages(editor) | queries_of_verbs(writer, editor)
        transaction.set_rollback(True)
    return found


def test_no_page_or_verb_asks_more_for_a_long_record(fixture_content, writer, editor):
    few, many = (
        queries_with(lambda number=number: fill_with_work(fixture_content, number, writer), writer, editor)
        for number in (FEW, MANY)
    )
    assert many == few


def test_no_page_or_verb_asks_more_for_many_categories(fixture_content, writer, editor):
    def fill(number: int) -> None:
        content = many_categories(fixture_content, number)
        loading.load(content, by=writer, why="Loaded")
        publishing.publish_loaded(content, change_note="First published.")

    few, many = (queries_with(lambda number=number: fill(number), writer, editor) for number in (2, 48))
    assert many == few


# Histories


def edited_often(writer, number: int) -> Category:
    category = Category.objects.first()
    for edit in range(number):
        category.aim = f"Aim-{edit}."
        with saving(writer, why=f"Edit {edit}."):
            category.save()
    return category


@pytest.fixture
def category(fixture_content, writer, monkeypatch):
    monkeypatch.setattr(history, "SAVES_ON_A_PAGE", 10)
    loading.load(fixture_content, by=None, why="Loaded")
    return edited_often(writer, 20)


def pages_of(category, client) -> list[str]:
    url = reverse("admin:categories_category_history", args=[category.pk])
    return [client.get(url, {"page": number}).content.decode() for number in (1, 2, 3)]


def test_a_history_is_read_page_by_page_each_save_compared_with_the_one_before(category, writer):
    pages = pages_of(category, signed_in(writer))
    entries = [entry for page in pages for entry in page.split("<li ")[1:] if "app-entry" in entry]
    for edit, entry in zip(reversed(range(1, 20)), entries, strict=False):  # the oldest of a page is one of them
        assert f"Edit {edit}." in entry
        assert f"Aim-{edit}." in entry
        assert f"Aim-{edit - 1}." in entry
    assert [page.count("as it was then") for page in pages] == [10, 10, 1]
    assert ["Page 2 of 3" in page for page in pages] == [False, True, False]


@pytest.mark.parametrize("number", ["0", "4", "x", "-1", "9" * 30])
def test_a_page_that_a_history_does_not_have_leads_to_the_newest_saves(category, writer, number):
    url = reverse("admin:categories_category_history", args=[category.pk])
    response = signed_in(writer).get(url, {"page": number})
    assert response.status_code == 404
    assert "There is no such page of this history" in response.content.decode()
    assert f'href="{url}"' in response.content.decode()


def test_a_stale_form_shows_the_newest_saves_of_others_however_many_there_are(category, writer):
    client = signed_in(writer)
    url = reverse("admin:categories_category_change", args=[category.pk])
    data = typed(client, url, aim="Mine.", opened_at="1")
    response = client.post(url, data)
    others = response.context["merge"].others
    assert [entry.why for entry in others] == [f"Edit {edit}." for edit in reversed(range(10, 20))]
    assert others[-1].fields[0].before_words == "Aim-9."


# The edition that a correction is of


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("99", "There is no edition 99: they are numbered from 1 to 3."),
        ("0", "There is no edition 0: they are numbered from 1 to 3."),
        ("the first", "“the first” is not the number of an edition: write it in digits, such as 12."),
        ("-1", "“-1” is not the number of an edition"),
        ("9" * 30, "is not the number of an edition"),
    ],
)
def test_a_number_that_no_edition_has_is_explained_with_all_that_was_typed(fixture_content, writer, written, answer):
    fill_with_work(fixture_content, FEW, writer)
    client, url = signed_in(writer), f"{changes_url()}?corrects=1"
    page = client.post(url, filled(client.get(url), change_note="It was May.", corrects=written))
    assert page.status_code == 422
    assert answer in page.content.decode()
    assert "It was May." in page.content.decode()
    assert f'value="{written}"' in page.content.decode()
    assert not Submission.objects.filter(status="submitted")


def test_the_choice_of_the_edition_to_correct_does_not_list_them(fixture_content, writer):
    fill_with_work(fixture_content, MANY, writer)
    page = signed_in(writer).get(f"{changes_url()}?corrects=7").content.decode()
    assert "<option" not in page
    assert '<input type="number" name="corrects" value="7" min="1"' in page


@pytest.mark.parametrize(
    ("written", "answer"),
    [
        ("99", "There is no edition 99: they are numbered from 1 to"),
        ("last", "“last” is not the number of an edition: write it in digits, such as 12."),
    ],
)
def test_an_address_that_asks_to_correct_no_edition_is_explained(fixture_content, writer, written, answer):
    fill_with_work(fixture_content, FEW, writer)
    page = signed_in(writer).get(f"{changes_url()}?corrects={written}")
    assert page.status_code == 200
    assert answer in page.content.decode()
