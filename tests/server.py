"""The site as gunicorn serves it, on a database of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent
STARTS_WITHIN = 30  # seconds


class Server:
    """Where the site is, its gunicorn, and a way to run the project's programs on its database."""

    def __init__(self, url: str, environ: dict[str, str], process: "subprocess.Popen[bytes] | None" = None):
        self.url, self.environ, self.process = url, environ, process

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def workers(self) -> list[int]:
        """Return the ids of gunicorn's worker processes."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()

    def run(self, *args: str, **environ: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own
            [sys.executable, *args], cwd=ROOT, env=self.environ | environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@contextmanager
def serving(folder: Path, seed: str, **settings: str) -> Iterator[Server]:
    """Fill a new SQLite database in the folder with the program `seed`, then serve it; yield the running server."""
    port = free_port()
    environ = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "0",
        "DATABASE_URL": f"sqlite:///{folder / 'guidance.sqlite3'}",
        "STATIC_ROOT": str(folder / "static"),
        "SECRET_KEY": "only-for-tests-of-the-server-" * 2,
        "ALLOWED_HOSTS": "127.0.0.1",
        "PLAIN_HTTP": "1",
        "SECOND_FACTOR": "offered",
        "MALLOC_ARENA_MAX": "1",  # as the shipped unit has it
        "PORT": str(port),
        **settings,
    }
    found = Server(f"http://127.0.0.1:{port}", environ)
    found.run("-m", seed, DJANGO_SETTINGS_MODULE="tests.settings")
    found.run("manage.py", "collectstatic", "--noinput", "--ignore", "sass", "-v", "0")
    with running(gunicorn("config.wsgi"), found, folder / "log"):
        yield found


def gunicorn(application: str) -> list[str]:
    """Return the command that serves an application as the site is served."""
    return [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", application]


@contextmanager
def running(command: Sequence[str | Path], server: Server, log: Path, ready: str = "/healthz/") -> Iterator[None]:
    """Run a command that serves at the address of a server, and is ready when it answers 200 at a path."""
    with log.open("wb") as lines:
        server.process = subprocess.Popen(command, cwd=ROOT, env=server.environ, stdout=lines, stderr=lines)  # noqa: S603
    try:
        wait_until_ready(server.url + ready, log)
        yield
    finally:
        server.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_ready(address: str, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address)  # noqa: S310 - our own server
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"The server did not start: {log.read_text()}")
