"""Sets the stack of docs/operating up on loopback, makes it fail in every way, and says what readers got.

    python -m tests.stack          for as long as in docs/operating/stack.md: about 6 minutes
    python -m tests.stack quick    a tenth of it
    python -m tests.stack rolled   one of the drills, or some, by the names of their functions; “mirrored” is one

Exits 1 where the site did not come back by itself, where what needs no database was not answered, or where the log
told of an outage more than once a minute.
"""

import itertools
import json
import os
import random
import re
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg

from tests import proxies
from tests.staff import Writer, long_words

from .load import HEADERS, G, Load, answer_of, readers, status_of, warm
from .machine import Machine, manage, running

COMES_BACK_WITHIN = 15  # seconds
LONGEST_LINE = 400  # bytes of log that one line of a fault may take
SECRET = "SECRETTOKEN"
SPOOFED = [
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Ssl",
    "Script_Name",
    "X-Request-ID",
    "If-None-Match",
    "Accept",
]
METHODS = ["GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS", "NONSENSE"]
fresh = itertools.count()


@contextmanager
def stopped(machine: Machine, seconds: float) -> Iterator[None]:
    machine.database.stop()
    time.sleep(seconds)
    machine.database.start()
    yield


@contextmanager
def locked(machine: Machine, seconds: float) -> Iterator[None]:
    with psycopg.connect(machine.database.owner_url, options="-c idle_in_transaction_session_timeout=0") as holder:
        holder.execute("LOCK TABLE categories_edition, django_session IN ACCESS EXCLUSIVE MODE")
        time.sleep(seconds)
    yield


@contextmanager
def frozen(machine: Machine, seconds: float) -> Iterator[None]:
    machine.database.signal(signal.SIGSTOP)
    time.sleep(seconds)
    machine.database.signal(signal.SIGCONT)
    yield


@contextmanager
def exhausted(machine: Machine, seconds: float) -> Iterator[None]:
    held, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(psycopg.OperationalError):
            held.append(psycopg.connect(machine.database.url))
            continue
        if len(held) == 1 or random.random() < 0.1:  # noqa: S311 - let the site lose those that it has
            terminate(machine)
        time.sleep(0.05)
    for connection in held:
        connection.close()
    yield


def terminate(machine: Machine) -> None:
    admin = machine.database.url.replace("guidance@", "postgres@")
    with psycopg.connect(admin, autocommit=True) as line:
        line.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'guidance'")


@contextmanager
def restarted(machine: Machine, seconds: float) -> Iterator[None]:
    machine.database.stop("fast")
    machine.database.start()
    yield


@contextmanager
def disk_full(machine: Machine, seconds: float) -> Iterator[None]:
    """Somebody of staff saves something long meanwhile, and again when there is room."""
    writer = Writer(machine.nginx, machine.staff, HEADERS["Host"]).open()
    before, words = writer.example, long_words()
    machine.database.fill_disk()
    status, page = writer.send(words)
    time.sleep(seconds)
    machine.database.make_room()
    kept = writer.open().example
    again = writer.send(words)[0]
    print(f"    staff: {status} while it was full, then {again}", flush=True)
    if (status, "Nothing was saved" in page, kept) != (503, True, before):
        machine.wrong.append(f"staff were answered with {status} while the disk was full")
    if (again, writer.open().example) != (302, words):
        machine.wrong.append(f"staff were answered with {again} once there was room")
    yield


@contextmanager
def worker_killed(machine: Machine, seconds: float) -> Iterator[None]:
    os.kill(machine.instances[0].workers()[0], signal.SIGKILL)
    time.sleep(seconds)
    yield


@contextmanager
def instance_killed(machine: Machine, seconds: float) -> Iterator[None]:
    machine.instances[0].kill()
    time.sleep(1)  # RestartSec
    machine.instances[0].start()
    yield


@contextmanager
def reloaded(machine: Machine, seconds: float) -> Iterator[None]:
    for instance in machine.instances:
        instance.reload()
        time.sleep(seconds / 2)
    yield


@contextmanager
def rolled(machine: Machine, seconds: float) -> Iterator[None]:
    """Restart one after the other, as docs/operating/upgrade.md says."""
    for instance in machine.instances:
        instance.stop()
        instance.start()
        while status_of(instance.url, "/readyz") != 200:
            time.sleep(1)
        time.sleep(3)
    yield


@contextmanager
def all_down(machine: Machine, seconds: float) -> Iterator[None]:
    for instance in machine.instances:
        instance.stop()
    status_of(machine.nginx, f"/preview/%20{SECRET}/")  # of which a log could tell
    time.sleep(seconds)
    for instance in machine.instances:
        instance.start()
    yield


@contextmanager
def half_sent(machine: Machine, seconds: float) -> Iterator[None]:
    """Begin 200 requests and end none, a byte a second."""
    place = urlsplit(machine.nginx)
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection((place.hostname, place.port))) for _ in range(200)]
        for line in lines:
            line.sendall(b"POST /admin/login/ HTTP/1.1\r\nHost: guidance.example.org\r\nContent-Length: 1000\r\n\r\n")
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for line in lines:
                with suppress(OSError):
                    line.sendall(b"a")
            time.sleep(1)
    yield


DRILLS: list[tuple[str, Callable[[Machine, float], object], float]] = [
    ("PostgreSQL stopped", stopped, 120),
    ("Editions and sessions locked", locked, 45),
    ("PostgreSQL frozen", frozen, 60),
    ("Connections exhausted", exhausted, 30),
    ("PostgreSQL restarted", restarted, 1),
    ("PostgreSQL's disk full", disk_full, 20),
    ("A worker killed", worker_killed, 10),
    ("An instance killed", instance_killed, 10),
    ("Both reloaded, one after the other", reloaded, 20),
    ("Both restarted, one after the other", rolled, 0),
    ("200 requests half sent, through nginx", half_sent, 30),
    ("Both instances down", all_down, 30),
]
DATABASE_FAULTS = {stopped, locked, frozen, exhausted, restarted, disk_full}
UNSEEN = {reloaded, rolled}  # by anybody


def drill(machine: Machine, name: str, fault: Callable[..., object], seconds: float, static: str) -> list[str]:
    log = len(machine.log())
    print(f"\n{name}, {seconds:g} s", flush=True)
    direct = machine.instances[1]
    places = {fault: [machine.nginx, machine.varnish] for fault in {all_down, *UNSEEN}} | {
        one: [machine.nginx, direct.url] for one in DATABASE_FAULTS
    }
    asked = places.get(fault, [machine.nginx])
    for url in (*(instance.url for instance in machine.instances), machine.nginx, machine.varnish):
        warm(url, static)
    with readers(asked, static) as load:
        time.sleep(1)
        with fault(machine, seconds):  # type: ignore[attr-defined]
            took = [came_back(instance.url) for instance in machine.instances]
        time.sleep(1)
    print(*load.table(), sep="\n")
    written = len(machine.log()) - log
    print(f"    back after {max(took):.1f} s; {written:,} bytes of log", flush=True)
    told = [machine.wrong.pop() for _ in range(len(machine.wrong))]
    return [*told, *problems(load, fault, max(took), written, seconds)]


def came_back(url: str) -> float:
    """Return after how many seconds an instance answers what no cache can have."""
    began = time.monotonic()
    while status_of(url, f"{G}?q=back-{next(fresh)}") != 200:
        time.sleep(0.05)
        if time.monotonic() - began > 60:
            return 60
    return time.monotonic() - began


def problems(load: Load, fault: Callable[..., object], took: float, written: int, seconds: float) -> Iterator[str]:
    if took > COMES_BACK_WITHIN:
        yield f"it came back after {took:.0f} s"
    found = {(answer.kind, answer.status) for answer in load.answers} - {("sent", 429)}  # nginx limits lists to check
    if wrong := {one for one in found if one[0] == "hot" and one[1] != 200}:
        yield f"kept pages were answered with {wrong}"
    if fault in UNSEEN and (wrong := {one for one in found if one[1] != 200}):
        yield f"some were answered with {wrong}"
    if fault is all_down and (wrong := {one for one in found if one[0] == "static" and one[1] != 200}):
        yield f"what shared caches keep for ever was answered with {wrong}"
    if fault in DATABASE_FAULTS:
        if wrong := {one for one in found if one[0] in ("health", "static") and one[1] != 200}:
            yield f"what needs no database was answered with {wrong}"
        if wrong := {one for one in found if one[1] not in (200, 503)}:
            yield f"some were answered with {wrong}"
        most = 2 * 2 * 6 * LONGEST_LINE * (1 + seconds / 60)  # instances × processes × kinds of fault
        if written > most:
            yield f"{written:,} bytes of log are more than {most:,.0f}"


def fuzz(machine: Machine, times: int) -> list[str]:
    """Ask for nonsense, with headers that claim things, through nginx and of an instance itself."""
    print(f"\n{times:,} requests of nonsense", flush=True)
    counts: Counter[int] = Counter()
    for number in range(times):
        url = (machine.nginx, machine.instances[1].url)[number % 2]
        method, headers = random.choice(METHODS), {name: nonsense() for name in SPOOFED}  # noqa: S311
        counts[status_of(url, nonsense(), method=method, headers=headers)] += 1
    for url in (machine.nginx, machine.instances[1].url):
        status_of(url, f"/preview/%20{SECRET}/")
        status_of(url, f"/%70review/{SECRET}/changes/", method="POST")
    print("    " + ", ".join(f"{count} × {status}" for status, count in sorted(counts.items())), flush=True)
    found = [f"nonsense was answered with {status}" for status in counts if status >= 500]
    return found + (["the log tells of a preview"] if SECRET in machine.all_logs() else [])


def mirrored(machine: Machine, folder: Path) -> list[str]:
    """Write a mirror, stop every instance, and ask for all of it by an nginx for which no page has been kept."""
    began = time.monotonic()
    manage(machine.environ, "export_site", str(folder))
    took = time.monotonic() - began
    addresses = sorted({*addresses_in(folder)})
    site, wrong = machine.instances[0].url, list[str]()
    print(f"\nThe mirror, of {len(addresses):,} addresses, written in {took:.0f} s", flush=True)
    said = {address: answer_of(site, address) for address in addresses}
    ports = [instance.port for instance in machine.instances]
    with proxies.nginx(folder.with_name("nginx-of-the-mirror"), *ports, mirror=folder) as nginx:
        for instance in machine.instances:
            instance.stop()
        try:
            found = {address: answer_of(nginx, address) for address in addresses}
            filtered = answer_of(nginx, f"{G}?level=3")
        finally:
            for instance in machine.instances:
                instance.start()
    for address in addresses:
        if found[address].told != said[address].told:
            wrong.append(f"{address}: {found[address].status} in place of {said[address].status}, or another body")
        if not found[address].headers["Guidance-Mirror"]:
            wrong.append(f"{address} does not say that it is of the mirror")
    if (filtered.status, filtered.headers["Retry-After"]) != (503, "60") or b"Filters" not in filtered.body:
        wrong.append(f"a filter was answered with {filtered.status}")
    counts = Counter(answer.status for answer in found.values())
    print("    " + ", ".join(f"{count} × {status}" for status, count in sorted(counts.items())), flush=True)
    return [f"the mirror: {problem}" for problem in wrong[:20]]


def addresses_in(folder: Path) -> Iterator[str]:
    """Yield every address that the mirror has an answer for."""
    for root in folder.glob("pages*"):
        query = root.name.partition("@")[2]
        for file in root.rglob("*"):
            if file.is_file() and "static" not in file.relative_to(root).parts[:1]:
                path = re.sub(r"(/|^)index\.\w+$|\.link$", r"\1", str(file.relative_to(root)))
                yield f"/{path}" + (f"?{query}" if query else "")
    for status in (301, 302, 303):
        for line in (folder / f"nginx/moved-{status}.map").read_text().splitlines():
            yield line.split('"')[1].replace("@", "?")


def nonsense() -> str:
    start = random.choice(["/", G, "/api/v1/guidance/", "/admin/", "/preview/", "/id/", "/static/"])  # noqa: S311
    return start + quote(random.randbytes(random.randrange(1, 60)), safe="/?&=%;")  # noqa: S311


def main() -> int:
    asked = sys.argv[1:]
    part = 0.1 if "quick" in asked else 1
    named = {fault.__name__ for _, fault, _ in DRILLS} & {*asked}
    found: list[str] = []
    with running() as machine:
        manifest = json.loads((Path(machine.environ["STATIC_ROOT"]) / "staticfiles.json").read_text())
        static = f"/static/{manifest['paths']['css/site.css']}"
        if (status := status_of(machine.pooled.url, f"{G}?q=pooled", 20)) != 200:
            found.append(f"behind PgBouncer the site answered {status}")
        for name, fault, seconds in DRILLS:
            if (named or "mirrored" in asked) and fault.__name__ not in named:
                continue
            if fault is disk_full and not machine.database.has_a_disk_of_its_own:
                print(f"\n{name}: passed over, since no disk can be mounted here")
                continue
            found += [f"{name}: {problem}" for problem in drill(machine, name, fault, seconds * part, static)]
        if not named or "mirrored" in asked:
            found += mirrored(machine, Path(machine.environ["STATIC_ROOT"]).with_name("mirror"))
        if not named and "mirrored" not in asked:
            found += fuzz(machine, int(10_000 * part))
    print(*(["", "What was wrong:", *found] if found else ["", "Nothing was wrong."]), sep="\n")
    return min(len(found), 1)


if __name__ == "__main__":
    sys.exit(main())
