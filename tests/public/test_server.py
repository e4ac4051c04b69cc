"""A running server with several processes: what is scheduled appears at its second with no action, and not before."""

import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests import postgres
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
    with serving(tmp_path, "tests.scheduled", **logging(log)) as found:
        yield found, log


def logging(log: Path) -> dict[str, str]:
    arguments = f"--access-logfile {log} --access-logformat '%(p)s %({{x-probe}}i)s'"
    return {"WEB_CONCURRENCY": str(WORKERS), "GUNICORN_CMD_ARGS": arguments}


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


SAID = re.compile(r"Said in edition (\d+)")
TIMES = 3


def test_no_reader_sees_a_newer_page_and_then_an_older_one(server):
    """Several readers, each asking over and over, while editions are published one a second."""
    site, _ = server
    address = f"{GUIDANCE}categories/level-3-t-level/"
    with ThreadPoolExecutor(5) as pool:
        running = pool.submit(
            site.run, "-m", "tests.scheduled", "publish", str(TIMES), DJANGO_SETTINGS_MODULE="tests.settings"
        )
        end = time.time() + DEADLINE

        def read(_: int) -> list[Answer]:
            answers = [ask(site, address)]
            while not running.done() or f"edition {TIMES + 1}" not in answers[-1].said:
                answers.append(ask(site, address))
                assert answers[-1].answered < end
            return answers

        readers = list(pool.map(read, range(4)))
    live_at = {int(line.split()[0]): float(line.split()[2]) for line in running.result().splitlines()}
    assert list(live_at) == [2, 3, 4]
    for answers in readers:
        assert {answer.status for answer in answers} == {200}
        seen = [int(said[1]) if (said := SAID.search(answer.said)) else 1 for answer in answers]
        assert seen == sorted(seen)
        for number, answer in zip(seen, answers, strict=True):
            assert number >= max((one for one, second in live_at.items() if second <= answer.asked), default=1)
            assert number <= max((one for one, second in live_at.items() if second <= answer.answered), default=1)


@pytest.mark.skipif(not postgres.is_installed(), reason="needs PostgreSQL")
def test_a_scheduled_second_passes_while_the_database_is_away(tmp_path):
    """Finished pages go on as they were, and the right ones come with the database."""
    log = tmp_path / "access"
    with postgres.server() as url, serving(tmp_path, "tests.scheduled", DATABASE_URL=url, **logging(log)) as site:
        everywhere(site, log)
        program = ("-m", "tests.scheduled", "approve", str(AHEAD))
        live_at = float(site.run(*program, DJANGO_SETTINGS_MODULE="tests.settings").split()[2])
        with postgres.away(url):
            answers = everywhere(site, log)
            while answers[0].asked < live_at + 1:
                assert {answer.status for answer in answers} == {200}
                assert not any("secret" in answer.said for answer in answers)
                answers = everywhere(site, log)
        end = time.time() + DEADLINE
        while not all("secret-approve" in answer.said for answer in everywhere(site, log)):
            assert time.time() < end


def everywhere(server: Server, log: Path) -> list[Answer]:
    """Ask every address until each worker has answered for each."""
    answers: list[Answer] = []
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        answers += [ask(server, address) for address in ADDRESSES]
        asked = {answer.probe: answer.address for answer in answers}
        by = {(who, asked[probe]) for probe, who in workers(log).items() if probe in asked}
        if len(by) == WORKERS * len(ADDRESSES):
            return answers
    raise AssertionError("not every worker answered for every address before the deadline")
