"""The door: finished answers without a query, never to whom they are not for, and the right ones at every second."""

from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import OperationalError
from django.http import QueryDict

from categories.public import parameters
from categories.public.generations import Generations, standing
from categories.public.responses import STATE
from config.door import PASSED_BY
from tests import addresses
from tests.door import AtOnce, Reader
from tests.factories import london, publish, with_category

pytestmark = pytest.mark.django_db

NOON = london(2026, 3, 2, 12)
PATHS = [
    "", "categories.csv", "updates.atom", "find/", "?level=3", "?level=3&cohort=adults&q=work", "updates/",
    "on/2025-09-01/", "categories/level-3-t-level/", "categories/level-3-t-level/updates.atom",
]  # fmt: skip


@pytest.fixture
def edition(fixture_content, time_machine):
    time_machine.move_to(NOON, tick=False)
    return publish(fixture_content, london(2025, 6, 2))


@pytest.fixture
def base(fixture_content):
    return f"/guidance/{fixture_content.slug}/"


@pytest.fixture
def category(fixture_content):
    return fixture_content.categories[0].slug


class Away:
    """A database that says how the record stands until it is away."""

    def __init__(self):
        self.is_away = False

    def ask(self, at):
        if self.is_away:
            raise OperationalError("away")
        return standing(at)


@pytest.fixture
def database():
    return Away()


@pytest.fixture
def reader(database):
    return Reader(generations=Generations(database.ask, asker=AtOnce()))


@pytest.mark.parametrize("path", PATHS)
def test_the_second_reader_gets_the_same_without_a_query(path, edition, base, reader, django_assert_num_queries):
    first = reader.get(base + path)
    assert first.status_code == 200
    with django_assert_num_queries(0):
        second = reader.get(base + path)
    assert (second.content, dict(second.headers)) == (first.content, dict(first.headers))


@pytest.mark.parametrize("path", ["/api/v1/", "/sitemap.xml", "/", "/guidance/{slug}/categories/none/", "/id/{id}/"])
def test_so_do_other_addresses_of_the_record(path, edition, fixture_content, reader, django_assert_num_queries):
    address = path.format(slug=fixture_content.slug, id=fixture_content.categories[0].id)
    first = reader.get(address)
    with django_assert_num_queries(0):
        second = reader.get(address)
    assert (second.status_code, second.content) == (first.status_code, first.content)


def test_a_new_edition_shows_at_its_second_and_not_before(
    edition, fixture_content, base, category, reader, time_machine
):
    publish(with_category(fixture_content, category, aim="Said anew."), NOON + timedelta(minutes=5))
    for seconds, shown in ((0, False), (299.9, False), (300, True)):
        time_machine.move_to(NOON + timedelta(seconds=seconds), tick=False)
        assert ("Said anew." in reader.get(f"{base}categories/{category}/").content.decode()) is shown


def test_a_month_arrives_with_its_first_day(edition, fixture_content, base, category, reader, time_machine):
    scope = [{"state": "in-scope", "from": "2026-04"}]
    publish(with_category(fixture_content, category, availability=scope), NOON)
    for moment, to_come in ((london(2026, 3, 31, 23, 59), True), (london(2026, 4, 1), False)):
        time_machine.move_to(moment, tick=False)
        said = reader.get(f"{base}categories/{category}/").content.decode()
        assert ("(not yet)" in said) is to_come


def test_a_page_that_the_record_overtakes_is_made_again(edition, fixture_content, base, category, time_machine):
    """What is begun before a publication and finished after it is not sent: somebody may have seen the newer page."""
    publish(with_category(fixture_content, category, aim="Said anew."), NOON + timedelta(seconds=1))
    inner = Reader().door._application

    def slow(environ, start):
        answer = list(inner(environ, start))
        time_machine.move_to(NOON + timedelta(seconds=1), tick=False)
        return answer

    reader = Reader(slow)
    assert "Said anew." in reader.get(f"{base}categories/{category}/").content.decode()


class TestAway:
    def test_finished_pages_go_on_past_midnight_and_a_scheduled_second(
        self, edition, fixture_content, base, category, reader, database, time_machine
    ):
        address = f"{base}categories/{category}/"
        publish(with_category(fixture_content, category, aim="Said anew."), NOON + timedelta(minutes=5))
        before = reader.get(address).content
        database.is_away = True
        for later in (1, 300, 24 * 3600):
            time_machine.move_to(NOON + timedelta(seconds=later), tick=False)
            assert reader.get(address).content == before
        database.is_away = False
        time_machine.shift(1)
        assert "Said anew." in reader.get(address).content.decode()

    def test_the_state_says_since_when(self, edition, base, reader, database, time_machine):
        reader.get(base)
        reader.get(base)
        database.is_away = True
        time_machine.shift(3600)
        reader.get(base)
        state = reader.door.state()
        assert (state.heard_at, state.since, state.is_away) == (NOON, NOON, True)
        assert (state.hits, state.misses, state.answers) == (2, 1, 1)
        assert state.size > 40_000

    def test_readyz_says_as_of_when_pages_go_on(self, edition, base, reader, database, time_machine):
        reader.get(base)
        assert reader.get("/readyz").content == b"ready\n"
        database.is_away = True
        time_machine.shift(3600)
        response = reader.get("/readyz")
        assert response.status_code == 200  # the database answers this question, though not that one
        assert response.content == b"ready\npages: 1 finished ones go on, as of 2026-03-02T12:00:00Z\n"


class TestKeys:
    def test_junk_parameters_neither_enter_nor_drive_out(self, edition, base, reader):
        plain = reader.get(base)
        for number in range(300):
            assert reader.get(f"{base}?utm_{number}=x&fbclid={number}").content == plain.content
            assert reader.get(f"{base}?level=3&x{number}").status_code == 200
        assert reader.door.state().answers == 2

    @pytest.mark.parametrize("query", ["levels=3", "Level=3", "cohorts=adults", "aproval=x", "level=99", "q=%00"])
    def test_what_the_parser_would_name_is_named(self, query, edition, base, reader, client):
        for _ in range(2):
            assert reader.get(f"{base}?{query}").content == client.get(f"{base}?{query}").content
        assert reader.get(f"{base}?{query}").content != reader.get(base).content

    def test_every_parameter_that_a_view_reads_counts(self, edition, fixture_content, client, monkeypatch):
        asked, slug = set(), fixture_content.slug

        def noting(method):
            def noted(query, name, *default):
                if query:  # not what was posted, which is nothing here
                    asked.add(name)
                return method(query, name, *default)

            return noted

        for method in ("__getitem__", "get", "getlist", "__contains__"):
            monkeypatch.setattr(QueryDict, method, noting(getattr(QueryDict, method)))
        for address in addresses.every(defaultdict(lambda: ["1"]) | {"guidance": [slug], "on": ["2025-09-01"]}):
            if not address.startswith(PASSED_BY):
                client.get(f"{address}?q=work")
        asked -= {"_popup", "_to_field"}
        assert len(asked) > 10
        assert [name for name in asked if not parameters.counts(name)] == []

    def test_a_former_address_leads_on_with_the_whole_query(self, edition, fixture_content, base, reader, client):
        publish(with_category(fixture_content, "level-3-t-level", slug="t-levels"), NOON)
        former = f"{base}categories/level-3-t-level/"
        for query in ("", "?utm_source=mail", "?level=3", "?utm_source=mail&level=3&x="):
            for _ in range(2):
                response = reader.get(former + query)
                assert response.status_code == 301
                address, _, found = response["Location"].partition("?")
                assert address == f"{base}categories/t-levels/"
                assert sorted(found.split("&")) == sorted(query.removeprefix("?").split("&"))

    def test_each_host_and_scheme_has_its_own_addresses(self, edition, base, settings, category):
        settings.ALLOWED_HOSTS = ["one.example", "two.example"]
        settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        reader = Reader(secure=settings.SECURE_PROXY_SSL_HEADER)
        path = f"{base}categories/{category}/"
        for host in settings.ALLOWED_HOSTS:
            for scheme in ("http", "https"):
                page = reader.get(path, headers={"host": host, "x-forwarded-proto": scheme}).content.decode()
                assert f"{scheme}://{host}{path}" in page
        assert reader.get(path, headers={"host": "three.example"}).status_code == 400

    def test_nobody_is_trusted_to_name_a_scheme_without_a_proxy(self, edition, base, reader, category):
        path = f"{base}categories/{category}/"
        reader.get(path, headers={"x-forwarded-proto": "https"})
        assert "https://testserver" not in reader.get(path).content.decode()


class TestNotKept:
    @pytest.mark.parametrize(
        "address",
        [
            "on/2026-03-03/",
            "on/2026-02-30/",
            "/nothing/",
            "/admin/",
            "/admin/login/",
            "/healthz",
            "/readyz",
            "/preview/x/",
        ],
    )
    def test_not_yet_nor_errors_nor_staff(self, address, edition, base, reader):
        for _ in range(2):
            reader.get(address if address.startswith("/") else base + address)
        assert reader.door.state().answers == 0

    def test_refusals(self, edition, base, reader):
        for address in (f"{base}categories.csv?level=9", f"/api/v1{base}categories/?level=9"):
            assert reader.get(address).status_code == 422
        assert reader.ask("POST", base).status_code == 405
        assert reader.door.state().answers == 0

    def test_with_a_cookie_nothing_is_kept_nor_given(self, edition, base, reader):
        reader.get(base, headers={"cookie": "sessionid=x"})
        assert reader.door.state().answers == 0
        reader.get(base)
        reader.get(base, headers={"cookie": "sessionid=x"})
        assert reader.door.state().hits == 0

    def test_an_answer_that_sets_a_cookie_is_for_one_reader(self, edition, base):
        inner = Reader().door._application

        def with_cookie(environ, start):
            return inner(environ, lambda status, headers, *failed: start(status, [*headers, ("Set-Cookie", "a=b")]))

        reader = Reader(with_cookie)
        assert reader.get(base).status_code == 200
        assert reader.door.state().answers == 0

    def test_other_addresses_get_their_whole_query(self, edition, reader):
        assert reader.get("/admin/?next=x")["Location"].endswith("%3Fnext%3Dx")
        assert reader.get("/accessibility-statement?x=1")["Location"] == "/accessibility-statement/?x=1"


def test_head_and_get_share_an_answer(edition, base, reader):
    head, get = reader.head(base), reader.get(base)
    assert dict(head.headers) == dict(get.headers)
    assert (head.content, reader.door.state().misses) == (b"", 1)


def test_one_thread_makes_a_page_and_the_others_wait():
    together, made = Barrier(8), []

    def page(environ, start):
        assert environ[STATE]
        made.append(environ["PATH_INFO"])
        environ["door.kept"] = True
        start("200 OK", [("Content-Type", "text/plain")])
        return [b"said"]

    reader = Reader(page, Generations(lambda at: "one"))

    def ask(_):
        together.wait()
        return reader.get("/guidance/")

    with ThreadPoolExecutor(8) as pool:
        assert {response.content for response in pool.map(ask, range(8))} == {b"said"}
    assert made == ["/guidance/"]
