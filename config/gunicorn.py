"""Gunicorn's settings. Any of them can be overridden on its command line.

`python config/gunicorn.py` says whether they are sound and the port is free.
"""

import logging
import os
import socket
import subprocess
import sys
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
_workers = os.environ.get("WEB_CONCURRENCY") or "2"
if not (_workers.isdecimal() and 0 < int(_workers) < 1000):
    raise SystemExit(f"WEB_CONCURRENCY is {_workers!r}: give a number of processes, such as 2.")
workers = int(_workers)
threads = 4  # settings.DATABASE_SLOTS leaves one of them for what needs no database
preload_app = False  # each worker opens its own database connections, and a reload picks up new code
accesslog = None  # some addresses are secrets (/preview/, /admin/set-password/), and a query can tell of a person
logconfig_dict = logs.settings(os.environ.get("LOG_FORMAT") or "line")
control_socket_disable = True  # nothing here needs a socket that can command the server

# Nobody but Django is told of a scheme, and nobody of a path: by default gunicorn believes both from this machine
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
limit_request_line = 8190  # bytes; what is longer gets a page of ours
umask = 0o077


def on_starting(server: Any) -> None:
    logging.getLogger("gunicorn.access").addFilter(logs.NoSecrets())


def when_ready(server: Any) -> None:
    """Send e-mail too, on a site that nobody but this machine reaches: elsewhere a timer does."""
    if os.environ.get("LOCAL") == "1":
        manage = str(Path(__file__).parent.parent / "manage.py")
        server.mail_queue = subprocess.Popen([sys.executable, manage, "send_mail_queue", "--every", "5"])  # noqa: S603


def on_exit(server: Any) -> None:
    if hasattr(server, "mail_queue"):
        server.mail_queue.kill()


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
