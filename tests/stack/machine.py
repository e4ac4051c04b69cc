"""PostgreSQL, two instances of the site, and what stands before them, on loopback, from the files of docs/operating."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from categories.content.note import Signer
from tests import postgres, proxies
from tests.server import free_port

ROOT = Path(__file__).parents[2]
FILES = ROOT / "docs/operating"
HOME = "/srv/guidance/current"  # in those files, where the code is
AS_POSTGRES = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
ROOM = "400m"  # for PostgreSQL, where a disk of its own can be mounted


class Database:
    """A PostgreSQL server of its own, with the roles of postgresql.sql, that can be stopped, frozen and filled."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.url = f"postgres://guidance@/guidance?host={folder}"
        self.owner_url = f"postgres://guidance_owner@/guidance?host={folder}"

    def run(self, program: str, *args: str, **options: object) -> None:
        command = [*AS_POSTGRES, postgres.find(program), *args]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=self.folder, **options)  # noqa: S603

    def make(self) -> None:
        self.run("initdb", "-D", str(self.data), "-U", "postgres", "-A", "trust", "-N")
        self.start()
        sql = (FILES / "postgresql.sql").read_bytes()
        self.run("psql", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(self.folder), "-U", "postgres", input=sql)

    def start(self) -> None:
        options = f"-k {self.folder} -c listen_addresses='' -c max_connections=60 -c fsync=off"
        self.run("pg_ctl", "-D", str(self.data), "-o", options, "-l", str(self.folder / "log"), "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "stop")

    def signal(self, number: signal.Signals) -> None:
        main = int((self.data / "postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{main}/task/{main}/children").read_text().split()
        for pid in (main, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    @property
    def has_a_disk_of_its_own(self) -> bool:
        return os.path.ismount(self.folder)

    @property
    def filling(self) -> Path:
        return self.folder / "filling"

    def fill_disk(self) -> None:
        with suppress(OSError), self.filling.open("wb") as file:
            while True:
                file.write(bytes(1_000_000))
                file.flush()

    def make_room(self) -> None:
        self.filling.unlink()


class Instance:
    """One instance of the site, started as its unit says."""

    def __init__(self, port: int, environ: dict[str, str], log: Path) -> None:
        self.port, self.environ, self.log = port, environ | {"PORT": str(port)}, log
        self.url = f"http://127.0.0.1:{port}"

    def start(self) -> None:
        command = [part.replace("%i", str(self.port)) for part in exec_start("guidance@.service")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environ, stdout=log, stderr=log)  # noqa: S603
        wait_for(f"{self.url}/healthz")

    def workers(self) -> list[int]:
        pid = self.process.pid
        children = map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        return [child for child in children if b"gunicorn" in Path(f"/proc/{child}/cmdline").read_bytes()]

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def kill(self) -> None:
        for pid in (self.process.pid, *self.workers()):
            os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@dataclass(frozen=True)
class Machine:
    """All of it. Readers ask nginx, and Varnish for what it keeps."""

    database: Database
    instances: list[Instance]
    nginx: str
    varnish: str
    pooled: Instance  # behind PgBouncer
    environ: dict[str, str]
    staff: str  # the cookie of a writer
    nginx_log: Path
    wrong: list[str] = field(default_factory=list)  # with what staff were told

    def log(self) -> str:
        return "".join(instance.log.read_text() for instance in self.instances)

    def all_logs(self) -> str:
        """Return nginx's too."""
        return self.log() + self.nginx_log.read_text()


def exec_start(unit: str) -> list[str]:
    """Return the command of a unit, for this checkout."""
    [command] = commands(unit)
    return command


def commands(unit: str) -> list[list[str]]:
    lines = re.findall(r"^ExecStart=(.+)$", (FILES / unit).read_text(), re.MULTILINE)
    return [_here(line) for line in lines]


def _here(line: str) -> list[str]:
    return shlex.split(line.replace(f"{HOME}/.venv/bin/python", sys.executable).replace(HOME, str(ROOT)))


def settings() -> dict[str, str]:
    """Return what guidance.env says."""
    lines = (FILES / "guidance.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def manage(environ: dict[str, str], *command: str) -> None:
    unit = [part.replace("%i", command[0]) for part in exec_start("guidance-run@.service")]
    subprocess.run([*unit, *command[1:]], cwd=ROOT, env=environ, check=True, stdout=subprocess.DEVNULL)  # noqa: S603


def wait_for(url: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(url):  # noqa: S310 - our own
            return
        time.sleep(0.05)
    raise RuntimeError(f"{url} does not answer")


@contextmanager
def folder_with_a_disk() -> Iterator[Path]:
    """Yield a folder, on a small disk of its own where that can be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="stack"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "guidance-stack", str(folder)]
    mounted = os.getuid() == 0 and subprocess.run(mount, check=False, stderr=subprocess.DEVNULL).returncode == 0  # noqa: S603
    if AS_POSTGRES:
        shutil.chown(folder, "postgres")
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S603, S607
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running() -> Iterator[Machine]:
    """Set all of it up; take it down at the end."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="site")))
        database = Database(stack.enter_context(folder_with_a_disk()))
        database.make()
        stack.callback(lambda: suppress_failure(database.stop))
        environ = (
            os.environ
            | settings()
            | {
                "SECRET_KEY": "only-for-the-stack-" * 3,
                "ALLOWED_HOSTS": "127.0.0.1,guidance.example.org",
                "DATABASE_URL": database.url,
                "SITE_ADDRESS": "http://guidance.example.org",
                "STATIC_ROOT": str(folder / "static"),
                "HEADS_FILE": str(folder / "heads"),
                "SIGNING_KEY": str(Signer.made("guidance.example.org")),
                "BACKUP_DIR": str(folder / "backups"),
                "PLAIN_HTTP": "1",  # nginx ends no HTTPS here
                "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
            }
        )
        manage(environ | {"DATABASE_URL": database.owner_url}, "migrate", "--noinput", "--verbosity=0")
        manage(environ | {"DATABASE_URL": database.owner_url}, "grant", "guidance")
        fixture = "fixtures/technical-qualification-categories.json"
        manage(environ, "load_guidance", fixture, "--live-at", "2025-06-02")
        manage(environ, "collectstatic", "--noinput", "--ignore", "sass", "--verbosity=0")
        pool = stack.enter_context(pgbouncer(folder / "pgbouncer", database))
        instances = []
        for number, url in enumerate([database.url, database.url, pool], start=1):
            instance = Instance(free_port(), environ | {"DATABASE_URL": url}, folder / f"log{number}")
            instance.start()
            stack.callback(lambda instance=instance: suppress_failure(instance.stop))
            instances.append(instance)
        pooled = instances.pop()
        ports = [instance.port for instance in instances]
        nginx = stack.enter_context(proxies.nginx(folder / "nginx", *ports))
        varnish = stack.enter_context(proxies.varnish(folder / "varnish", *ports))
        staff = subprocess.check_output([sys.executable, "-m", "tests.staff"], cwd=ROOT, env=environ, text=True)
        yield Machine(database, instances, nginx, varnish, pooled, environ, staff.strip(), folder / "nginx/nginx.log")


@contextmanager
def pgbouncer(folder: Path, database: Database) -> Iterator[str]:
    """Pool connections by the shipped configuration, but for passwords; yield the DATABASE_URL."""
    port = free_port()
    changes = {
        "/var/run/postgresql": str(database.folder),
        "listen_port = 6432": f"listen_port = {port}",
        "auth_type = scram-sha-256": "auth_type = trust",
        "/etc/pgbouncer/userlist.txt": f"{folder}/userlist.txt",
    }
    folder.mkdir()
    folder.parent.chmod(0o711)  # it refuses to run as root
    (folder / "userlist.txt").write_text('"guidance" ""\n')
    (folder / "pgbouncer.ini").write_text(proxies.altered((FILES / "pgbouncer.ini").read_text(), changes))
    command = [*AS_POSTGRES, str(proxies.find("pgbouncer")), "--quiet", str(folder / "pgbouncer.ini")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        yield f"postgres://guidance@127.0.0.1:{port}/guidance"
    finally:
        process.terminate()
        process.wait()


def suppress_failure(stop: object) -> None:
    with suppress(Exception):
        stop()  # type: ignore[operator]
