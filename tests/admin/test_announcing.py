"""Announcing in the admin: with an approval, on its own, and what readers are told when plans change."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from categories import publishing
from categories.content.moments import when
from categories.models import AnnouncementLine, Edition, Guidance, Submission, User
from categories.models.history import saving
from categories.publishing.announcements import line_of, write
from tests.factories import make_category, make_guidance, make_user, publish_loaded

pytestmark = pytest.mark.django_db

ANNOUNCED = "It is announced: readers see what will change, and when."


@pytest.fixture
def guidance() -> Guidance:
    guidance = make_guidance()
    for slug in ("one", "two"):
        make_category(guidance, slug)
    publish_loaded(guidance)
    return guidance


@pytest.fixture
def writer() -> User:
    return make_user("wendy", "Writer")


@pytest.fixture
def editor(client: Client) -> User:
    editor = make_user("erin", "Editor")
    client.force_login(editor)
    return editor


def submit(guidance: Guidance, writer: User, slug: str = "one", aim: str = "A plainer aim.", fix: bool = False) -> Any:
    category = guidance.category_set.get(slug=slug)
    category.aim = aim
    with saving(by=writer, why="An edit"):
        category.save()
    return publishing.submit(guidance, writer, change_note=f"Of {slug}.", chosen={category.pk}, fix=fix)


@pytest.fixture
def waiting(guidance: Guidance, writer: User) -> Submission:
    return submit(guidance, writer)


def in_days(days: int) -> dict[str, str]:
    at = timezone.localtime() + timedelta(days=days)
    return {"live_at_0": f"{at:%Y-%m-%d}", "live_at_1": "09:00"}


@pytest.fixture
def announced(waiting: Submission, editor: User) -> Edition:
    live_at = timezone.now().replace(microsecond=0) + timedelta(days=3)
    return publishing.approve(waiting, editor, live_at=live_at, announce=True)


def page_of(submission: Submission) -> str:
    return reverse("admin:categories_submission_change", args=[submission.pk])


def form_of(client: Client, submission: Submission, verb: str) -> Any:
    [step] = [one for one in client.get(page_of(submission)).context["steps"] if one["verb"].name == verb]
    return step["form"]


def act(client: Client, submission: Submission, verb: str, **typed: Any) -> HttpResponse:
    """Do one thing as a browser does: with what the form hides too."""
    hidden = {field.name: field.value() for field in form_of(client, submission, verb).hidden_fields()}
    return again(client, submission, verb, **hidden, **typed)


def again(client: Client, submission: Submission, verb: str, **typed: Any) -> HttpResponse:
    url = reverse("admin:categories_submission_act", args=[submission.pk, verb])
    return client.post(url, {f"{verb}-{name}": value or "" for name, value in typed.items()}, follow=True)


def said(response: HttpResponse) -> str:
    return response.content.decode()


def public(client: Client, guidance: Guidance, place: str = "announced/") -> str:
    return said(client.get(f"/guidance/{guidance.slug}/{place}"))


def test_what_is_approved_for_a_day_can_be_announced_with_it(
    waiting: Submission, guidance: Guidance, editor: User, client: Client
) -> None:
    assert "It cannot become secret again." in said(client.get(page_of(waiting)))
    page = said(act(client, waiting, "approve", when="later", announce="on", **in_days(3)))
    edition = guidance.editions.get(number=2)
    assert f"Edition 2 is scheduled. It goes live at {when(edition.live_at)} by itself. {ANNOUNCED}" in page
    line = AnnouncementLine.objects.get()
    address = f"/guidance/{guidance.slug}/announced/{line.announcement}/"
    assert f'<a href="{address}">What readers are told of it</a>' in page
    assert "<strong>Announced</strong> by erin" in page
    assert "A plainer aim." in said(client.get(address))
    assert "Of one." in public(client, guidance)
    assert "This will change on" in public(client, guidance, "categories/one/")
    assert "A plainer aim." not in public(client, guidance, "categories/one/")


def test_what_is_approved_is_secret_unless_the_box_is_ticked(
    waiting: Submission, guidance: Guidance, editor: User, client: Client
) -> None:
    page = said(act(client, waiting, "approve", when="later", **in_days(3)))
    assert "by itself." in page
    assert ANNOUNCED not in page
    assert "No change is announced." in public(client, guidance)


def test_what_goes_live_now_is_not_announced_and_what_was_typed_stays(
    waiting: Submission, editor: User, client: Client
) -> None:
    response = act(client, waiting, "approve", when="now", announce="on", note="Well done.")
    assert response.status_code == 409
    assert "What goes live now is not announced. Choose a time, or do not announce it." in said(response)
    assert "Well done.</textarea>" in said(response)
    [form] = [step["form"] for step in response.context["steps"] if step["form"].is_bound]
    assert form["announce"].value() is True


def test_what_is_scheduled_is_announced_later(
    waiting: Submission, guidance: Guidance, editor: User, client: Client
) -> None:
    act(client, waiting, "approve", when="later", **in_days(3))
    waiting.refresh_from_db()
    assert "Announced" not in said(client.get("/admin/"))
    page = said(act(client, waiting, "announce"))
    assert ANNOUNCED in page
    assert '<strong class="app-tag">Announced</strong>' in said(client.get("/admin/"))
    assert 'id="announce"' not in page  # there is nothing more to announce
    assert "Of one." in public(client, guidance)
    page = again(client, waiting, "announce")  # the form was sent twice
    assert (page.status_code, ANNOUNCED in said(page), AnnouncementLine.objects.count()) == (200, True, 1)


def test_a_writer_announces_nothing(waiting: Submission, writer: User, editor: User, client: Client) -> None:
    act(client, waiting, "approve", when="later", **in_days(3))
    client.force_login(writer)
    assert 'id="announce"' not in said(client.get(page_of(waiting)))
    response = again(client, waiting, "announce")
    assert response.status_code == 403
    assert "Only an Editor can announce an edition." in said(response)
    assert not AnnouncementLine.objects.exists()


def test_rescheduling_asks_what_readers_are_told_where_it_was_announced(
    announced: Edition, guidance: Guidance, editor: User, client: Client
) -> None:
    submission = announced.submission
    assert "announce" not in form_of(client, submission, "reschedule").fields
    response = act(client, submission, "reschedule", why="Asked by the minister.", **in_days(5))
    assert response.status_code == 409
    assert "It was announced: say what readers are told." in said(response)
    assert "Asked by the minister.</textarea>" in said(response)
    told = "Colleges asked for two days more."
    page = said(act(client, submission, "reschedule", why="Asked by the minister.", told=told, **in_days(5)))
    assert f"Edition 2 is rescheduled. It goes live at {when(guidance.editions.get(number=2).live_at)}" in page
    text = public(client, guidance)
    assert told in text
    assert "minister" not in text


def test_rescheduling_what_is_secret_can_announce_it(
    waiting: Submission, guidance: Guidance, editor: User, client: Client
) -> None:
    act(client, waiting, "approve", when="later", **in_days(3))
    form = form_of(client, waiting, "reschedule")
    assert "told" not in form.fields
    page = said(act(client, waiting, "reschedule", why="Later.", announce="on", **in_days(5)))
    assert ANNOUNCED in page
    assert "Of one." in public(client, guidance)


def test_unscheduling_asks_what_readers_are_told_where_it_was_announced(
    announced: Edition, guidance: Guidance, editor: User, client: Client
) -> None:
    submission = announced.submission
    response = act(client, submission, "unschedule", why="Asked by the minister.")
    assert response.status_code == 409
    assert "It was announced: say what readers are told." in said(response)
    act(client, submission, "unschedule", why="Asked by the minister.", told="It needs more work.")
    assert not guidance.editions.filter(number=2).exists()
    assert AnnouncementLine.objects.latest("pk").why == "It needs more work."


def test_unscheduling_what_is_secret_asks_for_nothing_public(waiting: Submission, editor: User, client: Client) -> None:
    act(client, waiting, "approve", when="later", **in_days(3))
    assert list(form_of(client, waiting, "unschedule").fields) == ["why"]


def test_the_approver_of_a_fix_sees_that_readers_are_told_and_says_what(
    announced: Edition, guidance: Guidance, writer: User, editor: User, client: Client
) -> None:
    fix = submit(guidance, writer, aim="At once.", fix=True)
    page = said(client.get(page_of(fix)))
    assert "Edition 2 is unscheduled" in page
    assert "<strong>It is announced.</strong> Readers are told so." in page
    act(client, fix, "approve", when="now", told="It was wrong, and is right now.")
    assert AnnouncementLine.objects.latest("pk").why == "It was wrong, and is right now."


def test_where_nothing_is_announced_an_approval_asks_for_nothing_public(
    waiting: Submission, editor: User, client: Client
) -> None:
    assert "told" not in form_of(client, waiting, "approve").fields


def test_a_first_edition_is_not_announced_and_the_page_says_why(writer: User, editor: User, client: Client) -> None:
    guidance = make_guidance(slug="new", title="New")
    make_category(guidance, "one")
    submission = publishing.submit(guidance, writer, change_note="The first.")
    response = act(client, submission, "approve", when="later", announce="on", **in_days(3))
    assert response.status_code == 409
    assert "readers could not be shown what changes, as nothing of this guidance is live yet." in said(response)
    act(client, submission, "approve", when="later", **in_days(3))
    assert "nothing of this guidance is live yet." in said(client.get(page_of(submission)))
    edition = Edition.objects.get(guidance=guidance)
    now = timezone.now()
    write([line_of(edition, None, uuid4(), "announced")], now, now)  # as was possible once
    page = client.get(page_of(submission))
    assert (page.status_code, page.context["announced"]) == (200, "")


def test_what_is_scheduled_says_whether_it_is_announced(
    announced: Edition, guidance: Guidance, writer: User, client: Client
) -> None:
    secret = submit(guidance, writer, "two")
    publishing.approve(secret, User.objects.get(username="erin"), live_at=announced.live_at + timedelta(days=1))
    page = said(client.get(reverse("admin:categories_edition_scheduled")))
    first, second = page.split("<section>")[1:]
    assert "Announced</strong>" in first
    assert "Announced" not in second
