"""What holds for every request: headers, names of requests, what is too long, and what the log says."""

import json
import logging
import re
import socket

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

from categories.public import failures
from config import logs
from config.edges import edges
from tests.factories import make_user
from tests.server import serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def never_read(rf: RequestFactory):
    """Ask with a body that fails when it is read."""

    class Body:
        def read(self, *args):
            raise AssertionError("the body was read")

    def ask(path: str, **meta: str) -> HttpResponse:
        request = rf.generic("POST", path, **meta)
        request.META["wsgi.input"] = request._stream = Body()
        return edges(lambda request: HttpResponse("through"))(request)

    return ask


def test_what_is_too_long_is_refused_before_it_is_read(never_read, settings):
    longest = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert never_read("/admin/login/", CONTENT_LENGTH=str(longest)).content == b"through"
    response = never_read("/admin/login/", CONTENT_LENGTH=str(longest + 1))
    assert (response.status_code, b"This is too long" in response.content) == (413, True)
    assert never_read("/admin/", HTTP_TRANSFER_ENCODING="chunked").status_code == 411


@pytest.mark.parametrize(
    "path",
    [
        "/x%00",
        "/alerts/%00/",
        "/alerts/confirm/x%00/",
        "/alerts/end/x%00/",
        "/guidance/x%00/",
        "/readyz%00",
        "/admin/%00/",
        "/preview/x%00/",
        "/guidance/x%00/categories.csv",
        "/guidance/x%00/updates.atom",
        "/api/v1/guidance/x%00/",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_address_with_a_nul_reaches_the_database(path, method, client):
    """PostgreSQL refuses to look for one. It is read as the sign for what cannot be read, as browsers do."""
    with CaptureQueriesContext(connection) as asked:
        response = getattr(client, method)(path)
    assert response.status_code in (200, 302, 404, 405)  # an alert that there is not has ended; staff sign in
    assert not [one for one in asked if "\0" in one["sql"]]


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/guidance/x/", "text/html; charset=utf-8"),
        ("/guidance/x/categories.csv", "text/csv; charset=utf-8; header=absent"),
        ("/guidance/x/updates.atom", "application/atom+xml"),
        ("/api/v1/guidance/", "application/problem+json"),
        ("/readyz", "text/plain"),
    ],
)
def test_an_address_fails_in_its_own_form(path, media_type, rf):
    response = failures.unavailable(rf.get(path))
    assert (response.status_code, response["Content-Type"]) == (503, media_type)
    assert (response["Retry-After"], response["Cache-Control"]) == ("10", "no-store")
    for_any_site = path.startswith("/api/") or path.endswith((".csv", ".atom"))
    assert response.get("Access-Control-Allow-Origin") == ("*" if for_any_site else None)
    if "json" in media_type:
        assert json.loads(response.content)["status"] == 503
    if "atom" in media_type:
        import feedparser

        assert feedparser.parse(response.content).bozo == 0


def test_staff_and_errors_carry_the_name_of_the_request_and_kept_pages_none(client):
    client.force_login(make_user("writer", "Writer"))
    assert re.fullmatch("[0-9a-f]{32}", client.get("/admin/")["X-Request-ID"])
    assert "X-Request-ID" not in client.get("/accessibility-statement/")
    assert "X-Request-ID" not in client.get("/none/")
    refused = client.post("/accessibility-statement/")
    assert (refused.status_code, refused["Cache-Control"]) == (405, "no-store")
    assert "X-Request-ID" in refused


@pytest.mark.parametrize(("behind", "given", "kept"), [(True, "a1b2c3d4", True), (False, "a1b2c3d4", False)])
def test_a_name_is_believed_from_a_proxy_alone(behind, given, kept, client, settings):
    settings.BEHIND_PROXY = behind
    assert (client.get("/admin/login/", headers={"x-request-id": given})["X-Request-ID"] == given) is kept
    assert client.get("/admin/login/", headers={"x-request-id": "a b\tc<script>"})["X-Request-ID"].isalnum()


def test_every_answer_says_what_it_needs_and_whom_it_is_for(client):
    page = client.get("/accessibility-statement/")
    assert page["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in page["Permissions-Policy"]
    assert client.get("/api/v1/guidance/")["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_every_redirect_says_how_long_to_keep_it(client, settings):
    for path in ("/admin", "/admin/", "/accessibility-statement"):
        assert client.get(path).get("Cache-Control"), path
    settings.SECURE_SSL_REDIRECT = True
    from django.test import Client

    response = Client().get("/accessibility-statement/")
    assert (response.status_code, response["Cache-Control"]) == (301, "no-cache")


# The log

SECRETS = [
    "/preview/SECRET/",
    "/alerts/SECRET/",
    "/alerts/end/SECRET/",
    "/preview/%20SECRET/changes/",
    "/preview/ SECRET/",
    "/%70review/SECRET",
    "/PREVIEW/SECRET",
    "/admin/set-password/MQ/SECRET/",
    "%2Fpreview%2FSECRET",
]


@pytest.mark.parametrize("path", SECRETS)
@pytest.mark.parametrize("form", logs.FORMS)
def test_no_line_tells_a_secret(form, path):
    maker = logs.FORMS[form]
    formatter = maker["()"](**{name: value for name, value in maker.items() if name != "()"})
    try:
        raise ValueError(f"in {path}")
    except ValueError as error:
        told = (type(error), error, error.__traceback__)
    record = logging.LogRecord("gunicorn.error", 30, "", 1, "Invalid request %s", (path,), told)
    line = formatter.format(record)
    assert "SECRET" not in line
    assert "Invalid request" in line
    logs.NoSecrets().filter(record)
    assert "SECRET" not in record.getMessage()
    if form == "json":
        assert json.loads(line)["level"] == "WARNING"


def record(status: int, error: Exception | None = None, name: str = "django.request") -> logging.LogRecord:
    made = logging.LogRecord(name, 40, "", 1, "Said: %s", ("/x",), (type(error), error, None) if error else None)
    made.status_code = status
    return made


def test_an_outage_is_one_line_a_minute_for_each_kind():
    now = [0.0]
    worth = logs.WorthALine(clock=lambda: now[0])
    refused = ConnectionError("connection to port 5432 failed\nIs the server running?")
    lines = []
    for second in range(121):
        now[0] = float(second)
        for error in (refused, TimeoutError("lock timeout"), None):
            line = record(503, error)
            if worth.filter(line):
                lines.append((second, line.getMessage(), line.exc_info))
    assert [second for second, *_ in lines] == [0, 0, 0, 60, 60, 60, 120, 120, 120]
    assert lines[3][1:] == ("Answered 503: connection to port 5432 failed (59 more like it)", None)


def test_what_readers_do_wrong_is_no_line():
    worth = logs.WorthALine()
    assert [worth.filter(record(status)) for status in (400, 404, 405, 500)] == [False, False, False, True]
    assert not worth.filter(record(400, name="django.security.DisallowedHost"))


# Gunicorn


def spoken(address: tuple[str, int], request: bytes) -> bytes:
    with socket.create_connection(address, timeout=10) as line:
        line.sendall(request)
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_the_server_believes_nobody_and_refuses_in_our_words(tmp_path):
    with serving(tmp_path, "tests.scheduled", PLAIN_HTTP="0", SECOND_FACTOR="required", WEB_CONCURRENCY="1") as site:
        host, port = site.url.removeprefix("http://").split(":")
        address = (host, int(port))
        spoofed = spoken(
            address,
            b"GET /accessibility-statement/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
            b"X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: on\r\nScript-Name: /evil\r\nScript_Name: /evil\r\n\r\n",
        )
        assert spoofed.startswith(b"HTTP/1.1 301")
        assert b"evil" not in spoofed
        long = spoken(address, b"GET /?q=" + b"a" * 8200 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert long.startswith(b"HTTP/1.1 414 URI Too Long\r\n")
        assert b"This address is too long" in long
        large = b"POST /admin/login/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000000\r\n\r\n"
        with socket.create_connection(address, timeout=10) as line:
            line.sendall(large)  # and nothing of the body
            assert line.recv(65536).startswith(b"HTTP/1.1 413 ")
        spoken(address, b"GET /preview/%20SECRET/ HTTP/9.9\r\nHost: 127.0.0.1\r\n\r\n")
    log = (tmp_path / "log").read_text()
    assert "SECRET" not in log
    assert "Invalid request" in log
