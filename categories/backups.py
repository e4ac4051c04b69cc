"""Backups: a copy of the database that is a backup only once it was restored aside and its record verified.

SQLite is copied by its online backup API, PostgreSQL by pg_dump, with its password in the environment of that process
alone. A copy has another name until it is verified, so nothing that looks like a backup is half of one.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError, connection, connections
from django.utils import timezone

from .models import AccountEvent, Contribution, Edition, SubmissionEvent

NAME = re.compile(r"guidance-(\d{8}T\d{6}Z)(-\d+)?\.(sqlite3|dump)")
MOMENT = "%Y%m%dT%H%M%SZ"
PATIENCE = 60  # seconds that a copy of SQLite waits for writers
PAUSE = 0.05
UNFINISHED, ASIDE, LONG_AGO = ".unfinished-", "aside-", timedelta(days=1)
FAILS = (OSError, sqlite3.Error, subprocess.SubprocessError)
LOGS = {"log of submissions": SubmissionEvent, "contributions": Contribution, "account log": AccountEvent}


class Failed(Exception):
    """A backup cannot be made, restored or verified; it says why."""


def make(folder: Path) -> Path:
    """Back up the database into a folder, and return the new file, which only its owner can read. Raises Failed."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _clear(folder)
        handle, name = tempfile.mkstemp(prefix=UNFINISHED, dir=folder)  # with mode 0600
        os.close(handle)
    except OSError as error:
        raise Failed(str(error)) from error
    unfinished = Path(name)
    try:
        _copy(unfinished)
        with aside(unfinished) as url:
            verify(url)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        return _named(unfinished, folder)
    except FAILS as error:
        raise Failed(_said(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)


def newest_age(folder: Path) -> timedelta | None:
    """How long ago the newest backup of a folder was made, if there is one."""
    times = [path.stat().st_mtime for path in listed(folder)]
    return timedelta(seconds=time.time() - max(times)) if times else None


def listed(folder: Path) -> list[Path]:
    """The backups of a folder, oldest first."""
    return sorted(path for path in folder.glob("guidance-*") if NAME.fullmatch(path.name))


def too_old(folder: Path, keep: int, age: timedelta) -> list[Path]:
    """The backups that are older than `age` and not among the newest `keep`."""
    since = (timezone.now() - age).astimezone(UTC).strftime(MOMENT)
    return [path for path in listed(folder)[:-keep] if NAME.fullmatch(path.name)[1] < since]  # type: ignore[index]


def verify(url: str) -> None:
    """Prove the record of a database in a process of its own, which knows no other. Raises Failed."""
    done = _manage(url, "check_editions")
    if done.returncode:
        raise Failed(f"its record does not hold:\n{done.stderr.strip()[-2000:]}")


def upgrade(url: str) -> None:
    """Make the tables of a database aside those of this release: a backup may be older. Raises Failed."""
    done = _manage(url, "migrate", "--noinput", "--verbosity=0")
    if done.returncode:
        raise Failed(f"it cannot be brought up to this release:\n{done.stderr.strip()[-2000:]}")


def _manage(url: str, *command: str) -> "subprocess.CompletedProcess[str]":
    environ = os.environ | {"DATABASE_URL": url, "HEADS_FILE": ""}
    program = [sys.executable, str(settings.BASE_DIR / "manage.py"), *command]
    return subprocess.run(program, env=environ, capture_output=True, text=True)  # noqa: S603 - our own


@contextmanager
def aside(file: Path) -> Iterator[str]:
    """Restore a backup into a database of its own, and yield its DATABASE_URL; it is gone then. Raises Failed."""
    if not file.is_file() or not file.stat().st_size:
        raise Failed(f"{file} is no backup.")
    try:
        with (_sqlite_aside if connection.vendor == "sqlite" else _postgresql_aside)(file) as url:
            yield url
    except FAILS as error:
        raise Failed(_said(error)) from error


def lost_by(url: str) -> list[str]:
    """Say what the site has published and decided, and a backup has not: by digests, and by HEADS_FILE."""
    connections.databases["aside"] = settings.DATABASES["default"] | _database(url)
    try:
        return [*_lost(), *_lost_by_heads()]
    except DatabaseError as error:
        return [f"whatever the database has: it cannot be compared with the backup, since {str(error).strip()}"]
    finally:
        connections["aside"].close()
        del connections["aside"]
        del connections.databases["aside"]


def restore(file: Path) -> str:
    """Put a backup in the place of the database; return where what there was is kept. Raises Failed."""
    moment = timezone.now().astimezone(UTC).strftime(MOMENT)
    connections.close_all()
    try:
        return _restore_sqlite(file, moment) if connection.vendor == "sqlite" else _restore_postgresql(file, moment)
    except FAILS as error:
        raise Failed(_said(error)) from error


def set_heads_aside() -> str:
    """Put HEADS_FILE aside, since it knows what a restore lost; say where it is now."""
    if not settings.HEADS_FILE or not os.path.exists(settings.HEADS_FILE):
        return ""
    aside = f"{settings.HEADS_FILE}.until-{timezone.now().astimezone(UTC):{MOMENT}}"
    try:
        os.replace(settings.HEADS_FILE, aside)
    except OSError as error:
        return f"HEADS_FILE knows what is lost: move it aside, as {aside}. That failed here: {error}"
    return f"HEADS_FILE, which knows what is lost, is {aside} now."


def _named(unfinished: Path, folder: Path) -> Path:
    """Give a copy its name, that of no other."""
    moment = timezone.now().astimezone(UTC).strftime(MOMENT)
    ending = "sqlite3" if connection.vendor == "sqlite" else "dump"
    for number in range(100):
        found = folder / f"guidance-{moment}{f'-{number}' if number else ''}.{ending}"
        try:
            os.link(unfinished, found)  # which never replaces
            return found
        except FileExistsError:
            continue
    raise Failed(f"There are too many backups of {moment} in {folder}.")


def _said(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return (error.stderr or str(error)).strip()
    return str(error)


def _clear(folder: Path) -> None:
    """Remove what a backup that was killed left long ago."""
    for path in [*folder.glob(f"{UNFINISHED}*"), *folder.glob(f"{ASIDE}*")]:
        if path.stat().st_mtime < time.time() - LONG_AGO.total_seconds():
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def _lost() -> Iterator[str]:
    if Edition._meta.db_table not in connection.introspection.table_names():
        return  # a new machine's: there is nothing yet
    editions = _digests("aside")
    for edition in Edition.objects.select_related("guidance").defer("content_text").order_by("guidance", "number"):
        if edition.record_digest not in editions:
            yield f"edition {edition.number} of “{edition.guidance}”, {'live' if edition.is_live() else 'scheduled'}"
    for name, model in LOGS.items():
        last = model.objects.using("aside").order_by("-pk").values_list("pk", flat=True).first() or 0
        if more := model.objects.filter(pk__gt=last).count():
            yield f"{more} lines of the {name}"


def _lost_by_heads() -> Iterator[str]:
    """What HEADS_FILE knows to have been live, where neither the database nor the backup has it."""
    known: dict[str, tuple[str, int, str]] = {}
    try:
        with open(settings.HEADS_FILE or os.devnull, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    known |= _live_by(line)
                except (ValueError, KeyError, TypeError) as error:
                    yield f"what line {number} of HEADS_FILE knows: it cannot be read, since {error}"
    except (OSError, UnicodeDecodeError) as error:
        yield f"what HEADS_FILE knows: it cannot be read, since {error}"
    here = _digests("default") if Edition._meta.db_table in connection.introspection.table_names() else set()
    for digest in known.keys() - here - _digests("aside"):
        guidance, number, at = known[digest]
        yield f"edition {number} of guidance {guidance}, live at {at[:19]}Z as HEADS_FILE says"


def _live_by(line: str) -> dict[str, tuple[str, int, str]]:
    """The edition that was live as a line of HEADS_FILE says, by its digest; nothing, by an empty line."""
    heads = json.loads(line) if line.strip() else {"live": None}
    live = heads["live"]
    return {live["record_digest"]: (heads["guidance"], live["number"], heads["at"])} if live else {}


def _digests(alias: str) -> set[str]:
    return set(Edition.objects.using(alias).values_list("record_digest", flat=True))


def _copy(to: Path) -> None:
    if connection.vendor == "sqlite":
        _copy_sqlite(connection.settings_dict["NAME"], to)
    else:
        command = [_program("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--file={to}"]
        subprocess.run(command, env=_environ(), check=True, capture_output=True, text=True)  # noqa: S603 - our own


# SQLite


def _copy_sqlite(name: Any, to: Path) -> None:
    """Copy by the online backup API: all of it in one step, once no writer is half-way."""
    deadline = timezone.now() + timedelta(seconds=PATIENCE)

    def wait(status: int, remaining: int, total: int) -> None:
        if timezone.now() > deadline:
            raise Failed(f"writers kept the database to themselves for {PATIENCE} seconds.")

    of = f"file:{quote(str(name))}?mode=rw"
    with closing(sqlite3.connect(of, uri=True)) as source, closing(sqlite3.connect(to)) as target:
        source.backup(target, pages=-1, progress=wait, sleep=PAUSE)
        [found] = target.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        raise Failed(f"the copy is damaged: {found}")


@contextmanager
def _sqlite_aside(file: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix=ASIDE, dir=file.parent) as folder:
        copy = Path(folder) / "site.sqlite3"
        shutil.copyfile(file, copy)
        copy.chmod(0o600)
        yield f"sqlite:///{copy}"


def _restore_sqlite(file: Path, moment: str) -> str:
    """The database is replaced whole, by what is written beside it first."""
    place = Path(connection.settings_dict["NAME"])
    new, kept = (place.with_name(f"{place.name}.{what}") for what in ("restoring", f"until-{moment}"))
    try:
        shutil.copyfile(file, new)
        new.chmod(0o600)
        with new.open("rb") as written:
            os.fsync(written.fileno())
        if place.exists():
            with closing(sqlite3.connect(place, timeout=PATIENCE)) as held:
                held.execute("BEGIN EXCLUSIVE")  # nobody is half-way, and no journal is left
                held.execute("ROLLBACK")
            os.link(place, kept)
        place.with_name(f"{place.name}-journal").unlink(missing_ok=True)  # of the old one: it would damage the new
        os.replace(new, place)
    finally:
        new.unlink(missing_ok=True)
    return str(kept)


# PostgreSQL


def _environ(name: str = "") -> dict[str, str]:
    """What the programs of PostgreSQL read, the password too: so it is in no list of processes."""
    given = connection.settings_dict
    options = given.get("OPTIONS", {})
    found = {
        "PGDATABASE": name or given["NAME"],
        "PGUSER": given["USER"],
        "PGPASSWORD": given["PASSWORD"],
        "PGHOST": given["HOST"] or options.get("host", ""),
        "PGPORT": str(given["PORT"]),
        "PGSSLMODE": options.get("sslmode", ""),
        "PGSSLROOTCERT": options.get("sslrootcert", ""),
    }
    return os.environ | {key: value for key, value in found.items() if value}


def _program(name: str) -> str:
    """The path of one of PostgreSQL's programs, which Debian keeps off the PATH."""
    off_the_path = sorted(map(str, Path("/usr/lib/postgresql").glob(f"*/bin/{name}")))
    if found := shutil.which(name):
        return found
    if off_the_path:
        return off_the_path[-1]
    raise Failed(f"PostgreSQL’s {name} is not installed.")


def _sql(statement: str, name: str = "") -> None:
    command = [_program("psql"), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--command={statement}"]
    subprocess.run(command, env=_environ(name), check=True, capture_output=True, text=True)  # noqa: S603 - our own


def _load(file: Path, name: str) -> None:
    command = [
        _program("pg_restore"),
        "--no-owner",
        "--no-privileges",
        "--exit-on-error",
        f"--dbname={name}",
        str(file),
    ]
    subprocess.run(command, env=_environ(name), check=True, capture_output=True, text=True)  # noqa: S603 - our own


@contextmanager
def _postgresql_aside(file: Path) -> Iterator[str]:
    """A database beside the site's: whoever backs up can make one (CREATEDB)."""
    name = f"aside_{os.getpid()}_{timezone.now():%Y%m%d%H%M%S%f}"
    _sql(f'CREATE DATABASE "{name}"')
    try:
        _load(file, name)
        yield _url(name)
    finally:
        _sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _restore_postgresql(file: Path, moment: str) -> str:
    """The database is loaded beside the site's, and takes its name once it is whole."""
    name = connection.settings_dict["NAME"]
    new, kept = f"{name}_restoring", f"{name}_until_{moment.lower()}"
    server = "postgres"
    _sql(f'DROP DATABASE IF EXISTS "{new}" WITH (FORCE)', server)
    try:
        _sql(f'CREATE DATABASE "{new}"', server)
        _load(file, new)
        # In one transaction: there is never none of that name
        _sql(f'ALTER DATABASE "{name}" RENAME TO "{kept}"; ALTER DATABASE "{new}" RENAME TO "{name}"', server)
    finally:
        _sql(f'DROP DATABASE IF EXISTS "{new}" WITH (FORCE)', server)
    return f"the database {kept}"


def _url(name: str) -> str:
    given = connection.settings_dict
    who = quote(given["USER"], safe="") + (f":{quote(given['PASSWORD'], safe='')}" if given["PASSWORD"] else "")
    host = quote(given["HOST"], safe="")
    options = {key: value for key, value in given.get("OPTIONS", {}).items() if isinstance(value, str)}
    query = "&".join(f"{key}={quote(value, safe='')}" for key, value in options.items())
    port = f":{given['PORT']}" if given["PORT"] else ""
    return f"postgres://{who}@{host}{port}/{name}{f'?{query}' if query else ''}"


def _database(url: str) -> dict[str, Any]:
    """What is otherwise in the settings of a database aside."""
    if connection.vendor == "sqlite":
        return {"NAME": url.removeprefix("sqlite:///")}
    return {"NAME": url.partition("?")[0].rpartition("/")[2]}
