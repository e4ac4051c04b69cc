"""Feedback: asked for on every page without cookies or names, kept from spam, and read by staff."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from categories.content.schema import Content
from categories.models import Feedback
from tests import factories
from tests.factories import london, make_user
from tests.html import Page

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
NOW = london(2027, 3, 3, 12)


@pytest.fixture
def content(fixture_content: Content) -> Content:
    factories.publish(fixture_content)
    return fixture_content


def send(client: Client, moment: Any = NOW, headers: Any = None, **said: str) -> Any:
    with time_machine.travel(moment, tick=False):
        return client.post("/feedback/", {"about": G, "edition": "1"} | said, headers=headers)


def test_every_page_asks_and_says_which_it_is(client: Client, content: Content) -> None:
    for address in (G, f"{G}updates/1/", f"{G}on/2026-01-01/find/", "/privacy/", "/nothing/"):
        page = Page(client.get(address))
        [form] = [form for form in page.all("form") if form.get("action") == "/feedback/"]
        hidden = {field.get("name"): field.get("value") for field in form.iter("input")}
        assert hidden["about"] == address
        assert hidden.get("edition") == ("1" if address.startswith(G) else None)
        assert [button.get("value") for button in form.iter("button")] == ["yes", "no"]
        assert page.links["Report a problem with this page"].startswith("/feedback/?about=/")


@pytest.mark.parametrize(
    "address",
    [
        "/alerts/end/secret/",
        "/alerts/confirm/secret/",
        "/preview/secret/",
        "/Preview/secret/",
        "/ALERTS/secret/",
        "/%2550review/secret/",
        "/preview%252Fsecret/",
    ],
)
def test_an_address_that_is_a_secret_is_not_told(client: Client, content: Content, address: str) -> None:
    assert "/feedback/" not in client.get(address).content.decode()
    send(client, about=address, wrong="It is gone.")
    assert Feedback.objects.get().page == "/"


def test_a_click_is_kept_with_page_and_edition_alone(client: Client, content: Content) -> None:
    answer = send(client, about=f"{G}?level=3#x", useful="no")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/feedback/thanks/")
    assert not answer.cookies and answer.headers["Cache-Control"] == "no-store"
    kept = Feedback.objects.values().get()
    assert (kept["page"], kept["edition"], kept["useful"], kept["at"]) == (G, 1, False, NOW)
    assert set(kept) == {"id", "page", "edition", "useful", "doing", "wrong", "at", "done_at", "done_by_id"}
    Page(client.get("/feedback/thanks/"))


def test_a_problem_is_reported(client: Client, content: Content) -> None:
    page = Page(client.get(f"/feedback/?about={G}&edition=1"))
    assert page.links[G] == G
    send(client, doing="I looked <for> a level.", wrong="It is\r\nnot there.\x00")
    kept = Feedback.objects.get()
    assert (kept.doing, kept.wrong, kept.useful) == ("I looked <for> a level.", "It is\nnot there.\ufffd", None)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({}, "Enter what went wrong"),
        ({"wrong": " \u200b "}, "Enter what went wrong"),
        ({"wrong": "x" * 1201}, "must be 1200 characters or fewer"),
        ({"wrong": "x", "doing": "x" * 1201}, "must be 1200 characters or fewer"),
        ({"useful": "perhaps"}, "Enter what went wrong"),
    ],
)
def test_what_is_wrong_with_a_report_is_said(client: Client, content: Content, said: Any, sentence: str) -> None:
    answer = send(client, **said)
    assert answer.status_code == 422 and sentence in Page(answer).text
    assert not Feedback.objects.exists()


@pytest.mark.parametrize("about", ["", "x", "https://evil.example/", "/\x00", "/" + "x" * 3000])
@pytest.mark.parametrize("edition", ["", "x", "-1", "9" * 30, "\u0661"])
def test_any_page_can_be_named(client: Client, content: Content, about: str, edition: str) -> None:
    assert send(client, about=about, edition=edition, useful="yes").status_code == 302
    kept = Feedback.objects.get()
    assert kept.page.startswith("/") and len(kept.page) <= 500 and kept.edition is None
    with time_machine.travel(NOW, tick=False):
        Page(client.get("/feedback/", {"about": about, "edition": edition}))


def test_spam_is_kept_out(client: Client, content: Content) -> None:
    assert send(client, wrong="Buy this", website="https://spam.example").status_code == 302
    assert not Feedback.objects.exists()
    assert send(client, wrong="x", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    for _ in range(20):
        assert send(client, useful="yes").status_code == 302
    answer = send(client, wrong="Once more")
    assert answer.status_code == 429 and "Try again from 1pm" in Page(answer).text and "Once more" in Page(answer).text
    assert Feedback.objects.count() == 20
    assert send(client, NOW + timedelta(hours=1), wrong="Once more").status_code == 302


def test_staff_read_it_mark_it_done_and_take_it_along(client: Client, content: Content) -> None:
    send(client, useful="yes")
    send(client, useful="no")
    send(client, wrong="=It is out of date")
    report = Feedback.objects.problems().get()
    client.force_login(make_user("writer", "Writer"))
    assert "=It is out of date" in client.get("/admin/").content.decode()
    assert "1 report" in client.get("/admin/categories/feedback/?state=open").content.decode()
    rows = client.get("/admin/categories/feedback/pages/").context["rows"]
    assert list(rows) == [{"page": G, "edition": 1, "yes": 1, "no": 1, "open": 1, "done": 0}]
    client.post(f"/admin/categories/feedback/{report.pk}/done/")
    report.refresh_from_db()
    assert report.done_by.username == "writer"
    assert "=It is out of date" not in client.get("/admin/").content.decode()
    text = client.get("/admin/categories/feedback/export/").content.decode("utf-8-sig")
    heading, *found = csv.reader(io.StringIO(text))
    assert heading[:3] == ["Page", "Edition", "Useful"] and [row[2] for row in found] == ["Yes", "No", ""]
    assert found[2][4] == "'=It is out of date" and found[2][6]
    client.post(f"/admin/categories/feedback/{report.pk}/done/", {"open": ""})
    assert Feedback.objects.open().count() == 1
