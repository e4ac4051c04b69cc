"""The programs that `make` calls: what they say, and that they leave what is sound alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

BIN = Path(__file__).parent.parent / "bin"


@pytest.fixture
def checkout(tmp_path):
    """A place with our programs and nothing else."""
    shutil.copytree(BIN, tmp_path / "checkout/bin")
    return tmp_path / "checkout"


def start(checkout: Path, *command: str) -> subprocess.Popen[str]:
    alone = [sys.executable, str(checkout / "bin/one-at-a-time"), *command]
    pipe = subprocess.PIPE
    return subprocess.Popen(alone, cwd=checkout, stdin=pipe, stdout=pipe, stderr=pipe, text=True)  # noqa: S603 - our own


def test_the_second_waits_for_the_first(checkout):
    first = start(checkout, "sh", "-c", "echo begun; read line; echo done > first")
    first.stdout.readline()
    second = start(checkout, "sh", "-c", "cat first")
    assert second.stderr.readline() == "Something else is being set up here. Waiting for it.\n"
    assert second.poll() is None
    first.communicate("go on\n")
    assert second.communicate()[0] == "done\n"
    assert (first.returncode, second.returncode) == (0, 0)


def test_a_first_that_was_killed_does_not_hold_the_second_up(checkout):
    first = start(checkout, "sh", "-c", "echo begun; read line")
    first.stdout.readline()
    first.kill()
    first.communicate()
    assert start(checkout, "echo", "free").communicate() == ("free\n", "")


def test_the_outcome_of_the_command_is_its_own(checkout):
    ended = start(checkout, "sh", "-c", "exit 3")
    ended.communicate()
    assert ended.returncode == 3


@pytest.fixture
def sound(checkout):
    """A checkout with an environment as bin/venv makes it, but for what is in pip."""
    command = [sys.executable, "-m", "venv", "--without-pip", str(checkout / ".venv")]
    subprocess.run(command, check=True)  # noqa: S603 - our own
    (checkout / ".venv/bin/pip").touch()
    return checkout


def is_made_again(checkout: Path) -> bool:
    """Whether bin/venv sets about making the environment; it is ended there, since that takes seconds."""
    command = [sys.executable, str(checkout / "bin/venv")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        said = process.stderr.readline()
        process.kill()
    assert said in ("", "Making .venv\n")
    return bool(said)


def test_an_environment_that_is_sound_is_left_alone(sound):
    assert not is_made_again(sound)


def test_an_environment_is_made_where_there_is_none(checkout):
    assert is_made_again(checkout)


def test_an_environment_that_moved_is_made_again(sound):
    assert is_made_again(sound.rename(sound.with_name("moved elsewhere")))


def test_a_copied_environment_is_made_again(sound):
    copy = sound.with_name("copy")
    shutil.copytree(sound, copy, symlinks=True)
    assert is_made_again(copy)
    assert not is_made_again(sound)


def test_an_environment_that_is_a_link_to_that_of_another_checkout_is_left_there(sound, tmp_path):
    borrower = tmp_path / "borrower"
    shutil.copytree(sound / "bin", borrower / "bin")
    (borrower / ".venv").symlink_to(sound / ".venv")
    assert is_made_again(borrower)
    assert not (borrower / ".venv").is_symlink()
    assert not is_made_again(sound)


def test_an_environment_whose_python_was_upgraded_is_made_again(sound):
    notes = sound / ".venv/pyvenv.cfg"
    version = "version = {}.{}.{}".format(*sys.version_info)
    assert version in notes.read_text()
    notes.write_text(notes.read_text().replace(version, "version = 3.11.0"))
    assert is_made_again(sound)


def test_an_environment_whose_python_is_gone_is_made_again(sound):
    (sound / ".venv/bin/python").unlink()
    (sound / ".venv/bin/python").symlink_to("/no/such/python")
    assert is_made_again(sound)


def test_an_environment_that_a_kill_left_unfinished_is_made_again(sound):
    (sound / ".venv/bin/pip").unlink()
    assert is_made_again(sound)


def test_all_that_tests_lack_is_named_at_once_where_nothing_may_be_installed(tmp_path):
    pytest.importorskip("playwright", reason="playwright is not installed")
    environ = {
        "PATH": str(tmp_path),  # so neither a browser nor apt-get
        "HOME": str(tmp_path),
        "PLAYWRIGHT_BROWSERS_PATH": str(tmp_path),
        "PLAYWRIGHT_NODEJS_PATH": "/bin/false",  # what Playwright's driver runs on
    }
    command = [sys.executable, str(BIN / "test-tools")]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 1
    first, *lacks, _, install, _ = done.stderr.splitlines()
    assert first == "The tests need what is missing here:"
    assert lacks[:2] == [
        "  - what Playwright’s driver needs: it does not start",
        "  - a browser: chromium or google-chrome, on PATH",
    ]
    assert install.startswith("  sudo apt-get install libatomic1 chromium fonts-liberation")
    assert not os.listdir(tmp_path)
