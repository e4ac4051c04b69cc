"""The mirror: it says what the site says, byte for byte, asks for no more than it must, and is never half there."""

import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import unquote

import pytest
import time_machine
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import resolve

from categories.content.schema import Content
from categories.mirror import Failed, Mirror
from categories.mirror.asking import Site, answers
from categories.mirror.files import SAID
from categories.mirror.held import file_of
from categories.models import FormerAddress
from categories.public import feeds, mirrored, updates
from tests import addresses, factories
from tests.door import Reader
from tests.factories import london
from tests.history import ENTRY, FORMER_SLUG, FORMER_T_LEVEL, NOW, SLUG, T_LEVEL, TONIGHT, WITHDRAWN, publish_history

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
    **{part: ["nothing"] for part in ("alerts", "confirm", "end")},
}


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
    """A mirror of three editions."""
    publish_history(content)
    made(tmp_path / "mirror")
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


def test_every_address_that_is_promised_says_what_the_site_says(folder: Path, reader: Reader) -> None:
    moved = {status: lines(folder, f"moved-{status}") for status in (301, 302, 303)}
    bases, found = lines(folder, "moved-bases"), set()
    for address in addresses.every(VALUES):
        route = resolve(address).route
        if route in EXCEPTED or SINCE.search(address):
            continue
        answer = reader.get(address)
        if answer.status_code == 200:
            found.add(route)
            assert (folder / file_of(address, answer["Content-Type"])).read_bytes() == answer.content, address
        elif answer.status_code != 404:
            base = re.match("(?:/api/v1)?/guidance/[^/]+/(?:(?:on|at)/[^/]+/)?", address)
            whole = bases.get(base[0], "") + address.removeprefix(base[0]) if base and base[0] in bases else None
            whole = moved[answer.status_code].get(address, whole)
            assert whole and moved[301].get(whole, whole) == answer["Location"], address
            found.add(route)
    without_contact = {".well-known/security.txt"}
    dated_since = {route for route in addresses.routes() if SINCE.search(f"/{route}")}
    assert {*addresses.routes()} - found == EXCEPTED | without_contact | dated_since


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

    for end in (1, 40, 150):

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


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda file: file.write_bytes(file.read_bytes().replace(b"technical", b"Technical")), "says something else"),
        (lambda file: file.unlink(), "is missing"),
        (lambda file: file.with_name("more.html").touch(), "more.html is in the mirror alone"),
    ],
)
def test_the_check_names_what_differs(folder: Path, capsys: Any, harm: Callable[[Path], Any], said: str) -> None:
    call_command("export_site", folder, "--check")
    assert "The mirror says what the site says." in capsys.readouterr().out
    harm(folder / f"pages{G}index.html")
    with pytest.raises(SystemExit) as ended:
        call_command("export_site", folder, "--check")
    assert ended.value.code == 1
    [line] = capsys.readouterr().err.splitlines()
    assert said in line and line.startswith(f"pages{G}")
    call_command("export_site", folder, "--anew")
    call_command("export_site", folder, "--check")


def test_it_takes_no_folder_of_others_and_no_turn_of_another_run(folder: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter").touch()
    with pytest.raises(CommandError, match="holds other things"):
        call_command("export_site", mine)
    with pytest.raises(CommandError, match="There is no mirror"):
        call_command("export_site", mine, "--check")
    assert [*mine.iterdir()] == [mine / "letter"]
    with Mirror(folder, NOW)._alone(), pytest.raises(CommandError, match="Another run"):
        call_command("export_site", folder)


def test_everybody_can_read_it_whatever_the_umask(content: Content, tmp_path: Path) -> None:
    publish_history(content)
    before = os.umask(0o077)
    try:
        made(tmp_path / "mirror")
        assert os.umask(0o077) == 0o077
    finally:
        os.umask(before)
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in (tmp_path / "mirror").rglob("*")}
    assert modes == {(True, 0o755), (False, 0o644)}


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


def test_former_addresses_lead_on_but_for_what_nginx_would_misread(content: Content, tmp_path: Path) -> None:
    publish_history(content)
    with time_machine.travel(NOW.replace(hour=10), tick=False):
        for address in ("/publications/categories", "/publications/$host", '/a "quote"'):
            FormerAddress(address=address, leads_to=f"{G}table/#x", why="Moved").save()
    made(tmp_path / "mirror")
    moved = lines(tmp_path / "mirror", "moved-301")
    assert moved["/publications/categories/"] == moved["/publications/categories"] == f"{G}table/#x"
    assert "$" not in (tmp_path / "mirror/nginx/moved-301.map").read_text()


def test_what_answers_are_made_with_counts_every_setting_that_pages_name() -> None:
    root = settings.BASE_DIR
    sources = [*(root / "categories/public").rglob("*.py"), *(root / "categories/templatetags").glob("*.py")]
    sources += [root / "categories/models/signed_head.py", root / "categories/content/note.py"]
    named = {name for path in sources for name in re.findall(r"settings\.([A-Z_]+)", path.read_text())}
    elsewhere = {"TRUSTED_PROXIES", "DATABASES", "HEADS_FILE", "VAR_DIR"}  # of limits, and of whether the site is well
    assert named - elsewhere <= {*SAID, "SIGNERS", "FORMER_KEYS"}


def test_no_answer_has_a_file_of_another(content: Content) -> None:
    publish_history(content)
    site = Site(NOW)
    found = [
        file_of(address, answer.headers["Content-Type"])
        for part in mirrored.parts(NOW)
        for address, answer in answers(site, part)
        if answer.status == 200
    ]
    assert len(found) == len({*found}) and not [name for name in found if ".." in unquote(name)]
