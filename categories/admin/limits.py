"""How often somebody may try to sign in. What is counted are tries that failed, or are not looked at yet.

Each name from each address has a limit of its own, so that whoever fails locks out themselves. A name has another,
however many the addresses, and an address, however many the names. An unknown name counts as a known one does. A
browser in which the name has signed in before has one limit, its own: nobody elsewhere can lock its person out.
"""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest

from ..models.tries import Limit, admit, forget, give_back
from ..public.origin import network
from . import known_browser

WITHIN = timedelta(minutes=15)
OF_NAME_HERE, OF_NAME, OF_ADDRESS, OF_FACTOR, OF_BROWSER, OF_LINKS, OF_UNSENT, OF_NEWS = 5, 50, 100, 5, 5, 3, 20, 20
OF_UNSENT_BY_ONE = 60  # forms: somebody at work in several tabs sends fewer


def admit_password(request: HttpRequest, name: str) -> datetime | None:
    """Count a try, and return None if it may be looked at; otherwise, when the next one may."""
    return admit(_of_browser(request, name, "password") or [_here(request, name), _name(name), _address(request)])


def password_was_right(request: HttpRequest, name: str) -> None:
    if known := _of_browser(request, name, "password"):
        return forget(*known)
    forget(_here(request, name))
    return give_back(_name(name), _address(request))


def admit_factor(request: HttpRequest, account: Any) -> datetime | None:
    """The same for a code or a passkey. Whoever comes so far knows the password: the address counts for nothing."""
    return admit(_of_browser(request, account.username, "factor") or [_factor(account)])


def factor_was_right(request: HttpRequest, account: Any) -> None:
    forget(*_of_browser(request, account.username, "factor") or [_factor(account)])


def admit_code_once(account: Any, code: str) -> bool:
    """Whether a code of an authenticator app is used for the first time, in any process, while it is good."""
    return admit([Limit(("code", str(account.pk), code), 1, timedelta(minutes=2))]) is None


def admit_link(account: Any) -> datetime | None:
    """Count a link that somebody has sent to their own address."""
    return admit([Limit(("link", str(account.pk)), OF_LINKS, timedelta(hours=1))])


def admit_unsent(request: HttpRequest, account: int | None) -> datetime | None:
    """Count a form that came after a session had ended: of the account whose session it was, or else of a stranger.

    A cookie of an ended session is all that it takes to send one as an account, and each may be long.
    """
    if account is None:
        return admit([Limit(("unsent", network(request)), OF_UNSENT, WITHIN)])
    return admit([Limit(("unsent by", str(account)), OF_UNSENT_BY_ONE, WITHIN)])


def is_news(name: str, where: str) -> bool:
    """Whether a refusal is to be logged: the first of its name and address within the time. Many would fill the log.

    So would one address with ever new names: of those, some are logged.
    """
    of_name = Limit(("refused", name.casefold(), where), 1, WITHIN)
    return admit([of_name, Limit(("refused from", where), OF_NEWS, WITHIN)]) is None


def start_anew(request: HttpRequest, account: Any) -> None:
    """Whoever has set a new password by the link to their address need not wait."""
    name = account.username
    forget(_here(request, name), _name(name), _factor(account))
    forget(*_of_browser(request, name, "password"), *_of_browser(request, name, "factor"))


def _of_browser(request: HttpRequest, name: str, what: str) -> list[Limit]:
    known = known_browser.name_of(request, name)
    return [Limit(("browser", known, what), OF_BROWSER, WITHIN)] if known else []


def _here(request: HttpRequest, name: str) -> Limit:
    return Limit(("name", name.casefold(), network(request)), OF_NAME_HERE, WITHIN)


def _name(name: str) -> Limit:
    return Limit(("name", name.casefold()), OF_NAME, WITHIN)


def _address(request: HttpRequest) -> Limit:
    return Limit(("address", network(request)), OF_ADDRESS, WITHIN)


def _factor(account: Any) -> Limit:
    return Limit(("factor", str(account.pk)), OF_FACTOR, WITHIN)
