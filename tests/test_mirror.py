"""The mirror: it says what the site says, byte for byte, asks for no more than it must, and is never half there."""

import gzip
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import closing, contextmanager
from email.message import Message
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote, urlsplit
from uuid import UUID

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import resolve

from categories.content.schema import Content
from categories.mirror import Failed, Mirror
from categories.mirror.asking import Site
from categories.mirror.files import SAID
from categories.mirror.held import file_of
from categories.models import Edition, FormerAddress
from categories.public import feeds, mirrored, updates
from tests import addresses, factories, proxies
from tests.door import Reader
from tests.factories import london
from tests.history import ENTRY, FORMER_SLUG, FORMER_T_LEVEL, NOW, SLUG, T_LEVEL, TONIGHT, WITHDRAWN, publish_history
from tests.server import free_port

pytestmark = pytest.mark.django_db

G = f"/guidance/{SLUG}/"
# What a mirror does not promise: it takes a form, tells how the site does, or names what nobody can know of
EXCEPTED = {
    "alerts/<str:key>/",
    "alerts/asked/",
    "alerts/confirm/<str:key>/",
    "alerts/end/<str:key>/",
    "feedback/",
    "feedback/thanks/",
    "guidance/<slug:guidance>/alerts/",
    "^healthz/?$",
    "^readyz/?$",
    r"api/v1/^[\s\S]+/\Z",
}
# What was: of the past, only the newest updates, and nothing since a day
SINCE = re.compile("/(on|at)/[^/]+/(.+/)?updates/since/.+/")
VALUES = {
    "guidance": [SLUG, FORMER_SLUG],
    "on": ["2025-06-02", "2026-09-01", "2027-03-03"],
    "at": ["2025-06-01T23:00:00Z", "2026-09-01T08:30:00Z", "2027-03-03T12:00:00Z"],
    "since": ["2025-06-02", "2026-09-01", "2027-03-03", "2027-03-04"],
    "timemap": ["", "updates.atom", "updates/2/", f"categories/{T_LEVEL}/"],
    "categories": [ENTRY, T_LEVEL, FORMER_T_LEVEL, WITHDRAWN],
    "approval-tests": ["employer-demand-test"],
    "updates": ["1", "2", "3"],
    "editions": ["1", "2", "3"],
    "id": ["5def729c-3c10-4a8a-a346-0dbb650ed932"],
    "announced": ["0bb1a1a5-6d5c-4f0e-9d43-6d1a6b3f2c11"],
    **{part: ["nothing"] for part in ("alerts", "confirm", "end")},
}


@pytest.fixture(autouse=True)
def no_waiting_for_disks(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test takes the power away."""
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(autouse=True)
def noon() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def content(fixture_content: Content) -> Content:
    """The guidance with three of its categories."""
    chosen = tuple(fixture_content.category_by_slug[slug] for slug in (ENTRY, FORMER_T_LEVEL, WITHDRAWN))
    return factories.altered(fixture_content, categories=chosen)


@pytest.fixture
def folder(content: Content, tmp_path: Path) -> Path:
    """A mirror of three editions, one announced and a few former addresses, made by somebody who lets nobody read."""
    publish_history(content)
    with time_machine.travel(NOW.replace(hour=10), tick=False):
        factories.announce(Edition.objects.get(number=4), NOW.replace(hour=10), UUID(VALUES["announced"][0]))
        for address in ("/publications/categories", "/publications/$host", '/a "quote"'):
            FormerAddress(address=address, leads_to=f"{G}table/#x", why="Moved").save()
    before = os.umask(0o077)
    try:
        made(tmp_path / "mirror")
    finally:
        assert os.umask(before) == 0o077
    return tmp_path / "mirror"


def made(folder: Path, at: Any = NOW, **options: Any) -> Mirror:
    mirror = Mirror(folder, at)
    mirror.make(**options)
    return mirror


def asked_for_by(mirror: Mirror) -> list[str]:
    """Bring a mirror up to date, and return the addresses that it asked for."""
    asked, ask = [], mirror.site.ask
    with patch.object(mirror.site, "ask", lambda address: asked.append(address) or ask(address)):
        mirror.make()
    return asked


def tree(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with what it says, and when it was written."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def lines(folder: Path, name: str) -> dict[str, str]:
    return dict(re.findall(r'^"(.*?)" "(.*)";$', (folder / f"nginx/{name}.map").read_text(), re.MULTILINE))


def promised() -> Iterator[str]:
    """Yield every address that a mirror promises, of those that are asked for of a kind."""
    for address in addresses.every(VALUES):
        if resolve(address).route not in EXCEPTED and not SINCE.search(address):
            yield address
            if address.startswith("/api/v1/guidance/") and not re.search("/[0-9]+/|/guidance/$", address):
                yield from (f"{address}?{query}" for query in ("on=2026-09-01", "at=2027-03-03T12%3A00%3A00Z"))


def test_every_address_that_is_promised_says_what_the_site_says(folder: Path, reader: Reader) -> None:
    moved = {status: lines(folder, f"moved-{status}") for status in (301, 302, 303)}
    bases, found = lines(folder, "moved-bases"), set()
    for address in promised():
        route = resolve(urlsplit(address).path).route
        answer = reader.get(address)
        if answer.status_code == 200:
            found.add(route)
            assert (folder / file_of(address, answer["Content-Type"])).read_bytes() == answer.content, address
        elif answer.status_code != 404:
            base = re.match("(?:/api/v1)?/guidance/[^/]+/(?:(?:on|at)/[^/]+/)?", address)
            whole = bases.get(base[0], "") + address.removeprefix(base[0]) if base and base[0] in bases else None
            whole = moved[answer.status_code].get(unquote(address).replace("?", "@"), whole)
            assert whole and moved[301].get(whole, whole) == unquote(answer["Location"]), address
            found.add(route)
    without_contact = {".well-known/security.txt"}
    dated_since = {route for route in addresses.routes() if SINCE.search(f"/{route}")}
    assert {*addresses.routes()} - found == EXCEPTED | without_contact | dated_since


def test_everybody_can_read_it_and_each_answer_has_a_file_of_its_own(folder: Path) -> None:
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*")}
    assert modes == {(True, 0o755), (False, 0o644)}
    parts = [json.loads(path.read_text()) for path in (folder / "parts").iterdir()]
    files = [file for part in parts for file in part["files"]]
    assert len(files) == len({*files}) > 300


def test_former_addresses_lead_on_but_for_what_nginx_would_misread(folder: Path) -> None:
    moved = lines(folder, "moved-301")
    assert moved["/publications/categories/"] == moved["/publications/categories"] == f"{G}table/#x"
    assert "$" not in (folder / "nginx/moved-301.map").read_text()


def test_pages_of_many_are_all_there(content: Content, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(updates, "EDITIONS_ON_A_PAGE", 2)
    monkeypatch.setattr(feeds, "ENTRIES", 1)
    publish_history(content)
    made(tmp_path / "mirror")
    there = {file.partition("/")[::2] for file in tree(tmp_path / "mirror")}
    assert ("pages@page=2", f"guidance/{SLUG}/updates/index.html") in there
    assert {(f"pages@before={number}", f"guidance/{SLUG}/updates.atom") for number in (2, 3)} <= there
    assert ("pages@on=2026-09-01", f"api/v1/guidance/{FORMER_SLUG}/index.json") in there


def test_with_nothing_changed_it_asks_for_nothing_and_writes_nothing(
    folder: Path, django_assert_max_num_queries: Any
) -> None:
    before = tree(folder)
    with django_assert_max_num_queries(20):
        again = made(folder, NOW.replace(hour=19))
    assert (again.site.times, again.written, again.removed) == (0, 0, 0)
    assert tree(folder) == before
    anew = made(folder, anew=True)
    assert (anew.site.times > 300, anew.written, anew.removed) == (True, 0, 0)


def test_an_edition_writes_only_what_differs(folder: Path) -> None:
    before = tree(folder)
    with time_machine.travel(TONIGHT, tick=False):
        asked = asked_for_by(Mirror(folder, TONIGHT))
        assert [*Mirror(folder, TONIGHT).differences()] == []
    after = tree(folder)
    for file in {*before, *after}:
        assert (before.get(file) == after.get(file)) == (before.get(file, [b""])[0] == after.get(file, [b""])[0]), file
    assert f"pages/guidance/{SLUG}/on/2027-06-01/index.html" in after
    past = {file for file in before if "/at/" in file or "@at=" in file}
    assert len(past) > 100 and past <= {*after} and all(before[file] == after[file] for file in past)
    parts = [part for part in mirrored.parts(TONIGHT) if " at " in part.name and "2027-06-01" not in part.name]
    pages, others = (
        {a for p in parts if ("other" in p.name) == is_by for a in p.addresses()} for is_by in (False, True)
    )
    assert (
        pages
        and others
        and not {one.address for one in pages} & {*asked}
        and {one.address for one in others} <= {*asked}
    )


def test_a_day_changes_no_page_of_the_past(folder: Path) -> None:
    tomorrow = london(2027, 6, 1, 15).replace(day=2)
    factories.take_off(factories.Edition.objects.get(number=4), NOW)
    with time_machine.travel(tomorrow, tick=False):
        asked = asked_for_by(Mirror(folder, tomorrow))
        assert [*Mirror(folder, tomorrow).differences()] == []
    assert asked and not [address for address in asked if "/on/2" in address or "/at/2" in address]
    assert lines(folder, "nearest-days")[f"{G}on/2027-06-02/"] == f"{G}on/2027-03-03/"


def test_a_run_that_ends_anywhere_leaves_a_mirror(folder: Path, monkeypatch: Any) -> None:
    before = tree(folder)
    made_of = Site.ask

    class Ended(BaseException):
        pass

    for end in (1, 100):

        def ask(self: Site, address: str, end: int = end) -> Any:
            if self.times == end:
                raise Ended
            return made_of(self, address)

        with time_machine.travel(TONIGHT, tick=False):
            monkeypatch.setattr(Site, "ask", ask)
            with pytest.raises(Ended):
                made(folder, TONIGHT)
            monkeypatch.undo()
            says = tree(folder)
            assert {*before} <= {*says}
            for file in ("pages/privacy/index.html", f"pages{G}index.html", f"pages{G}updates.atom"):
                assert says[file][0].rstrip().endswith((b"</html>", b"</feed>"))
    with time_machine.travel(TONIGHT, tick=False):
        made(folder, TONIGHT)
        assert [*Mirror(folder, TONIGHT).differences()] == []


def test_half_a_file_is_nowhere(folder: Path, monkeypatch: Any) -> None:
    before = tree(folder)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with time_machine.travel(TONIGHT, tick=False), pytest.raises(CommandError, match="No space left"):
        call_command("export_site", folder)
    after = tree(folder)
    after.pop("unfinished")
    assert after == before


def test_the_check_names_what_differs(folder: Path, capsys: Any) -> None:
    call_command("export_site", folder, "--check")
    assert "The mirror says what the site says." in capsys.readouterr().out
    pages = folder / f"pages{G}"
    (pages / "index.html").write_bytes((pages / "index.html").read_bytes().replace(b"technical", b"Technical"))
    (pages / "updates.atom").unlink()
    (pages / "more.html").touch()
    with pytest.raises(SystemExit) as ended:
        call_command("export_site", folder, "--check")
    assert ended.value.code == 1
    assert {*capsys.readouterr().err.splitlines()} == {
        f"pages{G}index.html says something else than the site",
        f"pages{G}updates.atom is missing",
        f"pages{G}more.html is in the mirror alone",
    }
    mirror = made(folder, anew=True)
    assert (mirror.written, mirror.removed) == (2, 1)


def test_it_takes_no_folder_of_others_and_no_turn_of_another_run(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter").touch()
    with pytest.raises(CommandError, match="holds other things"):
        call_command("export_site", mine)
    with pytest.raises(CommandError, match="There is no mirror"):
        call_command("export_site", mine, "--check")
    assert [*mine.iterdir()] == [mine / "letter"]
    with Mirror(tmp_path / "mirror", NOW)._alone(), pytest.raises(CommandError, match="Another run"):
        call_command("export_site", tmp_path / "mirror")


@pytest.mark.parametrize("address", ["/admin/login/", "/admin/", "/healthz", "/alerts/asked/"])
def test_what_is_for_one_reader_or_for_staff_never_comes_out(content: Content, address: str) -> None:
    publish_history(content)
    with pytest.raises(Failed, match="not as something for everybody"):
        Site(NOW).ask(address)


def test_other_days_lead_to_the_one_that_says_the_same(folder: Path, reader: Reader) -> None:
    """But for the day that each page names, and the moment that it is cited by."""
    nearest, since = lines(folder, "nearest-days"), lines(folder, "nearest-since")
    days = re.compile(rb"20[0-9]{2}-[0-9]{2}-[0-9]{2}(T[0-9:+]+Z?)?|(midnight on )?[0-9]+ [A-Z][a-z]+ 20[0-9]{2}")

    def said(address: str) -> bytes:
        led = reader.get(address)
        answer = reader.get(led["Location"]) if led.status_code == 301 else led
        assert answer.status_code == 200
        return days.sub(b"", answer.content)

    for base in (f"{G}on/2026-08-31/", f"{G}on/2026-09-02/", f"/guidance/{FORMER_SLUG}/on/2027-06-01/"):
        for page in ("categories.csv", "head.txt", "updates.atom"):
            assert said(base + page) == said(nearest[base] + page), (base, page)
    assert f"{G}on/2027-03-03/" not in nearest and f"{G}on/2027-06-02/" not in nearest
    assert since[f"{G}2026-01-01"] == "2026-09-01" and since[f"{G}2027-06-01"] == "2027-03-04"
    for day in ("2026-01-01", "2026-12-31", "2027-06-01"):
        assert said(f"{G}updates/since/{day}/") == said(f"{G}updates/since/{since[f'{G}{day}']}/"), day


def test_what_answers_are_made_with_counts_every_setting_that_pages_name() -> None:
    root = settings.BASE_DIR
    sources = [*(root / "categories/public").rglob("*.py"), *(root / "categories/templatetags").glob("*.py")]
    sources += [root / "categories/models/signed_head.py", root / "categories/content/note.py"]
    named = {name for path in sources for name in re.findall(r"settings\.([A-Z_]+)", path.read_text())}
    elsewhere = {"TRUSTED_PROXIES", "DATABASES", "HEADS_FILE", "VAR_DIR"}  # of limits, and of whether the site is well
    assert named - elsewhere <= {*SAID, "SIGNERS", "FORMER_KEYS"}


def asked_of(nginx: str, address: str, method: str = "GET", **headers: str) -> tuple[int, Message, bytes]:
    with closing(HTTPConnection(urlsplit(nginx).netloc, timeout=20)) as line:
        line.request(method, address, headers={"Host": "testserver", **headers})
        with line.getresponse() as answer:
            return answer.status, answer.headers, answer.read()


def plain(value: str | None) -> str | None:
    """JSON is UTF-8, whether that is said or not."""
    return value and value.replace("/json; charset=utf-8", "/json")


needs_nginx = pytest.mark.skipif(not proxies.find("nginx"), reason="nginx is not installed")


@needs_nginx
def test_nginx_serves_it_as_the_site_would_while_nothing_else_is_up(
    folder: Path, reader: Reader, tmp_path: Path
) -> None:
    with proxies.nginx(tmp_path / "nginx", free_port(), mirror=folder) as nginx:
        for address in promised():
            expected = reader.get(address)
            if expected.status_code == 404:
                continue
            status, headers, body = asked_of(nginx, address)
            assert (status, headers["Guidance-Mirror"]) == (expected.status_code, "2027-06-01"), address
            if status == 200:
                assert body == expected.content, address
            elif headers["Location"] != unquote(expected["Location"]):  # in two steps what the site does in one
                assert asked_of(nginx, headers["Location"])[1]["Location"] == unquote(expected["Location"]), address
            for name in {*expected.headers} - {"Content-Length", "ETag", "Vary", "Location"}:
                if status == 200 or name != "Content-Type":
                    assert plain(headers[name]) == plain(expected[name]), (address, name)


@needs_nginx
@pytest.mark.parametrize("is_there", [True, False], ids=["the site answers 503", "no site answers"])
def test_what_the_mirror_cannot_answer_is_said_in_the_form_that_was_asked_for(
    folder: Path, tmp_path: Path, is_there: bool
) -> None:
    with unwell() as port, proxies.nginx(tmp_path / "nginx", port if is_there else free_port(), mirror=folder) as nginx:
        for address, form, words in [
            (f"{G}?level=3", "text/html; charset=utf-8", b"Filters, searches, questions and forms do not work"),
            (f"{G}on/2027-06-02/", "text/html; charset=utf-8", b"See this page without a filter"),
            (f"{G}updates.atom?level=3", "text/html; charset=utf-8", b"not available just now"),
            (f"{G}categories.csv?level=3", "text/csv; charset=utf-8; header=absent", b"not available just now"),
            (f"/api/v1{G}categories/?level=3", "application/problem+json", b'"status": 503'),
            (f"/api/v1{G}?on=../../x", "application/problem+json", b'"status": 503'),
            (f"{G}?page=/../../../../etc/passwd", "text/html; charset=utf-8", b"not available just now"),
            (f"{G}%0d%0aSet-Cookie:%20a=b/", "text/html; charset=utf-8", b"not available just now"),
        ]:
            status, headers, body = asked_of(nginx, address)
            assert (status, headers["Content-Type"]) == (503, form), address
            assert words in body and headers["Retry-After"] == "60" and headers["Cache-Control"] == "no-store"
            assert headers["Content-Security-Policy"] and headers["Guidance-Mirror"] and not headers["Set-Cookie"]
        sent = asked_of(nginx, f"{G}check/", "POST")
        assert sent[0] == 503 and b"nothing that you sent was saved" in sent[2]
        assert asked_of(nginx, f"{G}table/?utm_source=mail&gclid=1")[2] == asked_of(nginx, f"{G}table/")[2]
        led = asked_of(nginx, f"{G}on/2027-05-01/table/?level=3")
        assert (led[0], led[1]["Location"]) == (302, f"{G}on/2027-03-03/table/?level=3")
        led = asked_of(nginx, f"{G}categories/{T_LEVEL}/updates/since/2026-01-01/")
        assert (led[0], led[1]["Location"]) == (302, f"{G}categories/{T_LEVEL}/updates/since/2026-09-01/")
        packed = asked_of(nginx, G, **{"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed[2]) == (folder / f"pages{G}index.html").read_bytes()
        led = asked_of(nginx, f"{G}categories/{T_LEVEL}?utm_source=x")
        assert (led[0], led[1]["Location"]) == (301, f"{G}categories/{T_LEVEL}/?utm_source=x")
        assert asked_of(nginx, G, "HEAD")[::2] == (200, b"")
        [style] = re.findall(r'href="(/static/[^"]*site[^"]*[.]css)"', gzip.decompress(packed[2]).decode())
        assert asked_of(nginx, style)[1]["Content-Type"] == "text/css; charset=utf-8"
        for address in ("/healthz", "/admin/", "/preview/x/", "/alerts/x/"):
            assert asked_of(nginx, address)[1]["Guidance-Mirror"] is None, address


@contextmanager
def unwell() -> Iterator[int]:
    """Answer everything with 503, as the site does where the database is gone; yield the port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(503)
            self.end_headers()

        do_POST = do_HEAD = do_GET

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
