"""What stands at an address of another site: asked with care, since anybody may have written it.

Nothing but the head of an answer is read. Each connection goes to an address that was looked at first, so that no link
has the site ask a machine of its own network, by a redirect or a name that changes either.
"""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Event, Timer
from urllib.parse import SplitResult, quote, urldefrag, urljoin, urlsplit

from django.conf import settings

from ..content.links import is_of_the_web
from ..content.words import CONTROL_CHARACTERS
from ..models.outside_link import State

MOST_REDIRECTS = 5
SILENCE, AT_MOST = 10, 20  # seconds: without a word, and for one answer
PERMANENT, REDIRECTS = {301, 308}, {301, 302, 303, 307, 308}
PORTS = {"http": 80, "https": 443}
TRANSLATED = IPv6Network("64:ff9b::/96")  # IPv4 addresses as a network without IPv4 writes them
WHOLE_WORLD = IPv6Network("2000::/3")  # all of version 6 that anybody is given so far
OF_EXAMPLES = IPv6Network("3fff::/20")  # which older lists of what is private do not know
SAFE = "/?:@!$&'()*+,;=%~-._[]"  # what an address keeps as it is written
Found = tuple[socket.AddressFamily, int, int, str, tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of looking at an address, in words, and the address to write in its place, where there is one."""

    state: State
    why: str
    suggestion: str = ""


class NotPublic(Exception):
    """An address of a network of its own, which nobody else reaches."""


def look_at(address: str) -> Answer:
    """Say what stands at an address, by as little as tells it: its head, and its page where that is refused."""
    url, moved_to, for_good = urldefrag(address).url, "", True
    try:
        for _ in range(MOST_REDIRECTS + 1):
            status, location = _status(url)
            if status not in REDIRECTS or not location:
                return _answer(address, status, moved_to)
            url = urldefrag(urljoin(url, location)).url
            if not is_of_the_web(url) or CONTROL_CHARACTERS.search(location):
                return Answer(State.UNKNOWN, "It leads on to what is no web address.")
            for_good = for_good and status in PERMANENT
            moved_to = url if for_good else moved_to
    except NotPublic:
        if _is_number(urlsplit(url).hostname or ""):
            return Answer(State.GONE, "No reader can reach it: the address is one of a network of its own.")
        return Answer(State.UNKNOWN, "It is within this site’s own network, which is not asked.")
    except ssl.SSLCertVerificationError as error:
        return Answer(State.SILENT, f"Browsers warn of its certificate: {error.verify_message}.")
    except socket.gaierror:
        return Answer(State.SILENT, "No site of this name is found.")
    except (OSError, http.client.HTTPException, UnicodeError, ValueError):
        return Answer(State.SILENT, "The site does not answer.")
    return Answer(State.SILENT, "It leads on from address to address without an end.")


def _answer(address: str, status: int, moved_to: str) -> Answer:
    if status in {404, 410}:
        return Answer(State.GONE, f"The page is not there any more: its site answers {status}.")
    if status >= 500:
        return Answer(State.SILENT, f"Its site fails: it answers {status}.")
    if not 200 <= status < 300:
        return Answer(State.UNKNOWN, f"Its site answers {status} to programs.")
    if not moved_to or moved_to == address:
        return Answer(State.FINE, "It works.")
    if urlsplit(moved_to).path in {"", "/"} and urlsplit(address).path not in {"", "/"}:
        return Answer(State.MOVED, "It leads to the front page of a site now, so what was meant may be gone.")
    fragment = urldefrag(address).fragment
    kept = f"{moved_to}#{fragment}" if fragment else moved_to
    return Answer(State.MOVED, "The page has moved for good.", kept)


def _status(url: str) -> tuple[int, str]:
    """The status that an address answers with, and where it leads. Some sites know no HEAD, or answer it wrongly."""
    status, location = _asked("HEAD", url)
    return _asked("GET", url) if status >= 400 else (status, location)


def _asked(method: str, url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    with _connection(parts) as connection:
        path = quote(parts.path or "/", safe=SAFE) + (f"?{quote(parts.query, safe=SAFE)}" if parts.query else "")
        headers = {"User-Agent": f"link check of {settings.SITE_ADDRESS}", "Accept": "*/*", "Connection": "close"}
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, _as_meant(answer.headers.get("Location") or "")


def _as_meant(header: str) -> str:
    r"""Read an address in a header as browsers do, as UTF-8 if it is that: Python reads each of its bytes as a letter.

    >>> _as_meant("/caf\xc3\xa9"), _as_meant("/caf%C3%A9"), _as_meant("/caf\xe9#x")
    ('/café', '/caf%C3%A9', '/caf%E9#x')
    """
    written = header.encode("latin-1", "replace")
    try:
        return written.decode()
    except UnicodeDecodeError:
        return quote(written, safe=f"{SAFE}#")


@contextmanager
def _connection(parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
    """Connect to an address that was looked at. Whatever its site does, it is over after a time."""
    host = (parts.hostname or "").encode("idna").decode()
    port = parts.port or PORTS[parts.scheme]
    raw = _socket(_public(host, port))
    is_late = Event()
    held = [raw]  # and what is wrapped around it, which takes it over
    ends = Timer(AT_MOST, _end, [held, is_late])
    ends.daemon = True
    ends.start()
    connection = http.client.HTTPConnection(host, port)
    try:
        if parts.scheme == "https":
            connection.default_port = PORTS["https"]  # so that the header names the host alone
            context = ssl.create_default_context()
            secured = context.wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
            held.append(secured)
            secured.do_handshake()
        connection.sock = held[-1]
        yield connection
        if is_late.is_set():  # what was cut off reads as if it had ended
            raise TimeoutError
    finally:
        ends.cancel()
        connection.close()
        held[-1].close()


def _end(held: list[socket.socket], is_late: Event) -> None:
    """Have whoever waits for a word find the connection closed."""
    is_late.set()
    try:
        socket.socket.shutdown(held[-1], socket.SHUT_RDWR)
    except OSError:  # it is closed already
        return


def _socket(found: list[Found]) -> socket.socket:
    failed: OSError = OSError("no address")
    for family, kind, protocol, _, at in found[:3]:
        one = socket.socket(family, kind, protocol)
        one.settimeout(SILENCE)
        try:
            one.connect(at)
        except OSError as error:
            failed = error
            one.close()
        else:
            return one
    raise failed


def _public(host: str, port: int) -> list[Found]:
    """The addresses of a host, all of which anybody can reach. Raises NotPublic."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not settings.LINKS_WITHIN_THE_NETWORK and not all(is_public(str(one[4][0])) for one in found):
        raise NotPublic(host)
    return found  # type: ignore[return-value]


def is_public(address: str) -> bool:
    """Say whether anybody can reach an address, rather than machines of one network alone.

    >>> [is_public(one) for one in ("93.184.216.34", "127.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1")]
    [True, False, False, False, False]
    >>> [is_public(one) for one in ("2606:2800:220:1::1", "64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1", "fe80::1%1")]
    [True, False, False, False, False]
    >>> [is_public(one) for one in ("64:ff9b::5db8:d822", "::10.0.0.1", "::ffff:0:10.0.0.1", "fec0::1", "3fff::1")]
    [True, False, False, False, False]
    """
    found: IPv4Address | IPv6Address = ip_address(address)
    if isinstance(found, IPv6Address):
        if found in TRANSLATED:
            found = IPv4Address(int(found) & 0xFFFFFFFF)
        elif found.ipv4_mapped:
            found = found.ipv4_mapped
        elif found not in WHOLE_WORLD or found in OF_EXAMPLES or found.sixtofour or found.teredo:
            return False
    return found.is_global and not found.is_multicast


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return host == "localhost"
    return True
