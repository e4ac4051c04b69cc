"""A real browser against a real server process, each test run with a database of its own."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright", reason="browser tests need requirements-dev.txt")

ROOT = Path(__file__).parent.parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    return browser_type_launch_args | {"args": QUIET} | ({"executable_path": found} if found else {})


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture(scope="session")
def server(tmp_path_factory) -> Iterator["Server"]:
    """The site as gunicorn serves it, on a database that only this test process uses."""
    folder = tmp_path_factory.mktemp("site")
    port = free_port()
    environ = os.environ | {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": f"sqlite:///{folder / 'guidance.sqlite3'}",
        "STATIC_ROOT": str(folder / "static"),
        "SECRET_KEY": "only-for-browser-tests-" * 3,
        "ALLOWED_HOSTS": "127.0.0.1",
        "PLAIN_HTTP": "1",
        "PORT": str(port),
    }
    found = Server(f"http://127.0.0.1:{port}", environ)
    found.run("-m", "tests.browser.seed", DJANGO_SETTINGS_MODULE="tests.settings")
    found.run("manage.py", "collectstatic", "--noinput", "-v", "0")
    gunicorn = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(gunicorn, cwd=ROOT, env=environ, stdout=log, stderr=log)  # noqa: S603 - our own
    try:
        wait_until_ready(found.url, folder / "log")
        yield found
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(url: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/healthz/")  # noqa: S310 - our own server
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"The server did not start: {log.read_text()}")


class Server:
    """Where the site is, and a way to run the project's programs on its database."""

    def __init__(self, url: str, environ: dict[str, str]):
        self.url, self.environ = url, environ

    def run(self, *args: str, **environ: str) -> str:
        done = subprocess.run(  # noqa: S603 - our own
            [sys.executable, *args], cwd=ROOT, env=self.environ | environ, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="session")
def base_url(server) -> str:
    return server.url


@pytest.fixture
def sign_in(page, base_url):
    """Sign in to the admin as somebody that the seed made."""

    def as_(username: str) -> None:
        page.context.clear_cookies()
        page.goto("/admin/login/")
        page.get_by_label("Username").fill(username)
        page.get_by_label("Password").fill("correct horse")
        page.get_by_role("button", name="Log in").click()

    return as_
