"""Short runs of tests/crash.py and tests/mail_kills.py on both databases. “make crash” is the long one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import postgres

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def postgres_url():
    if not postgres.is_installed():
        pytest.skip("this machine lacks PostgreSQL")
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'guidance.sqlite3'}"
    name = request.node.name.split("[")[0].removeprefix("test_")
    return postgres.new_database(request.getfixturevalue("postgres_url"), name)


def crash(database_url: str, *args: str, program: str = "tests.crash") -> None:
    command = [sys.executable, "-m", program, *args]
    environ = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True)  # noqa: S603 - our own
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]


def test_eight_processes_make_one_edition(database_url):
    crash(database_url, "race", "8")


def test_nothing_is_half_done_after_kills(database_url):
    crash(database_url, "kill", "10")


def test_mail_comes_at_most_twice_for_a_kill_and_once_without(database_url):
    crash(database_url, "3", program="tests.mail_kills")
