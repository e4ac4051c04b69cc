"""Comments on a submission: at a record or a field, answered, resolved, and kept in its sealed log."""

import re

import pytest
from django.urls import reverse

from categories import publishing
from categories.models import Contribution, SubmissionEvent
from categories.models.history import saving
from categories.publishing import verify
from tests import mail
from tests.factories import make_category, make_guidance, make_reader, make_user, publish_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def wendy():
    return make_user("wendy", "Writer")


@pytest.fixture
def erin():
    return make_user("erin", "Editor")


@pytest.fixture
def category():
    guidance = make_guidance()
    category = make_category(guidance)
    publish_loaded(guidance)
    return category


@pytest.fixture
def submission(category, wendy):
    with saving(wendy, "Better"):
        category.aim = "A better aim."
        category.save()
    return publishing.submit(category.guidance, wendy, change_note="A better aim.")


def url(submission, name="comments"):
    return reverse(f"admin:categories_submission_{name}", args=[submission.pk])


def last(submission):
    return submission.events.order_by("pk").last()


def test_no_comment_keeps_what_postgresql_refuses(client, submission, erin):
    client.force_login(erin)
    client.post(url(submission), {"text": "Which\0 learners?"})
    assert last(submission).why == "Which\ufffd learners?"
    assert client.post(url(submission), {"of_field": "aim\0", "text": "Which?"}).status_code == 409


def test_a_comment_stands_at_its_field_and_in_the_log(client, submission, category, erin):
    client.force_login(erin)
    data = {"record": category.pk, "of_field": "aim", "text": "Which learners?"}
    response = client.post(url(submission), data)
    assert response.url == f"{url(submission, 'change')}#record-{category.pk}"
    page = client.get(url(submission, "change")).content.decode()
    record, log = page.split("<h2>Log</h2>")
    assert "on Core aim at" in record
    assert record.count("Which learners?") == log.count("Which learners?") == 1
    assert "1 comment is not resolved yet" in page
    line = last(submission)
    assert (line.by, line.status, line.record_id, line.field) == (erin, "submitted", category.pk, "aim")
    assert [message for message in mail.written() if "Which learners?" in message.body]


def test_every_form_of_the_page_has_its_key(client, submission, category, erin):
    publishing.comment(submission, erin, "Which learners?", record=category.pk)
    client.force_login(erin)
    page = client.get(url(submission, "change")).content.decode()
    forms = re.findall(r'<form[^>]* method="post".*?</form>', page, re.DOTALL)
    assert [form for form in forms if f'action="{url(submission)}"' in form]
    assert [form for form in forms if "csrfmiddlewaretoken" not in form] == []


def test_it_is_answered_and_resolved(client, submission, category, wendy, erin):
    publishing.comment(submission, erin, "Which learners?", record=category.pk)
    about = last(submission)
    client.force_login(wendy)
    client.post(url(submission), {"about": about.pk, "text": "Adults."})
    client.post(url(submission), {"about": about.pk, "_resolve": "1"})
    page = client.get(url(submission, "change")).content.decode()
    assert "Adults." in page.split("<h2>Log</h2>")[0]
    assert re.search(r"Resolved by <?.*wendy", page, re.IGNORECASE)
    assert "not resolved yet" not in page
    assert [event.verb for event in submission.events.order_by("pk")][-3:] == ["commented", "replied", "resolved"]


def test_whoever_comments_contributes_nothing_and_may_approve(client, submission, category, erin):
    before = Contribution.objects.count()
    publishing.comment(submission, erin, "Fine now.", record=category.pk)
    assert Contribution.objects.count() == before
    edition = publishing.approve(submission, erin, note="Thank you.")
    assert edition.number == 2
    assert last(submission).why == "Thank you."


def test_the_log_with_comments_proves_itself(submission, category, erin):
    publishing.comment(submission, erin, "One.", record=category.pk, of_field="aim")
    publishing.reply(last(submission), erin, "Two.")
    assert list(verify.faults()) == []
    assert "record_id" in submission.events.get(verb="commented").record()
    assert set(submission.events.get(verb="submitted").record()).isdisjoint({"record_id", "field", "about_id"})


def test_a_comment_is_never_altered(submission, category, erin):
    publishing.comment(submission, erin, "One.")
    line = last(submission)
    line.why = "Another."
    with pytest.raises(TypeError):
        line.save()
    with pytest.raises(TypeError):
        SubmissionEvent.objects.filter(pk=line.pk).delete()


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        ({"text": " "}, 409, "Write the comment."),
        ({"text": "x", "record": "b783b050-5a3b-4c68-967a-1b2bf5270e0b"}, 409, "The submission does not change that."),
        ({"text": "Kept", "record": "{record}", "of_field": "example"}, 409, "The submission does not change that."),
        ({"text": "x", "of_field": "aim"}, 409, "Say of which record"),
        ({"about": "{line}", "text": "x"}, 409, "That is no comment."),
        ({"about": "999", "text": "x"}, 404, ""),
        ({"about": "nonsense", "text": "x"}, 404, ""),
    ],
)
def test_what_cannot_be_said_is_told_and_what_was_typed_is_kept(client, submission, category, erin, data, status, said):
    client.force_login(erin)
    made = {"record": category.pk, "line": last(submission).pk}
    sent = {name: value.format(**made) for name, value in data.items()}
    lines = submission.events.count()
    response = client.post(url(submission), sent)
    assert response.status_code == status
    page = response.content.decode()
    assert said in page
    assert sent["text"] in page or status == 404
    assert submission.events.count() == lines


def test_a_resolved_comment_is_closed(client, submission, erin, wendy):
    publishing.comment(submission, erin, "One.")
    about = last(submission)
    publishing.resolve(about, erin)
    client.force_login(wendy)
    response = client.post(url(submission), {"about": about.pk, "text": "More."})
    assert response.status_code == 409
    assert "has resolved this comment" in response.content.decode()


def test_a_decided_submission_is_not_commented_on_any_more(client, submission, category, erin, wendy):
    publishing.comment(submission, erin, "One.", record=category.pk)
    publishing.approve(submission, erin)
    client.force_login(wendy)
    page = client.get(url(submission, "change")).content.decode()
    assert "One." in page
    assert "Comment on the whole submission" not in page
    response = client.post(url(submission), {"text": "Late."})
    assert response.status_code == 409
    assert "It is decided" in response.content.decode()


@pytest.mark.parametrize("verb", ["reply", "resolve"])
def test_what_is_decided_meanwhile_is_not_spoken_of_any_more(submission, erin, wendy, verb):
    publishing.comment(submission, erin, "One.")
    about = last(submission)
    assert about.submission.status == "submitted"  # as it was when somebody looked
    publishing.approve(submission, erin)
    lines = submission.events.count()
    with pytest.raises(publishing.Refused, match="is decided"):
        publishing.reply(about, wendy, "Late.") if verb == "reply" else publishing.resolve(about, wendy)
    assert submission.events.count() == lines


def test_who_may_only_look_reads_comments_and_writes_none(client, submission, erin):
    publishing.comment(submission, erin, "One.")
    client.force_login(make_reader("rita"))
    page = client.get(url(submission, "change")).content.decode()
    assert "One." in page
    assert "Comment on" not in page
    assert client.post(url(submission), {"text": "x"}).status_code == 403


def test_what_is_wrong_leads_to_its_field(client, submission, category, wendy):
    client.force_login(wendy)
    response = client.post(reverse("admin:categories_category_change", args=[category.pk]), {"title": ""})
    page = response.content.decode()
    assert "There is a problem" in page
    assert '<a href="#id_title">Title: This field is required.</a>' in page


def test_the_records_and_the_actions_are_led_to(client, submission, category, erin):
    client.force_login(erin)
    page = client.get(url(submission, "change")).content.decode()
    bar = page.split('aria-label="Actions"')[1].split("</nav>")[0]
    for anchor in ("review", "approve", "reject", "comments"):
        assert f'href="#{anchor}"' in bar
        assert page.count(f'id="{anchor}"') == 1
