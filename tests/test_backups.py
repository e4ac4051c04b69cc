"""Backups during writes, on a full disk and too old; restoring. tests/backing_up.py is what writes meanwhile."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from categories import backups
from tests import postgres

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    if not postgres.is_installed():
        pytest.skip("this machine lacks PostgreSQL")
    with postgres.server() as url:
        yield url


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_backups_during_writes_restore_and_verify(database: str, tmp_path: Path, request: Any) -> None:
    url = f"sqlite:///{tmp_path}/site.sqlite3"
    if database == "postgresql":
        url = postgres.new_database(request.getfixturevalue("server"), "backed_up")
    done = run(url, sys.executable, "-m", "tests.backing_up", str(tmp_path / "backups"), "2")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def run(url: str, *command: str, **options: Any) -> "subprocess.CompletedProcess[str]":
    environ = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=580, **options)  # noqa: S603


def test_a_full_disk_leaves_nothing_that_looks_like_a_backup(tmp_path: Path) -> None:
    url, folder = f"sqlite:///{tmp_path}/site.sqlite3", tmp_path / "backups"
    manage = [sys.executable, "manage.py"]
    assert run(url, *manage, "migrate", "--verbosity", "0").returncode == 0

    def fill_up() -> None:  # no file can grow beyond this, as on a disk that is full
        size = (tmp_path / "site.sqlite3").stat().st_size // 2
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    done = run(url, *manage, "backup", str(folder), preexec_fn=fill_up)
    assert (done.returncode, "There is no new backup." in done.stderr) == (1, True), done.stderr
    assert list(folder.iterdir()) == []


def test_what_is_no_backup_is_said_so(tmp_path: Path) -> None:
    empty, words = tmp_path / "guidance-20260302T030000Z.sqlite3", tmp_path / "words"
    empty.touch()
    words.write_text("These are words.", encoding="utf-8")
    for file in (empty, words, tmp_path / "missing"):
        with pytest.raises(CommandError, match="Nothing is restored"):
            call_command("restore", str(file))
    with pytest.raises(CommandError, match="is no backup"):
        call_command("drill", str(tmp_path))
    empty.unlink()
    with pytest.raises(CommandError, match="There is no backup in"):
        call_command("drill", str(tmp_path))


def test_what_is_too_old_is_dropped_but_the_newest_few(tmp_path: Path) -> None:
    for day in (1, 2, 3, 28, 29):
        (tmp_path / f"guidance-202602{day:02}T030000Z.sqlite3").touch()
    (tmp_path / "notes.txt").touch()
    with time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC)):
        for keep, days, dropped in ((3, 7, [1, 2]), (5, 7, []), (1, 0, [1, 2, 3, 28]), (1, 60, [])):
            found = backups.too_old(tmp_path, keep, timedelta(days=days))
            assert [int(path.name[15:17]) for path in found] == dropped


@pytest.mark.parametrize("options", [{"keep": 0}, {"days": -1}])
def test_no_command_drops_all(options: dict[str, int], tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="Keep at least one"):
        call_command("backup", str(tmp_path), stdout=StringIO(), **options)
