"""E-mail to staff. It leaves after the transaction, and a failing mail server never blocks or undoes a publication."""

import logging
from collections.abc import Iterable
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction

from ..models import Submission, User
from ..models.account import vouched_for
from .reasons import APPROVE

logger = logging.getLogger(__name__)


def tell(people: Iterable[User], subject: str, body: str) -> None:
    """Send one message to each of the people who have an address, once the transaction is committed."""
    write_to((person.email for person in people), subject, body)


def write_to(addresses: Iterable[str], subject: str, body: str) -> None:
    """Send one message to each of the addresses that is one, once the transaction is committed."""
    known = sorted({address for address in addresses if address})
    transaction.on_commit(lambda: _send(known, subject, body))


def _send(addresses: list[str], subject: str, body: str) -> None:
    """Send over one connection. Where that fails, the rest is given up: each would wait as long for the same server."""
    if not addresses:
        return
    messages = [EmailMessage(f"{settings.SITE_NAME}: {subject}", body, to=[address]) for address in addresses]
    try:
        with get_connection() as connection:
            for message in messages:
                _send_one(connection, message)
    except Exception:  # whatever a mail server can do, the publication stands
        logger.exception("The e-mail “%s” could not be sent to everybody, because the mail server failed.", subject)


def _send_one(connection: BaseEmailBackend, message: EmailMessage) -> None:
    try:
        connection.send_messages([message])
    except (SMTPRecipientsRefused, SMTPDataError):  # of this one address; the server still answers
        logger.exception(
            "The e-mail “%s” could not be sent to one address, which the mail server refused.", message.subject
        )


def editors() -> Iterable[User]:
    """The active staff who may approve: they have the permission, and are vouched for."""
    return User.objects.with_perm(APPROVE).filter(vouched_for(), is_staff=True).order_by("pk")


def submission_waits(submission: Submission, sentence: str) -> None:
    """Tell the editors who could approve it, with the sentence that says what came before."""
    involved = {submission.submitted_by_id, *submission.contributors.values_list("pk", flat=True)}
    people = [person for person in editors() if person.pk not in involved]
    tell(people, f"{submission} waits for approval", f"{sentence}\n\n{submission.change_note}\n")


def submission_decided(submission: Submission, sentence: str) -> None:
    """Tell the writer what was decided."""
    if submission.submitted_by:
        tell([submission.submitted_by], f"{submission} of “{submission.guidance}”", f"{sentence}\n")
