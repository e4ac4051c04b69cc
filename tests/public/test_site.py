"""The pages around the guidance, the files that machines ask for, and how responses travel."""

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import brotli
import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from categories.public.answers import encoding
from tests.factories import altered, london, make_user, publish, with_category
from tests.html import Page

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
HTQ = "level-4-and-5-higher-technical-qualifications"
CSS = Path(__file__).parents[2] / "static" / "css" / "site.css"
MOST_BYTES = 14_000  # the first view of the guidance page, HTML and CSS together, with brotli


@pytest.fixture
def published(fixture_content):
    return publish(fixture_content)


@pytest.fixture
def another_content(fixture_content):
    return altered(
        fixture_content,
        id="00000000-0000-0000-0000-00000000000b",
        slug="another",
        title="Another guidance",
        categories=[
            category.model_dump() | {"id": f"00000000-0000-0000-0001-{place:012}"}
            for place, category in enumerate(fixture_content.categories)
        ],
    )


def test_every_page_describes_itself(client, published, fixture_content):
    publish(altered(fixture_content, summary="Another summary."))
    addresses = [
        *(G, f"{G}find/", f"{G}compare/", f"{G}approval-tests/", f"{G}approval-tests/a2d3-powers/", f"{G}on/"),
        *(f"{G}updates/", f"{G}updates/1/", f"{G}updates/2/", "/accessibility-statement/"),
        *(f"{G}categories/{HTQ}/", f"{G}categories/{HTQ}/updates/", f"{G}categories/level-3-t-level/updates/"),
    ]
    said = {address: Page(client.get(address)).meta("description") for address in addresses}
    assert all(said.values())
    assert len(set(said.values())) == len(said), said


class TestHome:
    def test_leads_to_the_only_guidance(self, client, published):
        response = client.get("/")
        assert (response.status_code, response["Location"]) == (302, G)
        assert response["Cache-Control"] == "public, max-age=0, s-maxage=1"

    def test_lists_guidance_when_there_is_more(self, client, published, another_content):
        publish(another_content)
        page = Page(client.get("/"))
        assert list(page.links)[2:4] == ["Another guidance", published.content.title]
        assert page.links["Another guidance"] == "/guidance/another/"

    def test_does_not_list_what_is_to_come(self, client, published, another_content):
        publish(another_content, live_at=timezone.now() + timedelta(days=1))
        assert client.get("/")["Location"] == G

    def test_says_when_there_is_none(self, client):
        page = Page(client.get("/"))
        assert page.h1 == "Guidance"
        assert "No guidance has been published on this site yet." in page.main


class TestStatements:
    def test_accessibility_statement_gives_the_contact(self, client, settings):
        settings.CONTACT_EMAIL = "guidance@example.org"
        page = Page(client.get("/accessibility-statement/"))
        assert page.h1 == "Accessibility statement"
        assert page.links["guidance@example.org"] == "mailto:guidance@example.org"

    def test_without_a_contact_it_says_not_given(self, client, settings):
        settings.CONTACT_EMAIL = ""
        assert "Contact: not given." in Page(client.get("/accessibility-statement/")).main

    def test_every_page_leads_to_it(self, client, published):
        for address in (G, f"{G}categories/{HTQ}/", "/none/"):
            assert Page(client.get(address)).links["Accessibility statement"] == "/accessibility-statement/"

    def test_the_site_has_its_own_name(self, client, published, settings):
        settings.SITE_NAME = "Our <guidance>"
        page = Page(client.get(G))
        assert page.title.endswith(" - Our <guidance>")
        assert page.links["Our <guidance>"] == "/"


class TestErrors:
    def test_a_failure_is_a_page_that_needs_no_database(
        self, client, published, monkeypatch, django_assert_num_queries
    ):
        client.raise_request_exception = False
        monkeypatch.setattr("categories.content.filters.parse", lambda *args: 1 / 0)
        response = client.get(G)
        assert response.status_code == 500
        assert response["Cache-Control"] == "no-store"
        text = response.content.decode()
        assert "Sorry, there is a problem" in text
        assert "division" not in text
        with django_assert_num_queries(0):
            from categories.public.site import server_error

            assert server_error(HttpRequest()).status_code == 500


class TestHealth:
    def test_healthz_asks_nothing_of_the_database(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            response = client.get("/healthz")
        assert (response.status_code, response.content) == (200, b"ok\n")

    def test_readyz_is_ready(self, client):
        assert client.get("/readyz").status_code == 200

    def test_readyz_says_that_migrations_are_missing(self, client):
        MigrationRecorder(connection).migration_qs.filter(app="categories").order_by("-pk").first().delete()
        response = client.get("/readyz")
        assert (response.status_code, response.content) == (503, b"migrations are missing\n")

    def test_readyz_says_that_the_database_does_not_answer(self, client, monkeypatch):
        from django.db import OperationalError

        def fail(connection):
            raise OperationalError("password=secret")

        monkeypatch.setattr("categories.public.health.MigrationExecutor", fail)
        response = client.get("/readyz")
        assert (response.status_code, response.content) == (503, b"the database does not answer\n")

    def test_both_answer_over_plain_http(self, client, settings):
        settings.SECURE_SSL_REDIRECT = True
        client = Client()
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
        assert client.get("/accessibility-statement/").status_code == 301


class TestFilesForMachines:
    def test_robots(self, client):
        response = client.get("/robots.txt")
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert "Sitemap: http://testserver/sitemap.xml" in response.content.decode()
        assert "Disallow: /preview/" in response.content.decode()

    def test_sitemap_lists_every_current_page_that_works(self, client, published, django_assert_max_num_queries):
        with django_assert_max_num_queries(3):
            response = client.get("/sitemap.xml")
        assert response["Content-Type"].startswith("application/xml")
        pages = sitemap(response)
        assert {f"http://testserver{G}", f"http://testserver{G}approval-tests/"} <= set(pages)
        assert len(pages) == 1 + 6 + 12 * 2 + 1 + 5 + 2
        for address in pages:
            assert client.get(address).status_code == 200

    def test_sitemap_says_when_each_page_last_changed(self, client, published, fixture_content):
        content = with_category(fixture_content, HTQ, aim="Changed.")
        publish(content, live_at=london(2025, 7, 1, 9))
        publish(with_category(content, HTQ, aim="To come."), live_at=timezone.now() + timedelta(days=1))
        pages = sitemap(client.get("/sitemap.xml"))
        assert pages[f"http://testserver{G}"] == datetime(2025, 7, 1, 8, tzinfo=UTC)
        assert pages[f"http://testserver{G}categories/{HTQ}/"] == datetime(2025, 7, 1, 8, tzinfo=UTC)
        assert pages[f"http://testserver{G}approval-tests/a2d3-powers/"] == datetime(2025, 7, 1, 8, tzinfo=UTC)
        assert pages[f"http://testserver{G}categories/level-3-t-level/"] == datetime(2025, 6, 1, 23, tzinfo=UTC)

    def test_sitemap_leaves_withdrawn_pages_out(self, client, fixture_content):
        publish(with_category(fixture_content, HTQ, withdrawn="Gone."))
        assert f"http://testserver{G}categories/{HTQ}/" not in sitemap(client.get("/sitemap.xml"))

    def test_sitemap_of_guidance_without_categories(self, client, fixture_content):
        [test, *_] = fixture_content.approval_tests
        publish(altered(fixture_content, categories=(), approval_tests=(test,)))
        pages = sitemap(client.get("/sitemap.xml"))
        assert pages[f"http://testserver{G}approval-tests/{test.slug}/"] == datetime(2025, 6, 1, 23, tzinfo=UTC)

    def test_sitemap_of_an_empty_site(self, client):
        assert list(sitemap(client.get("/sitemap.xml"))) == [
            "http://testserver/accessibility-statement/",
            "http://testserver/privacy/",
        ]

    @pytest.mark.parametrize(
        ("contact", "line"),
        [
            ("security@example.org", "Contact: mailto:security@example.org"),
            ("https://example.org/security", "Contact: https://example.org/security"),
            ("mailto:security@example.org", "Contact: mailto:security@example.org"),
        ],
    )
    def test_security_txt(self, client, settings, time_machine, contact, line):
        time_machine.move_to(london(2026, 11, 25, 12), tick=False)
        settings.SECURITY_CONTACT = contact
        response = client.get("/.well-known/security.txt")
        lines = response.content.decode().splitlines()
        assert response["Content-Type"] == "text/plain; charset=utf-8"
        assert line in lines
        assert "Expires: 2027-02-23T00:00:00Z" in lines

    def test_security_txt_without_a_contact_is_not_there(self, client, settings):
        settings.SECURITY_CONTACT = ""
        response = client.get("/.well-known/security.txt")
        assert response.status_code == 404
        assert Page(response).h1 == "Page not found"


class TestNoCookies:
    @pytest.mark.parametrize(
        "address",
        ["/", "/accessibility-statement/", "/healthz", "/readyz", "/robots.txt", "/sitemap.xml", "/none/", G],
    )
    def test_none_is_set_or_looked_at(self, client, published, address):
        response = client.get(address)
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")


PUBLIC = [
    "/", "/accessibility-statement/", "/robots.txt", "/sitemap.xml", G, f"{G}categories/{HTQ}/", f"{G}updates/",
    f"{G}on/2025-06-02/", f"{G}categories.csv", f"{G}updates.atom", f"{G}categories/{HTQ}/updates.atom",
    "/healthz", "/readyz",
]  # fmt: skip


class TestMethods:
    @pytest.mark.parametrize("address", [*PUBLIC[1:-2], f"/api/v1{G}"])
    @pytest.mark.parametrize("encoding", ["identity", "br"])
    def test_head_has_the_headers_of_get(self, reader, published, address, encoding):
        headers = {"Accept-Encoding": encoding}
        head, first, again = (ask(address, headers=headers) for ask in (reader.head, reader.get, reader.get))
        assert first.status_code == head.status_code == 200
        assert first["ETag"] == head["ETag"] == again["ETag"]
        assert dict(head.headers) == dict(again.headers)
        assert head.content == b""
        headers["If-None-Match"] = first["ETag"]
        assert reader.head(address, headers=headers).status_code == 304

    @pytest.mark.parametrize("address", [*PUBLIC, "/id/00000000-0000-0000-0000-000000000000/"])
    @pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
    def test_a_method_that_would_write_is_not_allowed(self, published, address, method):
        response = getattr(Client(enforce_csrf_checks=True), method)(address)
        assert response.status_code == 405
        assert {"GET", "HEAD"} <= set(response["Allow"].split(", "))

    def test_the_admin_still_asks_for_a_token(self, published):
        assert Client(enforce_csrf_checks=True).post("/admin/login/").status_code == 403


class TestOtherSites:
    FILES = ("categories.csv", "updates.atom", f"categories/{HTQ}/updates.atom")

    def test_may_read_what_is_not_there(self, client, published):
        for address in (
            *(f"/guidance/none/{file}" for file in self.FILES),
            *(f"{G}on/2025-06-01/{file}" for file in self.FILES),
            f"{G}categories/none/updates.atom",
            f"{G}updates.atom?before=x",
        ):
            response = client.get(address)
            assert response.status_code == 404
            assert response["Access-Control-Allow-Origin"] == "*"
            assert Page(response).h1 == "Page not found"

    def test_may_ask_again_with_an_etag(self, reader, published):
        for file in self.FILES:
            asked = reader.options(G + file)
            assert asked.status_code == 204
            assert asked["Access-Control-Allow-Headers"] == "If-None-Match"
            response = reader.get(G + file)
            assert response["Access-Control-Expose-Headers"] == "ETag"
            again = reader.get(G + file, headers={"If-None-Match": response["ETag"]})
            assert (again.status_code, again["Access-Control-Allow-Origin"]) == (304, "*")

    def test_search_engines_keep_no_dated_copy(self, client, published):
        for file in ("", *self.FILES):
            assert client.get(f"{G}on/2025-06-02/{file}")["X-Robots-Tag"] == "noindex"
            assert "X-Robots-Tag" not in client.get(G + file)


class TestCompression:
    def test_brotli_then_gzip_then_nothing(self, reader, published):
        plain = reader.get(G)
        assert "Content-Encoding" not in plain
        assert plain["Vary"] == "Accept-Encoding"
        with_brotli = reader.get(G, headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
        assert with_brotli["Content-Encoding"] == "br"
        assert brotli.decompress(with_brotli.content) == plain.content
        with_gzip = reader.get(G, headers={"Accept-Encoding": "gzip"})
        assert with_gzip["Content-Encoding"] == "gzip"
        assert gzip.decompress(with_gzip.content) == plain.content
        assert int(with_gzip["Content-Length"]) == len(with_gzip.content)

    @pytest.mark.parametrize("form", ["identity", "gzip", "br"])
    def test_each_form_is_known_again(self, reader, published, form):
        headers = {"Accept-Encoding": form}
        etag = reader.get(G, headers=headers)["ETag"]
        for sent in (etag, f"W/{etag}", f'"another", {etag}'):
            unchanged = reader.get(G, headers=headers | {"If-None-Match": sent})
            assert (unchanged.status_code, unchanged.content) == (304, b"")
            assert (unchanged["ETag"], unchanged["Vary"]) == (etag, "Accept-Encoding")
        other = reader.get(G, headers={"Accept-Encoding": "br" if form == "identity" else "identity"})
        assert other["ETag"] != etag

    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("", "identity"),
            ("identity", "identity"),
            ("br", "br"),
            ("gzip;q=1.0, br;q=0.5", "br"),
            ("br;q=0, gzip", "gzip"),
            ("br; q=0.000, gzip;q=0", "identity"),
            ("BR", "br"),
            (",;q,,", "identity"),
            ("brotli, x-gzip", "identity"),
        ],
    )
    def test_what_is_accepted(self, header, expected):
        assert encoding(header) == expected

    def test_pages_of_staff_are_not_compressed(self, client):
        client.force_login(make_user("writer", is_superuser=True))
        response = client.get("/admin/", headers={"Accept-Encoding": "br, gzip"})
        assert response.status_code == 200
        assert "Content-Encoding" not in response

    def test_the_first_view_is_light(self, reader, published):
        page = reader.get(G, headers={"Accept-Encoding": "br"})
        css = brotli.compress(CSS.read_bytes())
        assert len(page.content) + len(css) <= MOST_BYTES


def sitemap(response) -> dict[str, datetime | None]:
    """Return the addresses of a sitemap with when each last changed."""
    assert response.status_code == 200
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    found = {}
    for url in ElementTree.fromstring(response.content):  # noqa: S314 - our own answer
        changed = url.findtext(f"{space}lastmod")
        found[url.findtext(f"{space}loc")] = datetime.fromisoformat(changed) if changed else None
    return found
