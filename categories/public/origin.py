"""Where a request comes from, as far as the site can know."""

import re
from ipaddress import IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest
from django.http.request import split_domain_port

ADDRESS, BROWSER = "address", "browser"  # in the data of a session
BROWSERS = {"Edge": r"Edg", "Opera": r"OPR/", "Firefox": r"Firefox/", "Chrome": r"Chrom(e|ium)/", "Safari": r"Safari/"}
SYSTEMS = {
    "Windows": r"Windows", "Android": r"Android", "iPhone": r"iPhone", "iPad": r"iPad", "macOS": r"Mac OS X",
    "ChromeOS": r"CrOS", "Linux": r"Linux",
}  # fmt: skip


def address(request: HttpRequest) -> str | None:
    """Return the network address of whoever asks, or None where it cannot be known.

    Each proxy adds to `X-Forwarded-For` whom it heard from. What stands before the last `TRUSTED_PROXIES` of them
    can have been written by anybody.
    """
    found = [request.META.get("REMOTE_ADDR", "")]
    if settings.TRUSTED_PROXIES:
        heard = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        found = heard[-settings.TRUSTED_PROXIES :][:1] if len(heard) >= settings.TRUSTED_PROXIES else found
    try:
        return str(ip_address(found[0]))
    except ValueError:
        return None


def network(request: HttpRequest) -> str:
    """Return what counts as one address: one household or office has a whole network of version 6."""
    found = address(request)
    if found and isinstance(ip_address(found), IPv6Address):
        return str(ip_network(f"{found}/64", strict=False))
    return found or "unknown"


def has_name(request: HttpRequest) -> bool:
    """Whether the site is asked for by a name, as passkeys need it, and not by a network address."""
    host = split_domain_port(request.get_host())[0].strip("[]")
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def browser(request: HttpRequest) -> str:
    """Say what a request says of its browser, such as “Firefox on Windows”: enough for its person to know it by."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    found = [[name for name, known in kinds.items() if re.search(known, agent)] for kinds in (BROWSERS, SYSTEMS)]
    return " on ".join(names[0] for names in found if names) or "A browser that does not say which"


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether a browser says that a form was sent by a page of another site. Programs say nothing, and are not."""
    if said := request.headers.get("Sec-Fetch-Site"):
        return said not in ("same-origin", "none")
    sender = request.headers.get("Origin")
    return sender is not None and sender != f"{request.scheme}://{request.get_host()}"
