"""`make run` and `make test` on a machine with nothing but Python, make and git, made by debootstrap:

    python3 tests/fresh_machine.py [bookworm] [trixie]

Needs root and debootstrap. Clones the commit that is checked out. What this machine's pip, npm and apt are told of
registries, proxies and certificates, they are told there too. Everything runs in namespaces of its own, so that its
mounts and processes end with it, however it ends. Not part of `make test`, which it takes several times as long as.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # as a program, it is not in its package

from tests.server import ROOT, free_port

RELEASES = ("bookworm", "trixie")
PACKAGES = "python3,python3-venv,make,git,ca-certificates"
PROGRAMS = ("debootstrap", "setpriv", "unshare", "chroot", "git", "apt-config")
CHECKOUT = "srv/guidance"
STARTS_WITHIN = 1800  # seconds: everything is fetched first
STOPS_WITHIN = 10  # seconds
SEEN = ("/guidance/technical-qualification-categories/", "/admin/login/", "/readyz")

# Where pip and npm read their settings, and where certificates are kept
SETTINGS = (
    "/etc/pip.conf",
    "/etc/xdg/pip",
    "~/.config/pip",
    "~/.pip",
    "~/.npmrc",
    "/etc/npmrc",
    "/etc/ssl/certs/ca-certificates.crt",
    "/usr/local/share/ca-certificates",
)
SETTING = re.compile(
    r"(PIP_|NPM_CONFIG_|npm_config_|SSL_CERT_|REQUESTS_CA_|CURL_CA_|GIT_SSL_|NODE_EXTRA_CA_).+|.+_proxy"
)
MOUNTED = """
mount --rbind /dev "$0/dev"
mount -t proc proc "$0/proc"
mount -t sysfs -o ro sysfs "$0/sys"
exec chroot "$0" "$@"
"""


def environment() -> dict[str, str]:
    """What a new shell of root's has, and what this machine says of registries."""
    ours = {name: value for name, value in os.environ.items() if SETTING.fullmatch(name)}
    return ours | {"HOME": "/root", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TERM": "dumb"}


def start(root: Path, *command: str, **options: Any) -> subprocess.Popen[str]:
    """Start a command in the root. Its mounts and processes are in namespaces that end when this program does."""
    ending = ["setpriv", "--pdeathsig", "KILL"]
    namespaces = [*ending, "unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-ec", MOUNTED, str(root)]
    shell = ["sh", "-c", f'cd /{CHECKOUT} && "$@"; exit $?', "sh", *command]
    return subprocess.Popen(  # noqa: S603 - our own
        [*namespaces, *shell], env=environment(), text=True, stdin=subprocess.DEVNULL, start_new_session=True, **options
    )


@contextmanager
def machine(release: str) -> Iterator[Path]:
    """Make the root of a new machine; yield where it is, and remove it afterwards."""
    root = Path(tempfile.mkdtemp(prefix=f"{release}-", dir="/var/tmp"))
    root.chmod(0o755)  # as / is everywhere, for users other than root
    try:
        command = ["debootstrap", "--variant=minbase", f"--include={PACKAGES}", release, str(root)]
        made = subprocess.run(["unshare", "--mount", *command], capture_output=True, text=True, check=False)  # noqa: S603, S607
        if made.returncode:
            raise SystemExit(f"debootstrap failed:\n{(made.stdout + made.stderr)[-2000:]}")
        copy_settings(root)
        clone = ["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(root / CHECKOUT)]
        subprocess.run(clone, check=True)  # noqa: S603 - our own
        yield root
    finally:
        shutil.rmtree(root)


def copy_settings(root: Path) -> None:
    for name in SETTINGS:
        source = Path(name).expanduser()
        target = root / name.replace("~", "/root").lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copy(source, target)
    told = subprocess.run(["apt-config", "dump"], capture_output=True, text=True, check=True).stdout  # noqa: S607
    fetching = [line for line in told.splitlines() if line.startswith("Acquire::") and not line.endswith('"";')]
    (root / "etc/apt/apt.conf.d/90this-machine").write_text("\n".join([*fetching, ""]))
    (root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")  # as on every machine
    # As in every container: no service is started because its package is installed
    refuse = root / "usr/sbin/policy-rc.d"
    refuse.write_text("#!/bin/sh\nexit 101\n")
    refuse.chmod(0o755)


def make_run(root: Path) -> tuple[float, float]:
    """Serve the site; return the seconds until it answered, and those that Ctrl-C took to end it."""
    port, log = free_port(), root / "make-run.log"
    started = time.monotonic()
    with log.open("w") as told:
        process = start(root, "make", "run", f"PORT={port}", stdout=told, stderr=told)
    try:
        url = f"http://127.0.0.1:{port}"
        while not answers(f"{url}/healthz"):
            if process.poll() is not None or time.monotonic() - started > STARTS_WITHIN:
                raise SystemExit(f"make run failed:\n{log.read_text()[-4000:]}")
            time.sleep(0.2)
        ready = time.monotonic() - started
        for address in SEEN:
            assert answers(url + address), f"{address} does not answer"
        asked = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        process.wait(STOPS_WITHIN)
        return ready, time.monotonic() - asked
    finally:
        process.kill()
        process.wait()


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url) as response:  # noqa: S310 - our own server
            return response.status == 200
    except urllib.error.HTTPError as error:
        raise AssertionError(f"{url} answers {error.code}") from error
    except OSError:
        return False


def make_test(root: Path) -> tuple[float, str]:
    """Run every test, showing what it says; return the seconds and pytest's last line."""
    started = time.monotonic()
    process = start(root, "make", "test", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    line = ""
    try:
        for line in process.stdout:
            print(line, end="", flush=True)
        if process.wait():
            raise SystemExit("make test failed")
        return time.monotonic() - started, line.strip("= \n")
    finally:
        process.kill()
        process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description="make run and make test on a new machine")
    parser.add_argument("releases", nargs="*", default=RELEASES, help=f"releases of Debian ({', '.join(RELEASES)})")
    releases = parser.parse_args().releases
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    if os.geteuid() or missing:
        raise SystemExit(f"This needs root, and {', '.join(missing or PROGRAMS)}.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # removing what was made
    for release in releases:
        with machine(release) as root:
            ready, stopped = make_run(root)
            print(
                f"{release}: make run answered after {ready:.0f} s, and stopped {stopped:.1f} s after Ctrl-C",
                flush=True,
            )
            seconds, outcome = make_test(root)
            print(f"{release}: make test took {seconds:.0f} s: {outcome}", flush=True)


if __name__ == "__main__":
    main()
