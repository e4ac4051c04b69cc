"""The outbox: what is written with what causes it, and what a mail server can do to it."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from categories.content.note import Signer
from categories.models import Message
from categories.models.history import saving
from categories.models.outbox import post
from categories.models.signed_head import signed_head
from categories.publishing import mail_queue, notices
from tests import smtp
from tests.factories import london, make_guidance, make_user, publish_loaded
from tests.mail import written

pytestmark = pytest.mark.django_db

NOW = london(2026, 3, 2, 9)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def server(settings):
    with smtp.serving() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = running.server_address
        settings.EMAIL_TIMEOUT = 0.1
        yield running


def post_to(*names: str) -> None:
    post([f"{name}@example.org" for name in names], "It waits", "Please read it.", NOW)


def send(at=NOW) -> int:
    return mail_queue.send_due(lambda: at)


def states() -> list[tuple[str, str, int]]:
    return [(message.to.partition("@")[0], message.state, message.tries) for message in written()]


def test_it_leaves_only_with_what_causes_it(server):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        post_to("ann")
        1 / 0  # noqa: B018
    assert send() == 0
    post_to("bob")
    assert send() == 1
    assert server.reached == ["bob"]


def test_everybody_is_told_over_one_connection_and_once(server):
    post_to("ann", "bob", "cem", "ann")
    assert (send(), send(NOW + timedelta(days=1))) == (3, 0)
    assert server.reached == ["ann", "bob", "cem"]
    assert server.talks == 1


def test_a_letter_says_what_it_is(server, settings):
    settings.SITE_ADDRESS = "https://guidance.example.org"
    post(["ann@example.org"], "Approved:\r\nBcc: all@example.org", "Zoë – read it.", NOW)
    send()
    [letter] = server.letters
    assert letter["Subject"] == "Approved: Bcc: all@example.org"
    assert letter["Bcc"] is None
    assert letter["Message-ID"] == written()[0].message_id
    assert letter["Message-ID"].endswith("@guidance.example.org>")
    assert letter["Date"] == "Mon, 02 Mar 2026 09:00:00 +0000"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_payload(decode=True).decode().strip() == "Zoë – read it."


def test_what_is_sent_is_erased_and_then_forgotten(server):
    post_to("ann")
    send()
    [message] = written()
    assert (message.body, message.state, message.sent_at) == ("", "Sent", NOW)
    send(NOW + timedelta(days=30) - MINUTE)
    assert len(written()) == 1
    send(NOW + timedelta(days=30))
    assert written() == []


@pytest.mark.parametrize("stage", ["to_rcpt", "to_data"])
@pytest.mark.parametrize(("said", "state"), [("550 No", "Given up"), ("450 Later", "Waits to be tried again")])
def test_an_address_that_is_refused_keeps_nobody_else_from_hearing(stage, said, state, server):
    getattr(server, stage)["ann"] = said
    post_to("ann", "bob")
    assert send() == 1
    assert server.reached == ["bob"]
    assert states() == [("ann", state, 1), ("bob", "Sent", 1)]
    assert said[4:] in written()[0].error
    assert "ann@" not in Message.objects.get(to="bob@example.org").error


@pytest.mark.parametrize("stage", ["to_rcpt", "to_data"])
@pytest.mark.parametrize("said", [None, smtp.SILENT])
def test_a_server_that_drops_or_hangs_is_tried_again_later(stage, said, server):
    getattr(server, stage)["ann"] = said
    post_to("ann", "bob")
    with pytest.raises(mail_queue.ServerFailed):
        send()
    assert server.reached == []
    getattr(server, stage).clear()
    assert send(NOW + MINUTE / 2) == 1  # bob's turn: ann's has not come again
    assert send(NOW + MINUTE) == 1
    assert server.reached == ["bob", "ann"]
    assert len({letter["Message-ID"] for letter in server.letters}) == 2


def test_no_server_at_all_loses_nothing_and_waits_longer_each_time(server, settings):
    settings.EMAIL_PORT = 1
    post_to("ann")
    waits, at = [], NOW
    while written()[0].state != "Given up":
        with pytest.raises(mail_queue.ServerFailed, match="Connection refused"):
            send(at)
        waits.append((written()[0].due_at - at) // MINUTE)
        at = max(written()[0].due_at, at + MINUTE)
    assert waits[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert timedelta(days=3) <= written()[0].given_up_at - NOW <= timedelta(days=3, hours=1)


def test_what_can_be_no_address_is_given_up_and_the_rest_sent(server):
    post(["a\nb@example.org", "bob@example.org"], "It waits", "Read it.", NOW)
    assert send() == 1
    assert [state for _, state, _ in states()] == ["Given up", "Sent"]


def test_it_is_sent_outside_of_every_transaction(server, monkeypatch, transactional_db):
    inside = []
    letter = mail_queue._letter
    monkeypatch.setattr(mail_queue, "_letter", lambda *of: inside.append(connection.in_atomic_block) or letter(*of))
    post_to("ann")
    send()
    assert inside == [False]


def test_what_somebody_has_claimed_is_tried_by_nobody_else(server):
    post_to("ann")
    assert mail_queue.claim(NOW).to == "ann@example.org"
    assert send(NOW + mail_queue.CLAIM - MINUTE) == 0
    assert send(NOW + mail_queue.CLAIM) == 1  # as whoever claimed it was killed


def test_a_talk_that_never_ends_is_cut(server, monkeypatch, settings):
    settings.EMAIL_TIMEOUT = 5
    monkeypatch.setattr(mail_queue, "LONGEST_TALK", 1)
    server.to_rcpt["ann"] = smtp.SILENT
    post_to("ann")
    with pytest.raises(mail_queue.ServerFailed, match="longer than 1 seconds"):
        send()


def test_the_command_says_what_it_did(server, capsys):
    post_to("ann", "bob")
    call_command("send_mail_queue")
    assert capsys.readouterr().out == "Sent 2 messages.\n"
    call_command("send_mail_queue")
    assert capsys.readouterr().out == ""
    server.to_rcpt["cem"] = None
    post_to("cem")
    with pytest.raises(CommandError, match="What waits is tried again later"):
        call_command("send_mail_queue")
    with pytest.raises(CommandError, match="give a number of seconds"):
        call_command("send_mail_queue", every=0)


def test_staff_see_what_could_not_be_sent_and_send_it_again(server, client):
    client.force_login(make_user("editor", "Editor"))
    post(["ann@example.org"], "Rejected: Submission 1", "Secret words", timezone.now())
    assert b"could not be sent" not in client.get("/admin/").content
    server.to_rcpt["ann"] = "550 No such mailbox"
    mail_queue.send_due()
    assert "“Rejected: Submission 1” to ann@example.org" in client.get("/admin/").content.decode()
    [message] = written()
    page = client.get(f"/admin/categories/message/{message.pk}/change/").content.decode()
    assert "No such mailbox" in page
    assert "Secret words" not in page
    assert b"ann@example.org" in client.get("/admin/categories/message/").content
    server.to_rcpt.clear()
    again = f"/admin/categories/message/{message.pk}/send-again/"
    assert client.get(again).status_code == 405
    assert "with what waits" in client.post(again, follow=True).content.decode()
    assert mail_queue.send_due() == 1
    assert b"could not be sent" not in client.get("/admin/").content


def test_writers_see_nothing_of_others_mail(client):
    client.force_login(make_user("writer", "Writer"))
    post_to("ann")
    pk = written()[0].pk
    for address in ("", f"{pk}/change/", f"{pk}/send-again/"):
        assert client.post(f"/admin/categories/message/{address}").status_code == 403


def test_what_has_waited_long_is_told_too():
    at = timezone.now()
    post(["ann@example.org"], "It waits", "Read it.", at - timedelta(minutes=16))
    assert not Message.objects.unsent(at)
    Message.objects.update(tries=1)
    assert Message.objects.unsent(at).count() == 1


def test_editors_are_active_staff_who_may_approve():
    make_user("writer", "Writer")
    make_user("plain")
    make_user("root", is_superuser=True)
    make_user("editor", "Editor")
    for name, field in (("left", "is_active"), ("moved", "is_staff")):
        user = make_user(name, "Editor")
        setattr(user, field, False)
        user.save()
    assert {person.username for person in notices.editors()} == {"root", "editor"}


def test_every_letter_carries_the_signed_head_of_the_record(server, settings):
    settings.SIGNERS = [Signer.made("guidance.example.org")]
    guidance = make_guidance(title="As published")
    edition = publish_loaded(guidance, at=NOW)
    with saving():
        guidance.title = "A secret of the working copy"
        guidance.save()
    post_to("ann")
    send(edition.live_at)
    body = server.letters[0].get_payload(decode=True).decode().replace("\r\n", "\n")
    assert "Please read it." in body
    assert "The head of the record of “As published”" in body
    assert "A secret" not in body
    assert signed_head(edition).strip() in body
    assert f"/id/{edition.guidance_id}\nedition 1\nsha256 {edition.record_digest}\n" in body
