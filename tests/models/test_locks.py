"""Two people at once, on PostgreSQL, where a save waits for the guidance alone: see tests/locks.py."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import postgres

ROOT = Path(__file__).parents[2]
SCENES = [
    "double-add",
    "add-first",
    "delete-in-use",
    "load-waits",
    "state-in-use",
    "own-guidance-alone",
    "vouch-waits",
    "tries-at-once",
]


@pytest.fixture(scope="module")
def server():
    if not postgres.is_installed():
        pytest.skip("this machine lacks PostgreSQL")
    with postgres.server() as url:
        yield url


@pytest.mark.parametrize("scene", SCENES)
def test_who_comes_second_waits_and_then_sees_all_of_the_first(scene, server):
    url = postgres.new_database(server, scene.replace("-", "_"))
    environ = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.locks", scene]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120)  # noqa: S603
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
