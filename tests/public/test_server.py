"""A running server with several processes: what is scheduled appears at its second with no action, and not before."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.server import Server, serving

WORKERS = 2
AHEAD = 4  # seconds: long enough to read every address before it on every worker
DEADLINE = 60  # seconds for all of it
GUIDANCE = "/guidance/technical-qualification-categories/"
API = "/api/v1/guidance/technical-qualification-categories/"
ADDRESSES = [
    GUIDANCE,
    f"{GUIDANCE}categories/level-3-t-level/",
    f"{GUIDANCE}categories/level-3-t-level/updates/",
    f"{GUIDANCE}updates/",
    f"{GUIDANCE}updates.atom",
    f"{GUIDANCE}categories.csv",
    API,
    f"{API}categories/",
    f"{API}editions/",
]
probes = count()


@dataclass(frozen=True)
class Answer:
    """What an address said, headers included, and when, in seconds since 1970; `probe` finds it in the server's log."""

    address: str
    status: int
    said: str
    asked: float
    answered: float
    probe: int


@pytest.fixture
def server(tmp_path) -> Iterator[tuple[Server, Path]]:
    """The site, with a log that tells which worker answered which request."""
    log = tmp_path / "access"
    arguments = f"--access-logfile {log} --access-logformat '%(p)s %({{x-probe}}i)s'"
    with serving(tmp_path, "tests.scheduled", WEB_CONCURRENCY=str(WORKERS), GUNICORN_CMD_ARGS=arguments) as found:
        yield found, log


def ask(server: Server, address: str) -> Answer:
    probe, asked = next(probes), time.time()
    request = urllib.request.Request(server.url + address, headers={"X-Probe": str(probe)})  # noqa: S310 - our own
    try:
        response = urllib.request.urlopen(request)  # noqa: S310 - our own
    except urllib.error.HTTPError as error:
        response = error
    with response:
        said = f"{response.headers}{response.read().decode()}"
    return Answer(address, response.status, said, asked, time.time(), probe)


def workers(log: Path) -> dict[int, int]:
    """Return the process that answered each probe."""
    lines = [line.split() for line in log.read_text().splitlines()]
    return {int(line[1].strip("<>")): int(line[0].strip("<>")) for line in lines if line[1].strip("<>").isdecimal()}


def watch(server: Server, log: Path, program: list[str], addresses: list[str]) -> tuple[list[Answer], list[str]]:
    """Ask every address over and over while a program runs, until each worker has answered for each after its time.

    Return the answers and what the program printed.
    """
    answers: list[Answer] = []
    end = time.monotonic() + DEADLINE
    with ThreadPoolExecutor(len(addresses) + 1) as pool:
        running: Future[str] = pool.submit(
            server.run, "-m", "tests.scheduled", *program, DJANGO_SETTINGS_MODULE="tests.settings"
        )
        while time.monotonic() < end:
            answers += pool.map(lambda address: ask(server, address), addresses)
            if running.done():
                printed = running.result().split()
                late = {answer.probe: answer for answer in answers if answer.asked >= float(printed[2])}
                by = {(who, late[probe].address) for probe, who in workers(log).items() if probe in late}
                if len(by) == WORKERS * len(addresses):
                    return answers, printed
    raise AssertionError("not every worker answered for every address before the deadline")


def test_a_scheduled_edition_appears_at_its_second_on_every_worker(server):
    site, log = server
    answers, (number, made, live_at) = watch(site, log, ["approve", str(AHEAD)], ADDRESSES)
    assert number == "2"
    early = [answer for answer in answers if answer.answered < float(live_at)]
    late = [answer for answer in answers if answer.asked >= float(live_at)]
    assert {answer.status for answer in answers} == {200}
    assert [answer.address for answer in early if "secret" in answer.said] == []
    assert [answer.address for answer in late if "secret-approve" not in answer.said] == []
    who = workers(log)
    waiting = {who[answer.probe] for answer in early if answer.asked >= float(made)}
    assert len(waiting) == WORKERS, "nobody looked between the approval and the second"


def test_unscheduling_leaves_no_trace(server):
    site, log = server
    numbered = [
        f"{GUIDANCE}updates/2/",
        f"{API}editions/2/",
        f"{API}editions/2/content.json",
        f"{API}editions/2/changes/",
    ]
    answers, (number, _, _) = watch(site, log, ["unschedule", "1"], [*ADDRESSES, *numbered])
    assert number == "2"
    assert [answer.address for answer in answers if "secret-unschedule" in answer.said] == []
    assert {answer.status for answer in answers if answer.address in numbered} == {404}
