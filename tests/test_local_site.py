"""The site of `make run`: who knows of it, and what it keeps from others."""

import os
import shutil
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOSTS = "from django.conf import settings as s; print('HOSTS', *s.ALLOWED_HOSTS, s.DEBUG, s.SECURE_SSL_REDIRECT)"
NOTICE = "This is the site of “make run”. The environment names no other.\n"
WHOLE = {"SECRET_KEY": "a-long-and-random-secret-" * 3, "ALLOWED_HOSTS": "example.org"}


@pytest.fixture
def checkout(tmp_path):
    """What a command needs of the project, with a var/ of its own."""
    shutil.copy(ROOT / "manage.py", tmp_path)
    shutil.copytree(ROOT / "config", tmp_path / "config")
    for name in ("categories", "fixtures", "static", "templates"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.fixture
def made(checkout):
    """The same after `make run`."""
    (checkout / "var").mkdir()
    (checkout / "var/local").touch()
    return checkout


def run(checkout: Path, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kept = {"PATH": os.environ["PATH"]}
    return subprocess.run(  # noqa: S603 - our own
        [sys.executable, *command], cwd=checkout, env=kept | environ, capture_output=True, text=True, check=False
    )


def manage(checkout: Path, *command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return run(checkout, "manage.py", *command, **environ)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_commands_work_after_make_run_with_nothing_set_and_say_on_what(made):
    found = manage(made, "shell", "--no-imports", "-c", HOSTS)
    assert found.returncode == 0, found.stderr
    assert found.stdout == "HOSTS .localhost 127.0.0.1 [::1] False False\n"
    assert found.stderr == NOTICE


def test_commands_refuse_before_make_run(checkout):
    found = manage(checkout, "check")
    assert found.returncode == 1
    assert "SECRET_KEY is not set" in found.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("environ", "refusal"),
    [
        ({"SECRET_KEY": WHOLE["SECRET_KEY"]}, "ALLOWED_HOSTS is not set"),
        ({"ALLOWED_HOSTS": "example.org"}, "SECRET_KEY is not set"),
        ({"DATABASE_URL": "sqlite://:memory:"}, "SECRET_KEY is not set"),
        ({"DEBUG": "0"}, "SECRET_KEY is not set"),
        ({"LOCAL": "0"}, "SECRET_KEY is not set"),
        ({"SECRET_KEY": ""}, "SECRET_KEY is not set"),
    ],
)
def test_a_half_configured_site_is_refused_though_make_run_was_here(made, environ, refusal):
    found = manage(made, "check", **environ)
    assert found.returncode == 1
    assert refusal in found.stderr.splitlines()[-1]
    assert not (made / "var/secret-key").exists()


def test_a_whole_environment_is_what_counts_though_make_run_was_here(made):
    found = manage(made, "shell", "--no-imports", "-c", HOSTS, **WHOLE)
    assert (found.stdout, found.stderr) == ("HOSTS example.org False True\n", "")


def test_the_server_knows_nothing_of_it(made):
    found = run(made, "-c", "import config.wsgi")
    assert found.returncode == 1
    assert "SECRET_KEY is not set" in found.stderr.splitlines()[-1]


@pytest.mark.parametrize("name", ["LOCAL", "DEBUG"])
def test_what_it_keeps_is_for_its_owner_alone(checkout, name):
    assert manage(checkout, "migrate", "--verbosity=0", **{name: "1"}).returncode == 0
    assert mode(checkout / "var") == 0o700
    assert {path.name: mode(path) for path in (checkout / "var").iterdir()} == {
        "guidance.sqlite3": 0o600,
        "secret-key": 0o600,
    }


def test_what_earlier_versions_left_for_all_to_read_is_closed(checkout):
    var = checkout / "var"
    var.mkdir(mode=0o755)
    for name in ("guidance.sqlite3", "secret-key"):
        (var / name).write_text("" if name.endswith("3") else "k" * 50)
        (var / name).chmod(0o644)
    assert manage(checkout, "migrate", "--verbosity=0", LOCAL="1").returncode == 0
    assert [mode(path) for path in (var, var / "guidance.sqlite3", var / "secret-key")] == [0o700, 0o600, 0o600]
    assert (var / "secret-key").read_text() == "k" * 50


def test_the_key_stays_and_one_that_was_half_made_is_made_again(checkout):
    key = checkout / "var/secret-key"
    key.parent.mkdir()
    key.touch()
    assert manage(checkout, "check", LOCAL="1").returncode == 0
    first = key.read_text()
    assert len(first) >= 50
    assert manage(checkout, "check", DEBUG="1").returncode == 0
    assert key.read_text() == first


def test_a_port_in_use_is_named_with_another():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = run(ROOT, "config/gunicorn.py", PORT=str(port))
        assert found.returncode == 1
        assert found.stderr.startswith(f"Port {port} cannot be used: Address already in use. Name another: PORT=")
    assert run(ROOT, "config/gunicorn.py", PORT=str(port)).stderr == ""
