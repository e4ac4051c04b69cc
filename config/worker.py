"""Gunicorn's worker, which answers what it cannot read with a page of ours, and bears that its listener is shut."""

import errno
from typing import Any

from django.http import HttpRequest
from gunicorn import util
from gunicorn.http.errors import LimitRequestLine
from gunicorn.workers.gthread import ThreadWorker


class Worker(ThreadWorker):
    def accept(self, listener: Any) -> None:
        try:
            super().accept(listener)
        except OSError as error:
            if error.errno != errno.EINVAL:  # shut by config/gunicorn.py, just before this worker is told to stop
                raise

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        if not isinstance(exc, LimitRequestLine):
            super().handle_error(req, client, addr, exc)
            return
        from categories.public import failures  # once the application is loaded

        page = failures.answer(HttpRequest(), 414)
        head = f"HTTP/1.1 414 URI Too Long\r\nConnection: close\r\nContent-Length: {len(page.content)}\r\n"
        util.write_nonblock(client, head.encode() + page.serialize_headers() + b"\r\n\r\n" + page.content)
