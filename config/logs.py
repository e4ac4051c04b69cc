"""How the site and its server write their logs: one line for each thing, as text or JSON, without secrets."""

import json
import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="-")


def _written(word: str) -> str:
    """Return a pattern for a word in an address, each of its letters plain or escaped."""
    return "".join(f"(?:{re.escape(letter)}|%{ord(letter):02x})" for letter in word)


SECRET = re.compile(
    rf"({_written('/preview/')}|{_written('/alerts/')}|{_written('/set-password/')})[^\"'\n]*", re.IGNORECASE
)


def without_secrets(text: str) -> str:
    """Strike out what lets its reader see a preview, change alerts or set a password, and what follows on its line."""
    return SECRET.sub(r"\1…", text)


class NoSecrets(logging.Filter):
    """Strikes secrets out of a message, for loggers whose form is not ours."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = without_secrets(record.getMessage()), ()
        return True


class WorthALine(logging.Filter):
    """Drops what readers do wrong, and all but one line a minute of each kind of fault: an outage fills no disk."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.clock = clock
        self.told: dict[str, float] = {}
        self.dropped: dict[str, int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "django.security.DisallowedHost":
            return False
        status = getattr(record, "status_code", 0)
        return self._is_first(record) if status == 503 else not 400 <= status < 500

    def _is_first(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        said = str(error).strip().partition("\n")[0] if error else "refused, since the database keeps others waiting"
        kind, now = re.sub(r"\d+", "", said), self.clock()
        if now - self.told.get(kind, -60) < 60:
            self.dropped[kind] = self.dropped.get(kind, 0) + 1
            return False
        self.told[kind] = now
        more = self.dropped.pop(kind, 0)
        record.msg, record.args = f"Answered 503: {said}" + (f" ({more} more like it)" if more else ""), ()
        record.exc_info = record.exc_text = None
        return True


class Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        record.request_id = request_id.get()
        return without_secrets(super().format(record))


class Json(Line):
    """One JSON object a line: time, level, logger, request, message, and the traceback of an error."""

    def format(self, record: logging.LogRecord) -> str:
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "request": request_id.get(),
            "message": without_secrets(record.getMessage()),
        }
        if record.exc_info:
            said["traceback"] = without_secrets(self.formatException(record.exc_info))
        return json.dumps(said, ensure_ascii=False)


FORMS: dict[str, dict[str, Any]] = {
    "line": {"()": Line, "fmt": "{asctime} {levelname} {name} [{request_id}]: {message}", "style": "{"},
    "json": {"()": Json},
}


def settings(form: str) -> dict[str, Any]:
    """Return how to log, for Django and for gunicorn: to standard error, where the operator's own system has it."""
    ours = {"handlers": ["console"], "level": "WARNING", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"worth_a_line": {"()": WorthALine}},
        "formatters": {"form": FORMS[form]},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "form", "filters": ["worth_a_line"]}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {"django": ours, "gunicorn.error": ours | {"level": "INFO"}},
    }
