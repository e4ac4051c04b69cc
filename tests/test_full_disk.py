"""A disk that is full: staff are told, nothing is half done, and the site goes on once there is room."""

import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.server import Server, serving
from tests.staff import Writer, long_words

SAVES = """
from categories.models import Category
print(Category.history.filter(history_change_reason="An example").count())
"""
GUIDANCE = "/guidance/technical-qualification-categories/"


@pytest.fixture
def disk(tmp_path) -> Iterator[Path]:
    """A small disk with nothing else on it."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "guidance-full", str(folder)]
    if os.getuid() or subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode:  # noqa: S603
        pytest.skip("no disk can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607


def fill(disk: Path) -> None:
    with suppress(OSError), (disk / "filling").open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def status(site: Server, path: str) -> int:
    with urllib.request.urlopen(site.url + path) as response:  # noqa: S310 - our own
        return response.status


@pytest.mark.skipif(not shutil.which("mount"), reason="this machine lacks mount")
def test_staff_are_told_and_nothing_is_half_done_when_the_disk_of_sqlite_is_full(tmp_path, disk):
    database = f"sqlite:///{disk / 'guidance.sqlite3'}"
    with serving(tmp_path, "tests.scheduled", WEB_CONCURRENCY="1", DATABASE_URL=database) as site:
        writer = Writer(site.url, site.run("-m", "tests.staff").strip()).open()
        before, words = writer.example, long_words()
        fill(disk)
        answer, page = writer.send(words)
        assert answer == 503
        assert "Nothing was saved" in page
        for path in (GUIDANCE, f"{GUIDANCE}?q=level", "/healthz"):
            assert status(site, path) == 200
        with urllib.request.urlopen(f"{site.url}/readyz") as response:  # noqa: S310 - our own
            assert b"disk: only 0 MB are free" in response.read()
        (disk / "filling").unlink()
        assert writer.open().example == before
        assert writer.send(words)[0] == 302
        assert writer.open().example == words
        site.run("manage.py", "check_editions")
        assert site.run("manage.py", "shell", "-c", SAVES).split()[-1] == "1"
