"""An application that loads once the file named by GATE is there, and answers with the id of its process."""

import os
import time
from pathlib import Path

while not Path(os.environ["GATE"]).exists():
    time.sleep(0.01)


def application(environ, start):
    environ["wsgi.input"].read()
    body = str(os.getpid()).encode()
    start("200 OK", [("Content-Length", str(len(body)))])
    return [body]
