"""Backups during writes, on a full disk and too old; restoring. tests/backing_up.py is what writes meanwhile."""

import json
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
from tests.stack import machine

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
    done = run(url, sys.executable, "-m", "tests.backing_up", str(tmp_path / "backups"), "2", "restore")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def run(url: str, *command: str, preexec_fn: Any = None, **environ: str) -> "subprocess.CompletedProcess[str]":
    """Run a program on a database, with further variables of its environment."""
    environ = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"} | environ
    options: Any = {"preexec_fn": preexec_fn} if preexec_fn else {}
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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "guidance-test", str(folder)]
    if os.getuid() or subprocess.run(mount, check=False, capture_output=True).returncode:  # noqa: S603 - our own
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607 - what was mounted above


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_disk_that_is_full_at_any_moment_leaves_nothing(
    database: str, small_disk: Path, tmp_path: Path, request: Any
) -> None:
    url = f"sqlite:///{tmp_path}/site.sqlite3"
    if database == "postgresql":
        url = postgres.new_database(request.getfixturevalue("server"), "disk")
    manage = [sys.executable, "manage.py"]
    assert run(url, *manage, "migrate", "--verbosity", "0").returncode == 0
    for left in (0, 20_000, 300_000):  # not begun; half of a copy; no room to restore it
        filling = small_disk / "filling"
        filling.write_bytes(bytes(600 * 1024 - left))
        done = run(url, *manage, "backup", str(small_disk), TMPDIR=str(small_disk))
        if database == "postgresql" and left == 300_000:
            assert done.returncode == 0  # a dump is small, and restored aside on the disk of the server
        else:
            assert (done.returncode, "There is no new backup." in done.stderr) == (1, True), done.stderr
            assert [path.name for path in small_disk.iterdir()] == ["filling"]
        filling.unlink()


def test_the_units_of_operators_back_up_and_restore_as_the_owner_of_the_tables(tmp_path: Path, server: str) -> None:
    url = postgres.as_documented(server)
    owner, site = (url.replace("postgres@", f"{role}@") for role in ("guidance_owner", "guidance"))
    commands = [*machine.commands("guidance-migrate.service"), *machine.commands("guidance-backup.service")]
    for command in commands:
        done = run(owner, *command, BACKUP_DIR=str(tmp_path))
        assert done.returncode == 0, done.stdout + done.stderr
    [file] = tmp_path.iterdir()
    manage = [sys.executable, "manage.py"]
    assert run(owner, *manage, "restore", str(file)).returncode == 0
    for command in machine.commands("guidance-migrate.service"):
        assert run(owner, *command).returncode == 0
    found = run(site, *manage, "check_editions")
    assert found.returncode == 0, found.stderr
    assert "permission denied" in run(site, *manage, "backup", str(tmp_path)).stderr  # to make a database aside
    assert list(tmp_path.iterdir()) == [file]
    psql = [postgres.find("psql"), site, "--command"]
    assert "permission denied" in run(site, *psql, "UPDATE categories_edition SET number = 1").stderr
    assert run(site, *psql, "SELECT 1 FROM categories_edition").returncode == 0
    listed = run(site, *psql, "SELECT datname FROM pg_database").stdout
    assert ("aside_" in listed, "_restoring" in listed, "guidance_until_" in listed) == (False, False, True)


def test_what_the_heads_know_is_not_lost_unsaid(tmp_path: Path) -> None:
    """The machine is gone, and its database: an older backup is all there is, and the heads that were kept."""
    manage, guidance = [sys.executable, "manage.py"], "8e9d3e2e-3b1c-4b6f-9a43-0d8b6d2f5a10"
    url, heads = f"sqlite:///{tmp_path}/site.sqlite3", tmp_path / "heads"
    assert run(url, *manage, "migrate", "--verbosity", "0").returncode == 0
    assert run(url, *manage, "backup", str(tmp_path)).returncode == 0
    [file] = tmp_path.glob("guidance-*")
    live = {"number": 28, "record_digest": "a" * 64}
    line = json.dumps({"at": "2026-03-02T09:00:00.000000Z", "guidance": guidance, "live": live})
    heads.write_text(f"{line[:30]}\n\n{line}\n")  # the first was cut off
    new = f"sqlite:///{tmp_path}/new.sqlite3"
    kept = {"DJANGO_SETTINGS_MODULE": "config.settings", "HEADS_FILE": str(heads)}
    kept |= {"SECRET_KEY": "only-for-tests-" * 4, "ALLOWED_HOSTS": "example.org"}
    refused = run(new, *manage, "restore", str(file), **kept)
    assert refused.returncode == 1
    assert f"edition 28 of guidance {guidance}, live at 2026-03-02T09:00:00Z as HEADS_FILE says" in refused.stderr
    assert "what line 1 of HEADS_FILE knows" in refused.stderr and "line 2" not in refused.stderr
    done = run(new, *manage, "restore", str(file), "--lose", **kept)
    assert done.returncode == 0, done.stderr
    assert not heads.exists()
    assert len(list(tmp_path.glob("heads.until-*"))) == 1
    assert run(new, *manage, "check_editions").returncode == 0


def test_a_backup_of_an_earlier_release_is_restored(tmp_path: Path) -> None:
    manage = [sys.executable, "manage.py"]
    old, new = tmp_path / "guidance-20260302T030000Z.sqlite3", f"sqlite:///{tmp_path}/new.sqlite3"
    assert run(f"sqlite:///{old}", *manage, "migrate", "categories", "0010", "--verbosity", "0").returncode == 0
    assert run(new, *manage, "migrate", "--verbosity", "0").returncode == 0
    done = run(new, *manage, "restore", str(old))
    assert "Restored. Nothing is lost." in done.stdout, done.stderr
    assert run(new, *manage, "migrate", "--verbosity", "0").returncode == 0
    assert run(new, *manage, "check_editions").returncode == 0
    assert run(new, *manage, "drill", str(tmp_path)).returncode == 0


def test_what_a_backup_that_was_killed_left_is_cleared(tmp_path: Path) -> None:
    old, fresh, folder = (tmp_path / name for name in (".unfinished-old", ".unfinished-fresh", "aside-old"))
    old.touch()
    fresh.touch()
    folder.mkdir()
    for path in (old, folder):
        os.utime(path, (0, 0))
    backups._clear(tmp_path)
    assert list(tmp_path.iterdir()) == [fresh]


def test_a_database_of_sqlite_is_for_its_owner_alone(tmp_path: Path) -> None:
    new, old = tmp_path / "new.sqlite3", tmp_path / "old.sqlite3"
    old.touch(mode=0o644)
    for path in (new, old):
        assert run(f"sqlite:///{path}", sys.executable, "manage.py", "migrate", "--verbosity", "0").returncode == 0
        assert path.stat().st_mode & 0o777 == 0o600


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
