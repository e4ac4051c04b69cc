"""E-mail to staff: to whom it goes, and what a mail server can do to it."""

import smtplib
import socket
from typing import ClassVar

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from categories.publishing import notices
from tests.factories import make_user

pytestmark = pytest.mark.django_db


class Server(EmailBackend):
    """A mail server that does what the test says, and counts how often it was connected to."""

    opened: ClassVar[list[str]] = []
    failures: ClassVar[dict[str, Exception]] = {}

    def open(self) -> None:
        self.opened.append("once")

    def send_messages(self, messages):
        for message in messages:
            if failure := self.failures.get(message.to[0].partition("@")[0]):
                raise failure
        return super().send_messages(messages)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setattr(notices, "get_connection", Server)
    monkeypatch.setattr(Server, "opened", [])
    monkeypatch.setattr(Server, "failures", {})
    return Server


@pytest.fixture
def people(db):
    return [make_user(name, "Editor") for name in ("ann", "bob", "cem")]


def tell(people, capture) -> list[str]:
    """Who is reached."""
    with capture(execute=True):
        notices.tell(people, "it waits", "Please read it.")
    return [message.to[0].partition("@")[0] for message in mail.outbox]


def test_everybody_is_told_over_one_connection(server, people, django_capture_on_commit_callbacks):
    assert tell(people, django_capture_on_commit_callbacks) == ["ann", "bob", "cem"]
    assert server.opened == ["once"]


def test_an_address_that_is_refused_keeps_nobody_else_from_hearing(
    server, people, caplog, django_capture_on_commit_callbacks
):
    server.failures["ann"] = smtplib.SMTPRecipientsRefused({})
    server.failures["bob"] = smtplib.SMTPDataError(550, b"No")
    assert tell(people, django_capture_on_commit_callbacks) == ["cem"]
    assert caplog.text.count("could not be sent to one address, which the mail server refused.") == 2


@pytest.mark.parametrize("failure", [TimeoutError(), smtplib.SMTPServerDisconnected(), RuntimeError("Anything else")])
def test_a_connection_that_breaks_is_given_up(failure, server, people, caplog, django_capture_on_commit_callbacks):
    server.failures["bob"] = failure
    assert tell(people, django_capture_on_commit_callbacks) == ["ann"]
    assert server.opened == ["once"]
    assert "The e-mail “it waits” could not be sent to everybody, because the mail server failed." in caplog.text


def test_a_server_that_never_answers_is_waited_for_once(settings, people, caplog, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.EMAIL_HOST, settings.EMAIL_PORT = silent.getsockname()
        settings.EMAIL_TIMEOUT = 0.1
        assert tell(people, django_capture_on_commit_callbacks) == []
        silent.setblocking(False)
        silent.accept()[0].close()
        with pytest.raises(BlockingIOError):
            silent.accept()
    assert "because the mail server failed" in caplog.text


def test_nobody_to_tell_is_no_reason_to_connect(server, django_capture_on_commit_callbacks):
    assert tell([], django_capture_on_commit_callbacks) == []
    assert server.opened == []


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
