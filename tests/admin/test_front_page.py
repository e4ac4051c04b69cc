"""The staff front page: each thing that needs doing once, with who, since when, a verb and a link."""

import re
from datetime import timedelta

import html5lib
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from categories import publishing
from categories.models import Feedback
from categories.models.history import saving
from tests.factories import make_category, make_guidance, make_user, publish_loaded
from tests.forms import typed
from tests.html import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def guidance():
    guidance = make_guidance()
    for slug in ("one", "two", "three"):
        make_category(guidance, slug)
    publish_loaded(guidance)
    return guidance


@pytest.fixture
def wendy():
    return make_user("wendy", "Writer", first_name="Wendy", last_name="Writer")


@pytest.fixture
def otto():
    return make_user("otto", "Writer", first_name="Otto", last_name="Author")


@pytest.fixture
def erin():
    return make_user("erin", "Editor", first_name="Erin", last_name="Editor")


def edit(guidance, slug, by, **fields):
    record = guidance.category_set.get(slug=slug)
    with saving(by, "A better wording"):
        for name, value in (fields or {"aim": f"By {by}."}).items():
            setattr(record, name, value)
        record.save()
    return record


def front(client, user) -> str:
    client.force_login(user)
    return words(main(client))


def links(client) -> dict[str, str]:
    return {words(link): link.get("href") for link in main(client).iter("a")}


def main(client):
    page = client.get(reverse("admin:index")).content.decode()
    return next(html5lib.parse(page, namespaceHTMLElements=False).iter("main"))


def test_drafts_are_told_with_whose_and_since_when(guidance, wendy, otto, client):
    mine = edit(guidance, "one", wendy)
    edit(guidance, "two", otto)
    page = front(client, wendy)
    assert "Look at and submit 2 records of Guidance for tests, which differ from the newest edition." in page
    assert re.search(r"Yours of Guidance for tests Finish One \(category, changed\) by you since \d", page)
    assert re.search(r"Of others of Guidance for tests Finish Two \(category, changed\) by Otto Author since \d", page)
    assert links(client)["One"] == reverse("admin:categories_category_change", args=[mine.pk])
    assert re.search(r"Yours of Guidance for tests Finish Two", front(client, otto))


def test_what_waits_for_approval_is_no_draft(guidance, wendy, erin, client):
    edit(guidance, "one", wendy)
    publishing.submit(guidance, wendy, change_note="Plainer.")
    page = front(client, wendy)
    assert "Submitted by you, waiting for somebody else" in page
    assert "which differs" not in page
    assert "Finish" not in page
    edit(guidance, "two", wendy)
    assert "1 record of Guidance for tests, which differs from the newest edition" in front(client, wendy)
    assert "Waiting for you Read and decide Submission" in front(client, erin)


def test_a_rejection_is_there_with_its_reason_and_the_way_on(guidance, wendy, erin, client):
    """Cases F23 and F24."""
    edit(guidance, "one", wendy)
    edit(guidance, "two", wendy)
    one = guidance.category_set.get(slug="one")
    submission = publishing.submit(guidance, wendy, change_note="An hour’s words.", chosen=[one.pk])
    publishing.reject(submission, erin, why="The month is wrong.")
    page = front(client, wendy)
    assert f"Came back: mend and submit again {submission} of Guidance for tests by you was rejected by Erin" in page
    assert "The month is wrong." in page
    assert page.count("One (category, changed)") == 1  # never twice
    assert "Mend One (category, changed)" in page
    assert "Finish Two (category, changed)" in page
    where = links(client)["Submit it again: Guidance for tests"]
    assert "An hour’s words." in client.get(where).content.decode()
    publishing.submit(guidance, wendy, change_note="Mended.")
    assert "Came back" not in front(client, wendy)


def test_an_emergency_that_is_scheduled_is_told_once(guidance, erin, client):
    edit(guidance, "one", erin)
    submission = publishing.submit(guidance, erin, change_note="At once.")
    at = timezone.now() + timedelta(days=1)
    publishing.publish_in_emergency(submission, erin, why="It cannot wait.", live_at=at)
    page = front(client, make_user("edith", "Editor"))
    assert page.count("Edition 2 of") == 1
    assert "Review Edition 2 of" in page


def test_a_removed_draft_leads_nowhere(guidance, wendy, client):
    with saving(wendy, "Not needed"):
        make_category(guidance, "four").delete()
    assert "Nothing waits." in front(client, wendy)


def test_each_category_is_one_click_away(guidance, wendy, client):
    front(client, wendy)
    category = guidance.category_set.get(slug="three")
    assert links(client)["Three"] == reverse("admin:categories_category_change", args=[category.pk])


def test_queries_do_not_grow_with_the_drafts(guidance, wendy, client, django_assert_num_queries):
    for number in range(6):
        make_category(guidance, f"category-{number}")
    client.force_login(wendy)
    edit(guidance, "one", wendy)
    client.get(reverse("admin:index"))  # which also notes that the session was used
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("admin:index"))
    for number in range(6):
        edit(guidance, f"category-{number}", wendy)
    with django_assert_num_queries(len(few)):
        client.get(reverse("admin:index"))


# Lists and forms


def test_the_changed_can_be_picked_out(guidance, wendy, client):
    edit(guidance, "one", wendy)
    make_category(guidance, "four")
    client.force_login(wendy)
    page = client.get(reverse("admin:categories_category_changelist"), {"changed": "yes"})
    assert {category.slug for category in page.context["cl"].result_list} == {"one", "four"}


def test_what_is_live_and_what_is_scheduled_are_told_apart(guidance, wendy, erin, client):
    edit(guidance, "one", wendy)
    submission = publishing.submit(guidance, wendy, change_note="Next.")
    client.force_login(wendy)
    address = reverse("admin:categories_category_changelist")
    assert "which is scheduled" not in client.get(address).content.decode()
    publishing.approve(submission, erin, live_at=timezone.now() + timedelta(days=1))
    assert "The same (edition 2, which is scheduled)" in client.get(address).content.decode()


def test_a_save_can_lead_to_what_will_change(guidance, wendy, client):
    client.force_login(wendy)
    url = reverse("admin:categories_category_change", args=[guidance.category_set.get(slug="one").pk])
    data = typed(client, url, aim="Plainer.") | {"_changes": "Save and see what will change"}
    where = reverse("admin:categories_guidance_changes", args=[guidance.pk])
    for _ in range(2):
        answer = client.post(url, data)
        assert (answer.status_code, answer.headers["Location"]) == (302, where)


def test_no_relationship_is_preset(guidance, wendy, client):
    client.force_login(wendy)
    form = client.get(reverse("admin:categories_category_add")).context["adminform"].form
    assert form["relationship"].value() is None
    assert "Choose a relationship" in str(form["relationship"])


# Saving


def test_a_link_within_the_site_is_looked_at_when_it_is_saved(guidance, wendy, client):
    """Case F29: a warning, since what it leads to may be to come."""
    category = guidance.category_set.get(slug="one")
    url = reverse("admin:categories_category_change", args=[category.pk])
    client.force_login(wendy)
    base = f"/guidance/{guidance.slug}/categories/"
    sent = typed(client, url, aim=f"See [it]({base}twoo/).", internal_note="A way on")
    page = words(html5lib.parse(client.post(url, sent, follow=True).content.decode(), namespaceHTMLElements=False))
    assert "Core aim of “One” is saved with a link to mend" in page
    assert f"It leads to no category of this guidance. Suggested: {base}two/" in page
    page = words(html5lib.parse(client.get(url).content.decode(), namespaceHTMLElements=False))
    assert (
        f"Links to mend Core aim: {base}twoo/. It leads to no category of this guidance. Suggested: {base}two/" in page
    )
    sent = typed(client, url, aim=f"See [it]({base}two/#aims).", internal_note="Mended") | {"_continue": ["1"]}
    page = words(html5lib.parse(client.post(url, sent, follow=True).content.decode(), namespaceHTMLElements=False))
    assert "is saved with a link" not in page  # the form itself says so
    assert f"Suggested: {base}two/#aim" in page
    assert "Mend core aim of One" in front(client, wendy)
    sent = typed(client, url, aim=f"See [it]({base}two/#aim).", internal_note="Mended")
    page = words(html5lib.parse(client.post(url, sent, follow=True).content.decode(), namespaceHTMLElements=False))
    assert "link to mend" not in page
    assert "Broken links" not in front(client, wendy)


def test_what_readers_ask_is_there_to_be_settled(guidance, wendy, client):
    for number in range(12):
        Feedback.objects.create(page="/x/", wrong=f"What is {number}?", at=timezone.now())
    page = front(client, wendy)
    assert "What readers ask and report Read and settle “What is 11?”, on /x/, at" in page
    assert "and 2 more" in page
    assert links(client)["2 more"] == reverse("admin:categories_feedback_changelist") + "?state=open"
    Feedback.objects.update(done_at=timezone.now())
    assert "What readers ask" not in front(client, wendy)
