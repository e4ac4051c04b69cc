"""Sessions of staff: each belongs to an account, so that ending it is deleting its row.

This is also the engine of `SESSION_ENGINE`. Both ends of a session stand in its row's `expire_date`: reading a session
that is over finds none, and no middleware has to remember to look.
"""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone

IDLE = timedelta(minutes=30)
AT_MOST = timedelta(hours=12)
NOTED_EVERY = timedelta(minutes=1)  # not at each request, or each would write
SINCE, SEEN = "since", "seen"  # seconds since 1970, in the session's own data


class Session(AbstractBaseSession):
    """One browser that is signed in, or on the way to it: then no account is its own yet."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="sessions", editable=False
    )

    objects: ClassVar[Any] = BaseSessionManager()

    class Meta(AbstractBaseSession.Meta):
        abstract = False
        default_permissions = ()

    @classmethod
    def get_session_store_class(cls) -> type["SessionStore"]:
        return SessionStore


class SessionStore(DatabaseStore):
    """Django's own, which knows whose a session is, since when, and when it was last used."""

    is_over = False

    @classmethod
    def get_model_class(cls) -> type[Session]:
        return Session

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and is_key(key)

    def load(self) -> dict[str, Any]:
        data = super().load()
        self.is_over = self.session_key is None
        if SESSION_KEY in data and moment(data, SEEN) + NOTED_EVERY < timezone.now():
            self.modified = True  # so that this use is noted with the answer
        return data

    def is_empty(self) -> bool:
        """Django takes the cookie of an empty session away; that of one that is over says whose a late form is."""
        return super().is_empty() and (self.modified or not self.is_over)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        if SESSION_KEY in data:
            now = timezone.now().timestamp()
            data.setdefault(SINCE, now)
            data[SEEN] = now
        row: Any = super().create_model_instance(data)
        row.account_id = data.get(SESSION_KEY)
        row.expire_date = ends(data)
        found: Session = row
        return found


def is_key(text: str) -> bool:
    """Whether a session can have this key. A cookie can say anything, such as a NUL that no database looks for.

    >>> is_key("a1" * 16), is_key(""), is_key("a1" * 16 + chr(0))
    (True, False, False)
    """
    return len(text) >= 8 and text.isascii() and text.isalnum()


def moment(data: dict[str, Any], key: str) -> datetime:
    return datetime.fromtimestamp(data.get(key, 0), timezone.get_current_timezone())


def ends(data: dict[str, Any]) -> datetime:
    """Say when a session is over if nobody uses it from now on."""
    idle = timezone.now() + IDLE
    return min(idle, moment(data, SINCE) + AT_MOST) if SINCE in data else idle


def sessions_of(account: Any) -> "models.QuerySet[Session]":
    """The sessions of an account that are not over."""
    found: models.QuerySet[Session] = Session.objects.filter(account=account, expire_date__gt=timezone.now())
    return found


def end_others(account: Any, session_key: str | None) -> int:
    """End every session of an account but one, for good; return how many there were."""
    found = sessions_of(account).exclude(session_key=session_key)
    ended = found.count()
    found.delete()
    return ended
