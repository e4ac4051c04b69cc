"""What alters the record: refused by the database, and found and named where it was forced."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import postgres
from tests.escapes import documented

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if not postgres.is_installed():
        pytest.skip("this machine lacks PostgreSQL")
    with postgres.server() as url:
        yield url


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_one_changed_byte_is_refused_and_where_it_is_forced_found(database, tmp_path, request, subtests) -> None:
    url = f"sqlite:///{tmp_path}/site.sqlite3"
    if database == "postgresql":
        url = postgres.as_documented(request.getfixturevalue("server"))
    environ = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "tests.tampering"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=580)  # noqa: S603
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    found = json.loads(done.stdout)
    assert found.pop("tried") > 150
    refused = found.pop("escapes")
    with subtests.test("escapes"):
        assert refused == documented("SQL", ["sqlite", "postgresql"].index(database) + 1)
    for name, problems in found.items():
        with subtests.test(name):
            assert problems == []
