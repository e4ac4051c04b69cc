"""Previews show what is not public through the public pages, to those alone who may see it, and leave no copy."""

import logging
from datetime import timedelta

import pytest
from django.utils import timezone

from categories import guidance_urls, publishing
from categories.models import Submission
from categories.models.history import saving
from config.logs import NoSecrets
from tests.factories import make_category, make_guidance, make_user, publish_loaded
from tests.html import Page

pytestmark = pytest.mark.django_db

SECRET = "A word that only the draft has: hippogriff."


@pytest.fixture
def guidance():
    guidance = make_guidance()
    make_category(guidance, "level-3-adults-only")
    publish_loaded(guidance)
    return guidance


@pytest.fixture
def writer(db):
    return make_user("writer", "Writer")


@pytest.fixture
def submission(guidance, writer) -> Submission:
    category = guidance.category_set.get()
    category.aim = SECRET
    with saving(by=writer, why="A draft"):
        category.save()
    return publishing.submit(guidance, writer, change_note="A hippogriff.")


def addresses(submission, writer):
    link = publishing.share_preview(submission, writer, made_for="A college")
    return {
        "link": f"/preview/{link.token}/",
        "submission": f"/admin/preview/submission/{submission.pk}/",
        "working copy": f"/admin/preview/working-copy/{submission.guidance_id}/",
    }


@pytest.mark.parametrize("kind", ["link", "submission", "working copy"])
def test_a_preview_shows_the_draft_through_the_public_pages(kind, submission, writer, client):
    base = addresses(submission, writer)[kind]
    if kind != "link":
        client.force_login(writer)
    response = client.get(f"{base}categories/level-3-adults-only/")
    page = Page(response).text
    assert "hippogriff" in page
    assert "This is a preview. It is not published." in page
    assert f'href="{base}approval-tests/"' in page
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert response["Referrer-Policy"] == "no-referrer"
    changes = Page(client.get(f"{base}changes/")).text
    assert "hippogriff" in changes
    assert "Compared with edition 1" in changes


@pytest.mark.parametrize("kind", ["link", "submission", "working copy"])
def test_no_page_of_a_preview_breaks(kind, submission, writer, client):
    base = addresses(submission, writer)[kind]
    if kind != "link":
        client.force_login(writer)
    for page in guidance_urls.urlpatterns:
        slug = "employer-demand-test" if "approval" in str(page.name) else "level-3-adults-only"
        route = str(page.pattern).replace("<slug:slug>", slug).replace("<int:number>", "1")
        assert client.get(base + route).status_code in {200, 404}, route


@pytest.mark.parametrize("kind", ["submission", "working copy"])
def test_staff_previews_are_for_staff_with_permission(kind, submission, writer, client):
    base = addresses(submission, writer)[kind]
    assert client.get(base)["Location"].startswith("/admin/login/")
    client.force_login(make_user("plain"))
    assert client.get(base).status_code == 403


def test_a_link_stops_when_revoked_and_when_it_expires(submission, writer, client):
    link = publishing.share_preview(submission, writer, made_for="A college")
    assert client.get(f"/preview/{link.token}/").status_code == 200
    publishing.revoke_preview(link, writer)
    response = client.get(f"/preview/{link.token}/")
    assert response.status_code == 404
    assert Page(response).h1 == "This preview link does not work"
    assert "no-store" in response["Cache-Control"]
    past = timezone.now() - timedelta(days=8)
    expired = publishing.share_preview(submission, writer, made_for="A college", at=past)
    response = client.get(f"/preview/{expired.token}/")
    assert response.status_code == 404
    assert "It has expired or was revoked" in Page(response).main
    assert Page(response).links["Read the published guidance"] == "/"
    assert expired.token not in Page(response).text


@pytest.mark.parametrize("token", ["nonsense", "a:b", "é", "%00", "a" * 3000])
def test_a_token_that_nobody_made_is_a_page_not_an_error(token, client, db):
    assert client.get(f"/preview/{token}/").status_code == 404


def test_a_preview_sets_no_cookie_and_is_at_no_public_address(submission, writer, client):
    link = publishing.share_preview(submission, writer, made_for="A college")
    assert not client.get(f"/preview/{link.token}/").cookies
    for address in ("/guidance/guidance-for-tests/", "/guidance/guidance-for-tests/updates/", "/sitemap.xml"):
        assert "hippogriff" not in client.get(address).content.decode()


def test_the_log_keeps_tokens_out():
    record = logging.LogRecord("django", 30, "", 1, "Not Found: %s", ("/preview/secret-token/categories/",), None)
    NoSecrets().filter(record)
    assert record.getMessage() == "Not Found: /preview/…"


# What is no page of a preview travels like one: it may name a draft as well


KEPT_NOWHERE = {
    "Cache-Control": "no-store, private",
    "X-Robots-Tag": "noindex, nofollow",
    "Referrer-Policy": "no-referrer",
}


def travels_unkept(response) -> bool:
    return {name: response.get(name) for name in KEPT_NOWHERE} == KEPT_NOWHERE


@pytest.mark.parametrize("kind", ["link", "submission", "working copy"])
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("categories/level-3-adults-onl/", 404),  # which suggests the draft's title
        ("categories/level-3-adults-only", 301),
        ("updates/99/", 404),
        ("nothing/", 404),
    ],
)
def test_errors_and_redirects_of_a_preview_are_kept_nowhere(address, status, kind, submission, writer, client):
    if kind != "link":
        client.force_login(writer)
    response = client.get(addresses(submission, writer)[kind] + address)
    assert response.status_code == status
    assert travels_unkept(response)


@pytest.mark.parametrize("kind", ["link", "submission", "working copy"])
def test_neither_is_what_a_preview_refuses(kind, submission, writer, client):
    base = addresses(submission, writer)[kind]
    if kind != "link":
        assert travels_unkept(client.get(base))  # to the sign-in page
        client.force_login(make_user("plain"))
        refused = client.get(base)
        assert refused.status_code == 403
        assert travels_unkept(refused)
        client.force_login(writer)
    refused = client.post(base)
    assert refused.status_code == 405
    assert travels_unkept(refused)


def test_neither_is_the_failure_of_a_preview(submission, writer, client, monkeypatch):
    def fail(*args, **options):
        raise RuntimeError("Broken for the test")

    base = addresses(submission, writer)["link"]
    monkeypatch.setattr("categories.public.pages.filters.parse", fail)
    client.raise_request_exception = False
    response = client.get(base)
    assert response.status_code == 500
    assert travels_unkept(response)


def test_public_pages_are_kept_as_before(guidance, client):
    for address in ("/", "/guidance/guidance-for-tests/", "/guidance/guidance-for-tests/nothing/", "/admin/login/"):
        response = client.get(address)
        assert "X-Robots-Tag" not in response
        assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "address", ["", "categories/level-3-adults-onl/", "categories/level-3-adults-only/", "nothing/"]
)
def test_a_link_that_is_over_names_nothing_of_the_draft(address, guidance, writer, client):
    category = guidance.category_set.get()
    category.title = "Hippogriff"
    with saving(by=writer, why="A draft"):
        category.save()
    submission = publishing.submit(guidance, writer, change_note="A hippogriff.")
    link = publishing.share_preview(submission, writer, made_for="A college")
    shown = client.get(f"/preview/{link.token}/categories/level-3-adults-onl/").content.decode()
    assert "Hippogriff" in shown  # while it works
    publishing.revoke_preview(link, writer)
    response = client.get(f"/preview/{link.token}/{address}")
    assert response.status_code == 404
    assert "ippogriff" not in response.content.decode()
    assert travels_unkept(response)
