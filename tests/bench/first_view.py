"""What a browser fetches first."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from tests.bench.clockwork import Row, kilobytes
from tests.server import serving

FIRST_VIEW = 14_600  # bytes: what one round trip carries at first
REQUESTS = 3
PAGE = "/guidance/technical-qualification-categories/"


def rows(folder: Path) -> Iterator[Row]:
    with serving(folder, "tests.browser.seed") as server:
        fetched = first_view(server.url.removeprefix("http://"), PAGE)
    size = sum(fetched[path] for path in fetched if path == PAGE or path.endswith(".css"))
    what = "first view, HTML and CSS with brotli"
    yield Row(what, kilobytes(size), f"limit {kilobytes(FIRST_VIEW)}", size / FIRST_VIEW, 1)
    yield Row("first view, requests", str(len(fetched)), f"limit {REQUESTS}", len(fetched) / REQUESTS, 1)


def first_view(host: str, page: str) -> dict[str, int]:
    """Return the bytes on the wire, headers included, of a page and of everything that it makes a browser fetch."""
    size, html = fetch(host, page, "identity")
    assert size
    tags = re.findall(rb'<link rel="(?:icon|stylesheet|manifest|preload)" href="([^"]+)"', html)
    tags += re.findall(rb'<(?:script|img)[^>]* src="([^"]+)"', html)
    return {path: fetch(host, path, "br")[0] for path in dict.fromkeys([page, *(tag.decode() for tag in tags)])}


def fetch(host: str, path: str, encoding: str) -> tuple[int, bytes]:
    http = HTTPConnection(host)
    http.request("GET", path, headers={"Accept-Encoding": encoding})
    response = http.getresponse()
    body = response.read()
    assert response.status == 200, (path, response.status)
    http.close()
    return len(body) + size_of_head(response), body


def size_of_head(response: HTTPResponse) -> int:
    lines = [f"HTTP/1.1 {response.status} {response.reason}", *(f"{k}: {v}" for k, v in response.getheaders()), ""]
    return sum(len(line) + 2 for line in lines)
