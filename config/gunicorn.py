"""Gunicorn's settings. Any of them can be overridden on its command line.

`python config/gunicorn.py` says whether they are sound and the port is free.
"""

import os
import socket

_port = os.environ.get("PORT") or "8000"
if not (_port.isdecimal() and 0 < int(_port) < 65536):
    raise SystemExit(f"PORT is {_port!r}: give a number from 1 to 65535, such as 8000.")

wsgi_app = "config.wsgi"
bind = f"127.0.0.1:{_port}"
worker_class = "gthread"
_workers = os.environ.get("WEB_CONCURRENCY") or "2"
if not (_workers.isdecimal() and 0 < int(_workers) < 1000):
    raise SystemExit(f"WEB_CONCURRENCY is {_workers!r}: give a number of processes, such as 2.")
workers = int(_workers)
threads = 4
preload_app = False  # each worker opens its own database connections, and a reload picks up new code
limit_request_line = 8190  # what a form with many ticked filters comes to
accesslog = None  # some addresses are secrets (/preview/, /admin/set-password/), and a query can tell of a person
control_socket_disable = True  # nothing here needs a socket that can command the server


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
