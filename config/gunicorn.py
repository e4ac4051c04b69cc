"""Gunicorn's settings. Any of them can be overridden on its command line.

`python config/gunicorn.py` says whether they are sound and the port is free.
"""

import gc
import logging
import mmap
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from config import logs

_port = os.environ.get("PORT") or "8000"
if not (_port.isdecimal() and 0 < int(_port) < 65536):
    raise SystemExit(f"PORT is {_port!r}: give a number from 1 to 65535, such as 8000.")

wsgi_app = "config.wsgi"
bind = f"127.0.0.1:{_port}"
worker_class = "config.worker.Worker"
_workers = os.environ.get("WEB_CONCURRENCY") or str(os.cpu_count() or 1)
if not (_workers.isdecimal() and 0 < int(_workers) < 1000):
    raise SystemExit(f"WEB_CONCURRENCY is {_workers!r}: give a number of processes, such as 2.")
workers = int(_workers)
threads = 4  # settings.DATABASE_SLOTS leaves one of them for what needs no database
preload_app = False  # each worker opens its own database connections, and a reload picks up new code
limit_request_line = 8190  # bytes, gunicorn's most: a form with every filter ticked is an address, if a long one
accesslog = (
    None  # some addresses are secrets (/preview/, /alerts/, /admin/set-password/), and a query can tell of a person
)
logconfig_dict = logs.settings(os.environ.get("LOG_FORMAT") or "line")
control_socket_disable = True  # nothing here needs a socket that can command the server

# Nobody but Django is told of a scheme, and nobody of a path: by default gunicorn believes both from this machine
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
umask = 0o077

LOADS_WITHIN = 60  # seconds

_metrics_port = os.environ.get("METRICS_PORT") or "0"
if not (_metrics_port.isdecimal() and int(_metrics_port) < 65536):
    raise SystemExit(f"METRICS_PORT is {_metrics_port!r}: give a number from 1 to 65535, or 0 for no metrics.")
if int(_metrics_port):
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:  # this file is read again at each reload
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="guidance-metrics-")
    from config.metrics import child_exit, post_request, pre_request  # noqa: F401 - hooks of gunicorn's


def on_starting(server: Any) -> None:
    logging.getLogger("gunicorn.access").addFilter(logs.NoSecrets())


def pre_fork(server: Any, worker: Any) -> None:
    worker.has_loaded = mmap.mmap(-1, 1)  # seen by gunicorn and by the process that is to be


def post_worker_init(worker: Any) -> None:
    gc.collect()
    gc.freeze()  # what is loaded by now stays for good: no collection has to go through it again
    worker.has_loaded[0] = 1


def on_reload(server: Any) -> None:
    """Let the old workers go on until the new ones have loaded the site: gunicorn would stop them before that."""
    server.manage_workers = partial(_hand_over, server, server.manage_workers, server.worker_age)


def _hand_over(server: Any, manage: Callable[[], None], newest: int) -> None:
    del server.manage_workers  # it stood before gunicorn's own, for this once
    end = time.monotonic() + LOADS_WITHIN
    while time.monotonic() < end:
        if all(worker.has_loaded[0] for worker in server.WORKERS.values() if worker.age > newest):
            break
        time.sleep(0.05)
        server.reap_workers()
    manage()


def _stop(server: Any, stop: Callable[[bool], None], graceful: bool = True) -> None:
    """Refuse what comes from now on, so that a proxy asks another instance: until the last request has ended,
    connections would be taken that nobody reads, and then dropped."""
    for listener in server.LISTENERS:
        with suppress(OSError):
            listener.sock.shutdown(socket.SHUT_RDWR)
    stop(graceful)


def when_ready(server: Any) -> None:
    """Start what runs beside: metrics, and on a site that nobody but this machine reaches what timers do elsewhere."""
    server.stop = partial(_stop, server, server.stop)
    server.beside = []
    if int(_metrics_port):
        server.beside.append(_manage("serve_metrics", _metrics_port))
    if os.environ.get("LOCAL") == "1":
        server.log.info("Open http://localhost:%s/ (passkeys do not work at 127.0.0.1). Staff: /admin/", _port)
        if os.environ.get("SECOND_FACTOR", "") in ("", "offered"):
            server.log.info("No second step is required to sign in here. SECOND_FACTOR=required make run asks for one.")
        server.beside.append(_manage("send_alerts", "--every", "5"))


def _manage(*command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(Path(__file__).parent.parent / "manage.py"), *command])  # noqa: S603


def on_exit(server: Any) -> None:
    for process in server.beside:
        process.kill()
    if int(_metrics_port):
        shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)


def worker_int(worker: object) -> None:
    """Stop at once when told so by Ctrl-C or SIGQUIT: an idle connection would hold the process for seconds."""
    os._exit(0)


if __name__ == "__main__":
    with socket.socket() as _listener:
        _listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as gunicorn does
        try:
            _listener.bind(("127.0.0.1", int(_port)))
        except OSError as _error:
            _other = min(int(_port) + 1, 65534)
            raise SystemExit(f"Port {_port} cannot be used: {_error.strerror}. Name another: PORT={_other}") from None
