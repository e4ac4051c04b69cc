"""Nobody goes without an answer while gunicorn reloads or stops."""

import os
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server import Server, free_port, gunicorn, running

DEADLINE = 60  # seconds


@pytest.fixture
def gate(tmp_path) -> Path:
    """What has to exist for the application to load."""
    gate = tmp_path / "gate"
    gate.touch()
    return gate


@pytest.fixture
def server(tmp_path, gate) -> Iterator[Server]:
    port = free_port()
    environ = os.environ | {"GATE": str(gate), "PORT": str(port), "WEB_CONCURRENCY": "2"}
    found = Server(f"http://127.0.0.1:{port}", environ)
    with running(gunicorn("tests.gated"), found, tmp_path / "log"):
        yield found


def answered(server: Server) -> int:
    with urllib.request.urlopen(server.url, timeout=DEADLINE) as response:  # noqa: S310 - our own
        return int(response.read())


def wait_until(found: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not found():
        assert time.monotonic() < end
        time.sleep(0.01)


def refused(server: Server) -> bool:
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE).close()
    except ConnectionRefusedError:
        return True
    return False


def test_the_old_processes_answer_until_the_new_ones_have_loaded(server, gate):
    old = server.workers()
    gate.unlink()
    server.process.send_signal(signal.SIGHUP)
    wait_until(lambda: len(server.workers()) == 4)
    assert {answered(server) for _ in range(20)} <= {*old}
    gate.touch()
    wait_until(lambda: len(server.workers()) == 2)
    assert {answered(server) for _ in range(20)} <= {*server.workers()}
    assert not {*old} & {*server.workers()}


def test_what_stops_refuses_new_requests_and_ends_those_that_it_has(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=DEADLINE) as begun:
        begun.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\na")
        assert answered(server)  # so it has been begun: connections are taken in their order
        server.process.terminate()
        wait_until(lambda: refused(server))
        begun.sendall(b"b")
        assert begun.recv(65536).startswith(b"HTTP/1.1 200 ")
