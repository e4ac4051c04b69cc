"""The staff's pages in Chromium: accessible, and a change made, submitted and approved with the keyboard alone."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.addresses import G
from tests.browser.keyboard import follow, reach, reach_the
from tests.browser.seed import FIXTURE
from tests.browser.test_public_pages import NARROW, STANDARDS, TOO_WIDE, WIDE, axe_problems
from tests.server import Server

CATEGORY = "level-2-employer-proposed-adults-only"
GUIDANCE = "Technical qualification categories: core aim and relationship to occupational standards"
PROPOSED = "Proposed changes to the technical qualification categories"  # of which a submission waits
AIM = "The aim is for learners to enter an occupation for which employers asked for a qualification."
LISTS = ("guidance", "category", "approvaltest", "submission", "edition")


@pytest.fixture(autouse=True)
def wide(page: Page) -> None:
    page.set_viewport_size(WIDE)


def test_the_page_to_sign_in_is_accessible(page: Page) -> None:
    page.goto("/admin/login/")
    assert list(axe_problems(page, STANDARDS)) == []


@pytest.mark.parametrize("name", LISTS)
def test_lists_and_forms_are_accessible(name: str, page: Page, sign_in: Callable[[str], None]) -> None:
    said: list[str] = []
    sign_in("wendy")
    # Of what a new record still lacks, its preview says so
    page.on("console", lambda message: said.append(message.text) if "status of 422" not in message.text else None)
    page.goto(f"/admin/categories/{name}/")
    first = page.locator("#result_list tbody th a").first.get_attribute("href")
    assert first
    addresses = [page.url, first]
    if name not in {"submission", "edition"}:
        addresses += [f"/admin/categories/{name}/add/", first.replace("change/", "history/")]
    for address in addresses:
        said.clear()
        answer = page.goto(address)
        assert answer and answer.ok
        assert said == [], address
        assert list(axe_problems(page, STANDARDS)) == [], address


@pytest.mark.parametrize("username", ["wendy", "erin"])
def test_the_pages_of_publishing_are_accessible(username: str, page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in(username)
    waiting = page.get_by_role("link", name=re.compile("^Submission")).first.get_attribute("href")
    page.goto("/admin/categories/guidance/")
    guidance = page.get_by_role("link", name=PROPOSED, exact=True).get_attribute("href")
    assert waiting and guidance
    changes = guidance.replace("change/", "changes/")
    for address in ("/admin/", waiting, changes, "/admin/categories/edition/scheduled/"):
        page.set_viewport_size(WIDE)
        page.goto(address)
        assert list(axe_problems(page, STANDARDS)) == [], address
        page.set_viewport_size(NARROW)
        assert page.evaluate(TOO_WIDE) == [], address


UNSENT = """
from datetime import timedelta
from django.utils import timezone
from categories.models import Message
now = timezone.now()
body = "Somebody asks you to look at what waits.\\n\\nhttps://example.org/admin/categories/submission/1/change/"
sent = {"to": "erin@example.org", "body": body, "made_at": now - timedelta(days=4), "due_at": now, "tries": 9}
said = "(550, b'5.1.1 No such user here: " + "erin" * 30 + "')"
first = {"subject": "To approve: edition 5", "message_id": "<1@example.org>"}
Message.objects.create(error=said, given_up_at=now, **first, **sent)
Message.objects.create(subject="Live: edition 4", error="timed out", message_id="<2@example.org>", **sent)
"""


def test_what_could_not_be_sent_is_accessible(page: Page, server: Server, sign_in: Callable[[str], None]) -> None:
    server.run("manage.py", "shell", "-c", UNSENT)
    sign_in("erin")
    expect(page.get_by_text("could not be sent").first).to_be_visible()
    page.goto("/admin/categories/message/")
    addresses = [page.url, page.get_by_role("link", name="To approve: edition 5").get_attribute("href")]
    for address in ("/admin/", *addresses):
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            page.goto(address)
            assert list(axe_problems(page, STANDARDS)) == [], address
            assert page.evaluate(TOO_WIDE) == [], address
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("Waits to be tried again")).to_be_visible()


def test_a_change_goes_from_a_writer_through_an_editor_to_readers(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("wendy")
    follow(page, "Categories")
    reach_the(page, page.locator(f"#result_list a[href*='{identity()}']").first)
    page.keyboard.press("Enter")
    reach(page, "textbox", "Core aim:")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type(AIM)
    reach(page, "textbox", "Internal note: (required)")
    page.keyboard.type("Asked for by employers")
    follow(page, "Save", "button")
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    page.goto("/admin/")
    follow(page, re.compile(f"^1 record of {GUIDANCE}"))
    expect(page.locator("ins").first).to_contain_text("employers asked for a qualification")
    reach(page, "textbox", "Change note")
    page.keyboard.type("Says what the aim of employer-proposed qualifications is.")
    follow(page, "Submit for approval", "button")
    expect(page.get_by_text("waits for approval by a second person")).to_be_visible()

    sign_in("erin")
    follow(page, re.compile(f"^Submission \\d+ of .*{GUIDANCE}"))
    expect(page.locator("ins").first).to_contain_text("employers asked for a qualification")
    follow(page, re.compile("^Approve"), "button")
    expect(page.get_by_text(re.compile(r"Edition 5 .*is live"))).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{G}categories/{CATEGORY}/")
    expect(page.get_by_text(AIM)).to_be_visible()


def identity() -> str:
    """The id of the category, for the other guidance has one of the same title."""
    categories = json.loads(FIXTURE.read_text(encoding="utf-8"))["categories"]
    return next(one["id"] for one in categories if one["slug"] == CATEGORY)
