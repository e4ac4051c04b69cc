"""The heads of the record, kept in a file outside the database, by which an end that was cut off is noticed.

A line of `HEADS_FILE` is JSON, written at each publication: `{"at", "guidance", "live", "newest", "log",
"contributions", "accounts"}`. `live` is the last edition that nothing takes off any more, `newest` the last one, each
as `{"number", "record_digest"}` or null; the others are the digests of the last lines of the logs. Only `live` is
public: the file stays with staff.
"""

import errno
import json
import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error
from django.utils import timezone

from ..content.canonical import canonical
from ..models import AccountEvent, Contribution, Edition, Guidance, SubmissionEvent
from ..models.log import Sealed, utc
from ..models.submission import TAKES_OFF
from .timing import SETTLED

LOGS: dict[str, type[Sealed]] = {"log": SubmissionEvent, "contributions": Contribution, "accounts": AccountEvent}
logger = logging.getLogger(__name__)


def heads_of(guidance: UUID, at: datetime) -> dict[str, Any]:
    """Return the heads of the record of one guidance, and of the logs, as they are kept."""
    editions = Edition.objects.filter(guidance=guidance)
    logs = {name: model.objects.order_by("-pk").first() for name, model in LOGS.items()}
    return {
        "at": utc(at),
        "guidance": str(guidance),
        "live": _named(editions.live(at + SETTLED).newest()),
        "newest": _named(editions.newest()),
        **{name: last.record_digest if last else None for name, last in logs.items()},
    }


def _named(edition: Edition | None) -> dict[str, Any] | None:
    return {"number": edition.number, "record_digest": edition.record_digest} if edition else None


def keep(guidance: UUID) -> None:
    """Append the heads to the file, once they are committed. What fails here undoes no publication."""
    if not settings.HEADS_FILE:
        return
    try:
        append(guidance)
    except (OSError, Error):
        logger.exception("The heads of the record could not be appended to HEADS_FILE.")


def append(guidance: UUID) -> None:
    line = f"{canonical(heads_of(guidance, timezone.now()))}\n".encode()
    file = os.open(settings.HEADS_FILE, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        if (end := os.lseek(file, 0, os.SEEK_END)) and os.pread(file, 1, end - 1) != b"\n":
            line = b"\n" + line  # a full disk has cut off the one before, which must not damage this one
        if os.write(file, line) < len(line):
            raise OSError(errno.ENOSPC, "only a part of the line could be written")
        os.fsync(file)
    finally:
        os.close(file)


def not_kept() -> list[str]:
    """Name the last edition of each guidance that is live, where no line of the file has it.

    It may be that another machine published it, or that the file could not be written; or that nobody published it.
    """
    found = {}
    for guidance in Guidance.objects.all():
        if last := Edition.objects.filter(guidance=guidance).live(timezone.now()).defer("content_text").newest():
            found[last.record_digest] = f"edition {last.number} of “{guidance}”"
    with suppress(OSError, UnicodeDecodeError), open(settings.HEADS_FILE, encoding="utf-8") as lines:
        for line in lines:
            for digest in [digest for digest in found if digest in line]:
                del found[digest]
    return list(found.values())


def faults() -> Iterator[str]:
    """Name each head of the file that is part of the record no more."""
    try:
        with open(settings.HEADS_FILE, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue  # two at once began a new line
                yield from (f"HEADS_FILE, line {number}: {fault}" for fault in _line_faults(line))
    except FileNotFoundError:
        if Edition.objects.exists():
            yield "HEADS_FILE: there is no such file yet: it was taken away, or “manage.py keep_heads” is to begin it"
    except (OSError, UnicodeDecodeError) as error:
        yield f"HEADS_FILE: it cannot be read: {error}"


def _line_faults(line: str) -> Iterator[str]:
    try:
        heads = json.loads(line)
        logs = {name: heads[name] for name in LOGS}
        editions = {name: heads[name] for name in ("live", "newest")}
        guidance, at = UUID(heads["guidance"]), str(heads["at"])[:19]
        known = {name: one and (int(one["number"]), str(one["record_digest"])) for name, one in editions.items()}
    except (ValueError, KeyError, TypeError):
        yield "it is no line that was written at a publication"
        return
    for name, digest in logs.items():
        if digest and not LOGS[name].objects.filter(record_digest=digest).exists():
            what = LOGS[name]._meta.verbose_name_plural
            yield f"the {what} ended otherwise at {at}: lines are cut off or rewritten since"
    for name, one in known.items():
        if one is None or Edition.objects.filter(guidance=guidance, number=one[0], record_digest=one[1]).exists():
            continue
        taken_off = SubmissionEvent.objects.filter(edition_record_digest=one[1], verb__in=TAKES_OFF)
        if name == "live" or not taken_off.exists():
            yield f"edition {one[0]} of guidance {guidance} was {name} at {at}, and is gone or another now"
