"""A database that is away, slow or silent: what is answered, and that the site comes back by itself."""

import subprocess
import threading

import pytest
from django.db import OperationalError

from config import faults
from tests import postgres


def test_requests_wait_for_a_slot_while_the_others_are_quick():
    slots = faults.Slots(1)
    assert slots.take()
    waiting = threading.Thread(target=lambda: taken.append(slots.take()))
    taken: list[bool] = []
    waiting.start()
    slots.give_back()
    waiting.join(5)
    assert taken == [True]


def test_and_are_refused_at_once_when_one_is_stuck():
    now = [0.0]
    slots = faults.Slots(1, clock=lambda: now[0])
    slots.take()
    now[0] = faults.STUCK
    assert not slots.take()
    slots.give_back()
    assert slots.take()


@pytest.mark.django_db
def test_what_needs_no_database_is_answered_when_every_slot_is_held(client, monkeypatch):
    monkeypatch.setattr(faults.Slots, "take", lambda slots: False)
    assert client.get("/healthz").status_code == 200
    assert client.get("/static/none.css").status_code == 404
    response = client.get("/")
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert client.get("/readyz").content == b"the database keeps others waiting\n"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/api/v1/guidance/", "/admin/login/"])
def test_a_database_that_fails_in_the_midst_is_503(path, client, monkeypatch):
    def fail(*args, **options):
        raise OperationalError("server closed the connection unexpectedly")

    client.raise_request_exception = False
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", fail)
    client.cookies["sessionid"] = "a" * 32
    response = client.get(path)
    assert (response.status_code, response.get("Retry-After")) == (503, "10")


ASK = """
import os, signal, subprocess, sys, time
import django
django.setup()
from django.db import connection, OperationalError
from django.db.backends.postgresql.base import DatabaseWrapper
def ask(sql="select 1"):
    start = time.monotonic()
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
        return "answered"
    except OperationalError as error:
        return f"{str(error).split(chr(10))[0]}"
    finally:
        took.append(time.monotonic() - start)
        connection.close_if_unusable_or_obsolete()
took = []
print(ask())
print(ask("select pg_sleep(5)"))
print(ask())
other = connection.copy()
with other.cursor() as cursor:
    cursor.execute("select pg_backend_pid()")
    cursor.execute("select pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
connection.health_check_enabled, connection.health_check_done = True, False
while connection.is_usable():
    time.sleep(0.01)
print(ask())
os.kill(int(sys.argv[1]) if len(sys.argv) > 1 else connection.connection.info.backend_pid, signal.SIGSTOP)
pid = connection.connection.info.backend_pid
print(ask())
os.kill(pid, signal.SIGCONT)
print(ask())
assert max(took) < 6, took
"""


@pytest.mark.skipif(not postgres.is_installed(), reason="this machine lacks PostgreSQL")
def test_postgresql_slow_gone_and_frozen_is_given_up_and_found_again(tmp_path):
    import os
    import sys

    with postgres.server() as server:
        environ = os.environ | {
            "DATABASE_URL": server,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "STATEMENT_TIMEOUT": "1",
        }
        done = subprocess.run([sys.executable, "-c", ASK], env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "answered",
        "canceling statement due to statement timeout",
        "answered",
        "answered",
        "the database server is silent",
        "answered",
    ]
