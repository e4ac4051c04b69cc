"""Two people, two tabs and two clicks: what each typed is merged or shown, and what is sent twice is told of once."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from categories import publishing
from categories.models import Category, Edition, OpenForm, Submission, SubmissionEvent
from categories.models.history import saving
from tests.factories import (
    make_approval_test,
    make_category,
    make_cohort,
    make_guidance,
    make_level,
    make_relationship,
    make_steps,
    make_user,
    publish_loaded,
)
from tests.forms import filled, typed

pytestmark = pytest.mark.django_db


@pytest.fixture
def guidance():
    guidance = make_guidance()
    make_category(guidance, "one", cohorts=("16-to-19", "adults"))
    make_category(guidance, "two")
    publish_loaded(guidance)
    return guidance


@pytest.fixture
def category(guidance):
    return guidance.category_set.get(slug="one")


@pytest.fixture
def writer(client):
    user = make_user("wendy", "Writer", first_name="Wendy", last_name="Writer")
    client.force_login(user)
    return user


@pytest.fixture
def otto():
    return make_user("otto", "Writer", first_name="Otto", last_name="Author")


def change_url(record) -> str:
    return reverse(f"admin:categories_{record._meta.model_name}_change", args=[record.pk])


def other_saves(record, by, why="By Otto", **fields):
    with saving(by, why):
        for name, value in fields.items():
            if name in ("levels", "cohorts", "approval_tests"):
                getattr(record, name).set(value)
            else:
                setattr(record, name, value)
        record.save()


def said(response) -> str:
    return response.content.decode()


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


# Stale forms


def test_different_fields_merge_whatever_their_kind(category, guidance, otto, writer, client):
    mine = typed(client, change_url(category), title="My title", example="My example.", cohorts=[])
    ended = make_steps(guidance, ("in-scope", "2023-11"), ("ended", "2027-08"))
    theirs = {
        "aim": "The aim of Otto.",
        "by_exception": True,
        "levels": [make_level(guidance, 4), make_level(guidance, 5)],
        "relationship": make_relationship(guidance, "builds-on"),
        "availability": ended,
        "synonyms": ["another", "name"],
    }
    other_saves(Category.objects.get(pk=category.pk), otto, **theirs)
    response = client.post(change_url(category), mine, follow=True)
    category.refresh_from_db()
    assert (category.title, category.example) == ("My title", "My example.")
    assert (category.aim, category.by_exception) == ("The aim of Otto.", True)
    assert (category.availability, category.synonyms) == (ended, ["another", "name"])
    assert category.relationship == theirs["relationship"]
    assert [level.number for level in category.levels.all()] == [4, 5]
    assert not category.cohorts.exists()
    assert "Otto Author saved" in said(response)
    assert "that is kept too" in said(response)


def test_the_same_field_shows_both_and_saves_neither(category, otto, writer, client):
    mine = typed(client, change_url(category), title="My title", aim="The aim is mine.")
    other_saves(Category.objects.get(pk=category.pk), otto, aim="The aim of Otto.", example="Theirs alone.")
    response = client.post(change_url(category), mine)
    page = said(response)
    assert "Otto Author changed “Core aim” too while you had this open. Nothing is saved" in page
    [contest] = response.context["merge"].contested
    assert (contest.change.before_words, contest.change.after_words) == ("The aim of Otto.", "The aim is mine.")
    assert "Theirs alone." in page  # taken over into the form
    assert "My title" in page
    category.refresh_from_db()
    assert (category.title, category.aim) == ("One", "The aim of Otto.")
    client.post(change_url(category), filled(response))
    category.refresh_from_db()
    assert (category.title, category.aim, category.example) == ("My title", "The aim is mine.", "Theirs alone.")


def test_theirs_can_be_left_instead(category, otto, writer, client):
    mine = typed(client, change_url(category), title="My title", aim="The aim is mine.")
    other_saves(Category.objects.get(pk=category.pk), otto, aim="The aim of Otto.")
    page = client.post(change_url(category), mine)
    client.post(change_url(category), filled(page, take_theirs="aim"))
    category.refresh_from_db()
    assert (category.title, category.aim) == ("My title", "The aim of Otto.")


def test_lists_and_choices_are_contested_in_words(category, guidance, otto, writer, client):
    builds_on, adults = make_relationship(guidance, "builds-on"), make_cohort(guidance, "adults")
    mine = typed(client, change_url(category), cohorts=[], relationship=builds_on, approval_tests=[])
    extra = make_approval_test(guidance, "extra")
    other = {"cohorts": [adults], "relationship": make_relationship(guidance, "some-ksbs"), "approval_tests": [extra]}
    other_saves(Category.objects.get(pk=category.pk), otto, **other)
    response = client.post(change_url(category), mine)
    words = {one.name: (one.change.before_words, one.change.after_words) for one in response.context["merge"].contested}
    assert words["cohorts"] == ("Adults", "")
    assert words["approval_tests"] == ("Extra", "")
    assert words["relationship"][1] == "Builds on"


def test_what_cannot_be_kept_is_still_there_beside_what_others_saved(category, otto, writer, client):
    mine = typed(client, change_url(category), slug="Not A Slug", title="My title")
    other_saves(Category.objects.get(pk=category.pk), otto, slug="others-slug", example="Theirs.")
    page = said(client.post(change_url(category), mine))
    for words in ("Not A Slug", "My title", "Theirs.", "others-slug", "Use lower-case letters"):
        assert words in page


def test_a_form_without_its_beginning_takes_nothing_for_agreed(category, otto, writer, client):
    mine = typed(client, change_url(category), aim="The aim is mine.", opened_at="999999")
    response = client.post(change_url(category), mine)
    assert [one.name for one in response.context["merge"].contested] == ["aim"]


def test_a_place_that_nobody_here_touched_does_not_move_back(guidance, otto, writer, client):
    two = guidance.category_set.last()
    mine = typed(client, change_url(two), title="My title")
    with saving(otto, "First"):
        Category.objects.get(pk=two.pk).place_after(None)
    assert client.post(change_url(two), mine).status_code == 302
    assert [category.title for category in guidance.category_set.all()] == ["My title", "One"]


def test_two_moves_of_one_record_are_shown(guidance, otto, writer, client):
    make_category(guidance, "three")
    one, _, three = guidance.category_set.all()
    mine = typed(client, change_url(three), after="")
    with saving(otto, "Second"):
        Category.objects.get(pk=three.pk).place_after(one)
    response = client.post(change_url(three), mine)
    assert "changed “Place” too" in said(response)
    client.post(change_url(three), filled(response))
    assert [category.slug for category in guidance.category_set.all()] == ["three", "one", "two"]


# Sent twice


def test_a_save_sent_twice_says_once_that_it_is_saved(category, writer, client):
    mine = typed(client, change_url(category), aim="First wording.")
    client.post(change_url(category), mine)
    before = category.history.count()
    again = client.post(change_url(category), mine)
    assert again.status_code == 302
    assert told(again) == [f'The category “<a href="{change_url(category)}">One</a>” was changed successfully.']
    assert category.history.count() == before


def test_ones_own_later_wording_is_not_overwritten_in_silence(category, writer, client):
    old = typed(client, change_url(category), aim="Typed in the first tab.")
    client.post(change_url(category), typed(client, change_url(category), aim="Saved in the second tab."))
    assert "Wendy Writer changed “Core aim” too" in said(client.post(change_url(category), old))


def test_an_addition_sent_twice_adds_one_record(guidance, writer, client):
    url = reverse("admin:categories_cohort_add")
    new = typed(client, url, name="Veterans", slug="veterans")
    first, again = client.post(url, new), client.post(url, new)
    assert (first.status_code, again.status_code) == (302, 302)
    [sentence] = told(again)
    assert "was added successfully" in sentence
    assert guidance.cohort_set.filter(name="Veterans").count() == 1
    changed = client.post(url, new | {"name": ["Armed forces leavers"]})
    assert "changed “Name” too" in said(changed)  # nothing that was typed meanwhile is lost
    client.post(url, filled(changed))
    assert guidance.cohort_set.get(slug="veterans").name == "Armed forces leavers"


def test_a_level_sent_twice_is_added_once_and_told_of(guidance, writer, client):
    """A level is fixed once it is saved, so what its form says the second time cannot go into it."""
    url = reverse("admin:categories_level_add")
    new = typed(client, url, guidance=guidance, number="8")
    first = client.post(url, new)
    for again in (client.post(url, new), client.post(url, new | {"number": ["7"]})):
        assert (again.status_code, again.headers["Location"]) == (302, first.headers["Location"])
        assert "Level 8” is saved already from this form" in told(again)[-1]
    assert [level.number for level in guidance.level_set.filter(number__in=[7, 8])] == [8]


def test_nobody_gives_a_record_an_id_of_their_own_choice(guidance, otto, writer, client):
    url = reverse("admin:categories_cohort_add")
    given = typed(client, url, name="Veterans", slug="veterans")
    for wrong in (["nonsense"], given["new_record"][0][:-3] + "abc", ""):
        client.post(url, given | {"new_record": wrong, "slug": [f"veterans-{len(str(wrong))}"]})
    assert guidance.cohort_set.filter(name="Veterans").count() == 3
    client.force_login(otto)
    client.post(url, given)
    made = guidance.cohort_set.get(slug="veterans")
    assert str(made.pk) not in given["new_record"][0]  # signed for somebody else


@pytest.fixture
def waiting(category, guidance, otto):
    other_saves(category, otto, aim="A plainer aim.")
    return publishing.submit(guidance, otto, change_note="Plainer.")


def changes_form(client, guidance, **fields):
    url = reverse("admin:categories_guidance_changes", args=[guidance.pk])
    return url, filled(client.get(url), **fields)


def test_a_submission_sent_twice_is_one(category, guidance, otto, writer, client):
    other_saves(category, otto, aim="A plainer aim.")
    url, form = changes_form(client, guidance, change_note="Plainer.")
    first, again = client.post(url, form), client.post(url, form)
    assert first.headers["Location"] == again.headers["Location"]
    [submission] = Submission.objects.filter(status="submitted")
    assert told(again) == [f"{submission} waits for approval by a second person."]
    assert client.post(url, form | {"change_note": ["Something else."]}).status_code == 409


@pytest.mark.parametrize(
    ("verb", "said_first", "sentence"),
    [
        ("approve", {"when": "now"}, "is live."),
        ("approve", {"when": "later"}, "is scheduled. It goes live at"),
        ("reject", {"why": "A typo."}, "You have rejected it."),
        ("recall", {"why": "A typo."}, "It is recalled."),
    ],
)
def test_a_decision_sent_twice_tells_the_truth_once(verb, said_first, sentence, waiting, client):
    editor = make_user("erin", "Editor")
    client.force_login(editor)
    if said_first.get("when") == "later":
        at = timezone.localtime(timezone.now() + timedelta(days=1))
        said_first |= {"live_at_0": f"{at:%Y-%m-%d}", "live_at_1": f"{at:%H:%M}"}
    url, data = form_of(client, waiting, verb, said_first)
    events = SubmissionEvent.objects.count()
    for _ in range(2):
        answer = client.post(url, data)
        assert answer.status_code == 302
    [told_once] = told(answer)
    assert sentence in told_once
    assert SubmissionEvent.objects.count() == events + 1
    other = make_user("edith", "Editor")
    client.force_login(other)
    assert client.post(url, data).status_code == 409  # to anybody else it is news


def form_of(client, submission, verb, fields):
    page = client.get(reverse("admin:categories_submission_change", args=[submission.pk]))
    [step] = [step for step in page.context["steps"] if step["verb"].name == verb]
    hidden = {f"{verb}-{field.name}": field.value() or "" for field in step["form"].hidden_fields()}
    return step["url"], hidden | {f"{verb}-{name}": value for name, value in fields.items()}


def test_what_is_sent_twice_to_a_scheduled_edition(waiting, client):
    editor = make_user("erin", "Editor")
    client.force_login(editor)
    publishing.approve(waiting, editor, live_at=timezone.now() + timedelta(days=1))
    at = timezone.localtime(timezone.now() + timedelta(days=2))
    later = {"live_at_0": f"{at:%Y-%m-%d}", "live_at_1": f"{at:%H:%M}", "why": "Later"}
    for verb, fields, sentence in (
        ("reschedule", later, "is rescheduled. It goes live at"),
        ("unschedule", {"why": "Not yet"}, "is unscheduled."),
    ):
        url, data = form_of(client, waiting, verb, fields)
        events = SubmissionEvent.objects.count()
        client.post(url, data)
        events_after = SubmissionEvent.objects.count()
        answer = client.post(url, data)
        assert answer.status_code == 302, said(answer)
        assert sentence in told(answer)[-1]
        assert SubmissionEvent.objects.count() == events_after > events
    assert Edition.objects.count() == 1


def test_a_preview_shared_twice_is_one_link_and_an_answer_one_line(waiting, otto, client):
    client.force_login(otto)
    at = timezone.localtime(timezone.now() + timedelta(days=7))
    url, data = form_of(
        client,
        waiting,
        "share-preview",
        {"made_for": "A college", "expires_at_0": f"{at:%Y-%m-%d}", "expires_at_1": f"{at:%H:%M}"},
    )
    for _ in range(2):
        answer = client.post(url, data)
    assert len(told(answer)) == 1
    [link] = waiting.preview_links.all()
    url, data = form_of(client, waiting, "record-answer", {"answer": "They agree."})
    for _ in range(2):
        client.post(url, data)
    assert waiting.events.filter(verb="answered").count() == 1
    revoke = reverse("admin:categories_submission_revoke", args=[waiting.pk, link.pk])
    assert [client.post(revoke).status_code for _ in range(2)] == [302, 302]
    assert waiting.events.filter(verb="revoked").count() == 1


# Who has it open


def test_a_form_says_who_else_has_it_open_since_when(category, otto, writer, client):
    other = Client()
    other.force_login(otto)
    assert "has this open too" not in said(client.get(change_url(category)))
    assert "<strong>Wendy Writer has this open too</strong>, since" in said(other.get(change_url(category)))
    client.post(change_url(category), typed(client, change_url(category), aim="Saved, so closed."))
    assert "Wendy Writer" not in said(other.get(change_url(category))).split("messagelist")[-1].split("fieldset")[0]


def test_it_hears_of_work_and_of_leaving(category, otto, writer, client):
    url = reverse("admin:categories_category_open", args=[category.pk])
    assert client.get(url).status_code == 405
    other = Client()
    other.force_login(otto)
    other.post(url)
    assert "Otto Author has this open too" in said(client.post(url))
    other.post(url, {"left": "yes"})
    assert "Otto Author" not in said(client.post(url))
    assert client.post(reverse("admin:categories_category_open", args=[category.guidance_id])).status_code == 404


def test_whoever_has_done_nothing_for_as_long_as_a_session_lasts_is_not_named(category, otto, writer, client):
    at = timezone.now()
    OpenForm.objects.create(record_id=category.pk, account=otto, since=at, seen=at - timedelta(minutes=31))
    assert "has this open too" not in said(client.get(change_url(category)))


# A form whose key is no longer good


@pytest.fixture
def strict(writer):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(writer)
    return strict


def test_an_expired_form_gives_back_what_was_typed_and_sends_it_again(category, strict, client):
    mine = typed(client, change_url(category), aim="An hour of work.")
    answer = strict.post(change_url(category), mine, headers={"Origin": "http://testserver"})
    assert answer.status_code == 403
    page = said(answer)
    assert "Nothing was saved" in page
    assert "You are signed in as Wendy Writer." in page
    assert page.count("An hour of work.") == 2  # to send, and to read
    assert "Send it again" in page
    assert "CSRF" not in page
    again = dict(answer.context["typed"])
    assert client.post(change_url(category), mine | {"aim": again["aim"]}).status_code == 302


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}])
def test_what_another_site_sent_is_not_offered_to_be_sent(headers, category, strict, client):
    mine = typed(client, change_url(category), aim="An attack.")
    page = said(strict.post(change_url(category), mine, headers=headers))
    assert "Nothing was saved" in page
    assert "An attack." not in page
    assert "Send it again" not in page


def test_whoever_is_signed_out_is_led_back_and_no_password_comes_back(category):
    strict = Client(enforce_csrf_checks=True)
    own = {"Origin": "http://testserver"}
    page = said(strict.post(change_url(category), {"aim": "An hour of work."}, headers=own))
    assert f"/admin/login/?next={change_url(category)}" in page
    assert "An hour of work." in page
    page = said(strict.post("/admin/login/", {"username": "wendy", "password": "a secret"}, headers=own))
    assert "a secret" not in page
