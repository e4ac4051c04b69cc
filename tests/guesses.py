"""What whoever guesses learns and gets, of the site as gunicorn serves it in two processes: `python -m tests.guesses`.

It says how long answers take by what is behind a name, how many of a hundred tries at one moment are looked at, and
what hashing a password costs. With `postgresql` it does so on PostgreSQL.
"""

import http.cookiejar
import os
import resource
import statistics
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django

from tests import postgres
from tests.server import Server, serving

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 40
AT_ONCE, LIMIT = 100, 5
PASSWORD = "a long enough sentence"
ACCOUNTS = f"""
from categories.models import User
for kind in ("staff", "inactive", "reader", "unset"):
    for number in range(4):
        account = User(username=f"{{kind}}{{number}}", is_staff=kind != "reader", is_active=kind != "inactive")
        account.set_unusable_password() if kind == "unset" else account.set_password("{PASSWORD}")
        account.save()
"""
FORGET = "from categories.models import Tries; Tries.objects.all().delete()"
KINDS = {
    "a name that is known": ("staff", "wrong"),
    "a name that is not": ("nobody", "wrong"),
    "an account that is deactivated": ("inactive", PASSWORD),
    "an account that is not for staff": ("reader", PASSWORD),
    "an account without a password": ("unset", "wrong"),
}


class Browser:
    """Somebody at an address of their own, with the token that every form needs."""

    def __init__(self, site: Server, address: str) -> None:
        self.site, self.address = site, address
        jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        self.opener.open(self._request()).read()
        self.token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")

    def _request(self, data: bytes | None = None) -> urllib.request.Request:
        headers = {"X-Forwarded-For": self.address, "Referer": self.site.url}
        return urllib.request.Request(f"{self.site.url}/admin/login/", data, headers)  # noqa: S310 - our own server

    def guess(self, name: str, password: str) -> tuple[int, float, int]:
        """Try once; return the status, the milliseconds, and how long the answer is without the name."""
        typed = {"username": name, "password": password, "csrfmiddlewaretoken": self.token}
        request = self._request(urllib.parse.urlencode(typed).encode())
        began = time.perf_counter()
        try:
            with self.opener.open(request) as answer:
                status, body = answer.status, answer.read()
        except urllib.error.HTTPError as error:
            status, body = error.code, error.read()
        return status, (time.perf_counter() - began) * 1000, len(body) - len(name)


def at_once(site: Server) -> None:
    """A hundred at one moment with one name, known and then not."""
    for what, addresses, name, expected in (
        ("one network", ["198.51.100.7"] * AT_ONCE, "staff0", LIMIT),
        ("one network, a name that is not known", ["198.51.100.8"] * AT_ONCE, "nobody0", LIMIT),
    ):
        browsers = [Browser(site, address) for address in addresses]
        answers: list[int] = []
        gate = threading.Barrier(AT_ONCE)

        def attempt(
            browser: Browser, name: str = name, gate: threading.Barrier = gate, to: list[int] = answers
        ) -> None:
            gate.wait()
            to.append(browser.guess(name, "wrong")[0])

        threads = [threading.Thread(target=attempt, args=[browser]) for browser in browsers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        counted = Counter(answers)
        verdict = "as it should be" if counted[200] == expected else "TOO MANY" if counted[200] > expected else "FEWER"
        print(f"{AT_ONCE} at once from {what}: {dict(counted)}, {verdict}")


def times(site: Server) -> None:
    """Wrong tries of each kind by turns, each from a network of its own; and then of names that are locked."""
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    sizes: dict[str, set[tuple[int, int]]] = {kind: set() for kind in KINDS}
    for number in range(ROUNDS):
        for kind, (name, password) in KINDS.items():
            browser = Browser(site, f"2001:db8:{len(took[kind]):x}::{len(name)}")
            status, milliseconds, size = browser.guess(f"{name}{1 + number % 3}", password)
            took[kind].append(milliseconds)
            sizes[kind].add((status, size))
    for kind, values in took.items():
        say(kind, values, sizes[kind])
    for kind, name, address in (
        ("a known name that is locked", "staff0", "198.51.100.7"),
        ("an unknown one", "nobody0", "198.51.100.8"),
    ):
        browser = Browser(site, address)
        answers = [browser.guess(name, "wrong") for _ in range(ROUNDS)]
        say(kind, [one[1] for one in answers], {(one[0], one[2]) for one in answers})


def say(kind: str, values: list[float], answers: set[tuple[int, int]]) -> None:
    low, middle, high = statistics.quantiles(values, n=4)
    print(f"{kind}: median {middle:.0f} ms, quartiles {low:.0f} and {high:.0f}, of {len(values)} {answers or ''}")


def by_processor() -> None:
    """The same in this process alone, by the time of the processor, which does not depend on what else runs."""
    django.setup()
    from django.test import Client

    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(ROUNDS):
        for kind, (name, password) in KINDS.items():
            client = Client(REMOTE_ADDR=f"10.1.{number}.{len(name)}")
            began = time.process_time()
            client.post("/admin/login/", {"username": f"{name}{1 + number % 3}", "password": password})
            took[kind].append((time.process_time() - began) * 1000)
    for kind, values in took.items():
        say(f"{kind}, by the processor", values[1:], set())


def cost() -> None:
    """What hashing costs: the processor’s time, which a busy machine does not change, and memory."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from categories.models.passwords import Argon2

    hasher, took = Argon2(), []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(ROUNDS):
        began = time.process_time()
        hasher.encode(PASSWORD, hasher.salt())
        took.append((time.process_time() - began) * 1000)
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    print(f"Argon2: median {statistics.median(took):.0f} ms of processor ({min(took):.0f} to {max(took):.0f})", end="")
    print(f", {grown:.0f} MiB while it lasts")


@contextmanager
def database(kind: str, folder: Path) -> Iterator[dict[str, str]]:
    if kind == "sqlite":
        yield {}
        return
    with postgres.server() as url:
        yield {"DATABASE_URL": postgres.new_database(url, "guesses")}


def main() -> None:
    kind = sys.argv[1] if len(sys.argv) > 1 else "sqlite"
    if kind == "processor":
        return by_processor()
    with tempfile.TemporaryDirectory() as name, database(kind, Path(name)) as settings:
        more = {"SECOND_FACTOR": "required", "TRUSTED_PROXIES": "1", "WEB_CONCURRENCY": "2"}
        with serving(Path(name), "tests.migrated", **more, **settings) as site:
            site.run("manage.py", "shell", "--no-imports", "-c", ACCOUNTS)
            print(f"On {kind}, two processes of four threads:")
            at_once(site)
            times(site)
            site.run("manage.py", "shell", "--no-imports", "-c", FORGET)
            print(site.run("-m", "tests.guesses", "processor", str(ROUNDS)), end="")
    if kind == "sqlite":
        cost()


if __name__ == "__main__":
    main()
