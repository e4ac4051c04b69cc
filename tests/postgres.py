"""A throwaway PostgreSQL server, so that tests meet the real thing and leave nothing behind."""

import glob
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def find(program: str) -> str:
    """Return the path of one of the server's programs, which Debian keeps off the PATH."""
    found = shutil.which(program) or next(iter(sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"))[::-1]), None)
    if not found:
        raise RuntimeError(f"PostgreSQL's {program} is not installed; “make test” installs it, or says how to.")
    return found


def is_installed() -> bool:
    try:
        return bool(find("initdb") and find("postgres"))
    except RuntimeError:
        return False


def new_database(server: str, name: str) -> str:
    """Make an empty database on a server; return its DATABASE_URL."""
    command = [find("psql"), server, "-c", f"create database {name}"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own
    return server.replace("/postgres?", f"/{name}?")


def as_documented(server: str) -> str:
    """Make the database and roles of docs/operating/postgresql.sql; return its DATABASE_URL for the administrator."""
    file = Path(__file__).parent.parent / "docs/operating/postgresql.sql"
    command = [find("psql"), server, "--quiet", "--set=ON_ERROR_STOP=1", f"--file={file}"]
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - our own
    return server.replace("/postgres?", "/guidance?")


def _run(folder: Path, *command: str) -> None:
    """Run one of the server's programs: it refuses to run as root, so root hands it to the postgres user."""
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    subprocess.run([*user, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)  # noqa: S603 - our own


def _start(folder: Path) -> None:
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=150"
    _run(folder, find("pg_ctl"), "-D", str(folder / "data"), "-o", options, "-l", str(folder / "log"), "-w", "start")


def _stop(folder: Path) -> None:
    _run(folder, find("pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "-w", "stop")


@contextmanager
def server() -> Iterator[str]:
    """Start a server of its own on a socket of its own; yield its DATABASE_URL."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if os.getuid() == 0:
        shutil.chown(folder, "postgres")
    _run(folder, find("initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-N")
    _start(folder)
    try:
        yield f"postgres://postgres@/postgres?host={folder}"
    finally:
        _stop(folder)
        shutil.rmtree(folder)


@contextmanager
def away(server: str) -> Iterator[None]:
    """Stop a server as a power cut does, and start it again."""
    folder = Path(server.partition("host=")[2])
    _stop(folder)
    try:
        yield
    finally:
        _start(folder)
