"""Sending what the outbox holds, one message at a time: claimed in a short transaction, sent outside of any.

Whoever claims a message has it for a while. A sender that is killed leaves it claimed, so it is tried again: it may
then arrive twice, under one Message-ID, and is never lost.
"""

import logging
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from ..models import subscription
from ..models.outbox import CHANGE_LINK, END_LINK, Letter, Message
from ..models.signed_head import heads_in_words

logger = logging.getLogger(__name__)

LONGEST_TALK = 60  # seconds that one message may take
CLAIM = timedelta(minutes=5)  # far longer than that, so that nobody else tries it meanwhile
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
GIVE_UP = timedelta(days=3)
KEPT = timedelta(days=30)
LONGEST_ERROR = 500  # characters


class ServerFailed(Exception):
    """The mail server failed, so that nothing more can be sent now."""


def send_due(now: Callable[[], datetime] = timezone.now) -> int:
    """Send what is due; return how many messages left. Raises ServerFailed where the mail server does."""
    clear(now())
    sent = 0
    server = get_connection()
    try:
        while message := claim(now()):
            sent += _try(server, message, now)
    finally:
        with suppress(SMTPException, OSError):
            server.close()
    return sent


def clear(at: datetime) -> None:
    """Forget what was sent or given up long ago, addresses included."""
    for field in ("sent_at", "given_up_at"):
        Message.objects.filter(**{f"{field}__lte": at - KEPT}).delete()
    Letter.objects.filter(messages=None).delete()


def claim(at: datetime) -> Message | None:
    """Take the next message that is due, so that no other sender does."""
    with transaction.atomic(durable=True):
        due = Message.objects.waiting().filter(due_at__lte=at).order_by("due_at", "pk")
        due = due.select_for_update(skip_locked=True)
        # Who waits for a link, or for something to approve, does not wait for thousands of letters
        message = due.filter(letter=None).first() or due.first()
        if message:
            message.tries += 1
            message.due_at = at + CLAIM
            message.save(update_fields=["tries", "due_at"])
    return message


def _try(server: Any, message: Message, now: Callable[[], datetime]) -> bool:
    try:
        with _within(LONGEST_TALK):
            server.open()  # does nothing while the connection stands
            server.send_messages([_letter(message, now())])
    except ObjectDoesNotExist:  # its alert has ended, and took the message with it
        return False
    except (SMTPRecipientsRefused, SMTPDataError) as refusal:  # of this one message; the server still answers
        _failed(message, refusal, now(), for_good=_is_permanent(refusal))
        reader = _reader(message)
        if reader and isinstance(refusal, SMTPRecipientsRefused) and _is_permanent(refusal):
            subscription.refused(reader, now())
        return False
    except ValueError as error:  # an address or a subject that can be no message's
        _failed(message, error, now(), for_good=True)
        return False
    except Exception as error:  # whatever a mail server can do
        _failed(message, error, now(), for_good=False)
        raise ServerFailed(f"The mail server failed: {_words(error)}") from error
    # Not by save(): an alert that has ended meanwhile took its messages with it
    Message.objects.filter(pk=message.pk).update(sent_at=now(), body="", error="")
    if reader := _reader(message):
        subscription.arrived(reader)
    return True


def _reader(message: Message) -> int | None:
    """Return the follower that a message is to; None where it is to staff, or where the alert has ended meanwhile."""
    if message.alert_id is None:
        return None
    found = subscription.Subscription.objects.filter(pk=message.alert_id)
    return found.values_list("follower_id", flat=True).first()


def _letter(message: Message, at: datetime) -> EmailMultiAlternatives:
    """Every letter carries the heads of the record: each mailbox is a place that whoever rewrites it cannot reach.

    A letter to followers has it in its own words. Raises ObjectDoesNotExist where the alert that it is of has ended.
    """
    headers = {
        "Message-ID": message.message_id,
        "Date": format_datetime(message.made_at),
        "Auto-Submitted": "auto-generated",
    }
    if message.alert and message.letter:
        return _to_follower(message, message.letter, message.alert, headers)
    body = "\n\n".join([message.body.strip(), *heads_in_words(at)])
    return EmailMultiAlternatives(message.subject, body, to=[message.to], headers=headers)


def _to_follower(
    message: Message, letter: Letter, alert: subscription.Subscription, headers: dict[str, str]
) -> EmailMultiAlternatives:
    """Put a reader's own links into a letter, and the one that ends the alert into its headers too (RFC 8058)."""
    links = {
        END_LINK: settings.SITE_ADDRESS + reverse("alert-end", args=[alert.end_key]),
        CHANGE_LINK: settings.SITE_ADDRESS + reverse("alerts-of", args=[alert.follower.key]),
    }
    text, html = letter.text, letter.html
    for place, link in links.items():
        text, html = text.replace(place, link), html.replace(place, escape(link))
    headers |= {"List-Unsubscribe": f"<{links[END_LINK]}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail = EmailMultiAlternatives(message.subject, text, to=[message.to], headers=headers)
    mail.attach_alternative(html, "text/html")
    return mail


def _is_permanent(refusal: SMTPRecipientsRefused | SMTPDataError) -> bool:
    if isinstance(refusal, SMTPDataError):
        return refusal.smtp_code >= 500
    return all(code >= 500 for code, _ in refusal.recipients.values())


def _failed(message: Message, error: Exception, at: datetime, *, for_good: bool) -> None:
    """Note what a try came to: wait twice as long as before, or give up."""
    found: dict[str, Any] = {"error": _words(error)}
    if for_good or at >= message.made_at + GIVE_UP:
        found["given_up_at"] = at
        logger.error("E-mail %d was given up after %d tries.", message.pk, message.tries)
    else:
        found["due_at"] = at + min(FIRST_WAIT * 2 ** min(message.tries - 1, 10), LONGEST_WAIT)
    Message.objects.filter(pk=message.pk).update(**found)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST_ERROR]


@contextmanager
def _within(seconds: int) -> Iterator[None]:
    """Stop a talk that takes too long: a server that sends a byte now and then would hold a message past its claim.

    Does nothing outside the main thread, where no signal can be waited for.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*args: Any) -> None:
        raise TimeoutError(f"it took longer than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def try_again(message: Message, at: datetime | None = None) -> None:
    """Let a message that was given up be tried once more."""
    Message.objects.filter(pk=message.pk, given_up_at__isnull=False).update(
        given_up_at=None, due_at=at or timezone.now()
    )
