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


@contextmanager
def server() -> Iterator[str]:
    """Start a server of its own on a socket of its own; yield its DATABASE_URL."""
    # The server refuses to run as root, so root hands it to the postgres user.
    user = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    if user:
        shutil.chown(folder, "postgres")
    data = folder / "data"

    def run(*command: str) -> None:
        subprocess.run([*user, *command], check=True, stdout=subprocess.DEVNULL, cwd=folder)  # noqa: S603 - our own

    run(find("initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-N")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c max_connections=150"
    run(find("pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgres://postgres@/postgres?host={folder}"
    finally:
        run(find("pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder)
