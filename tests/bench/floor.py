"""The bare floor: a WSGI application that does nothing but give back what it was given, by path.

FLOOR names a file of lines of JSON: path, status, headers, and the body in base 64.
"""

import json
import os
from base64 import b64decode
from pathlib import Path

ANSWERS = {}
for line in Path(os.environ["FLOOR"]).read_text().splitlines():
    path, status, headers, body = json.loads(line)
    ANSWERS[path] = status, [tuple(header) for header in headers], b64decode(body)
OTHER = ("200 OK", [("Content-Length", "0")], b"")


def application(environ, start):
    status, headers, body = ANSWERS.get(environ["PATH_INFO"], OTHER)
    start(status, headers)
    return [body]
