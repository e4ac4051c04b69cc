"""The whole life of an alert in Chromium, with the letters of a real mail server: asked for, told, changed, ended."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import smtp
from tests.browser.test_public_pages import NARROW, STANDARDS, WIDE, axe_problems, width_problems
from tests.server import Server, serving

G = "/guidance/technical-qualification-categories/"
CATEGORY = "level-2-occupational-entry-16-to-19-and-adults"
PUBLISH = f"""
from django.utils import timezone
from categories.public import resolver
from tests import factories
content = resolver.current("technical-qualification-categories", timezone.now()).content
said = factories.with_category(content, "{CATEGORY}", aim="The aim is a better one.")
factories.publish(said, timezone.now(), change_note="It says the aim better.")
"""
KEPT = """
from categories.models import Follower, Subscription
print(Follower.objects.count(), Subscription.objects.count())
"""


@pytest.fixture
def post() -> Iterator[smtp.Server]:
    with smtp.serving() as found:
        yield found


@pytest.fixture
def site(tmp_path: Path, post: smtp.Server) -> Iterator[Server]:
    settings = {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(post.server_address[1]),
    }
    with serving(tmp_path, "tests.browser.seed", **settings) as found:
        yield found


def check(page: Page) -> None:
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        assert [*axe_problems(page, [*STANDARDS, "best-practice"]), *width_problems(page)] == []
    assert page.context.cookies() == []


def links(post: smtp.Server) -> list[str]:
    """The paths of the links in the newest letter, of those that only its reader has."""
    letter = post.letters[-1]
    plain = letter.get_payload()[0] if letter.is_multipart() else letter
    return list(dict.fromkeys(re.findall(r"https?://[^/\s]+(/alerts/\S+/)", plain.get_payload(decode=True).decode())))


def test_the_life_of_an_alert(page: Page, site: Server, post: smtp.Server) -> None:
    page.goto(f"{site.url}{G}categories/{CATEGORY}/")
    page.get_by_role("link", name="Get e-mail when this category changes").click()
    check(page)
    page.get_by_role("button", name="Get e-mail alerts").click()
    expect(page.get_by_role("alert")).to_contain_text("e-mail address")
    check(page)
    page.get_by_label("E-mail address").fill("ann@example.org")
    page.get_by_role("button", name="Get e-mail alerts").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("e-mail")
    check(page)
    site.run("manage.py", "send_mail_queue")
    [confirm] = links(post)

    page.goto(site.url + confirm)
    check(page)
    page.get_by_role("button").first.click()
    check(page)
    site.run("manage.py", "shell", "-c", PUBLISH)
    site.run("manage.py", "send_alerts")
    site.run("manage.py", "send_mail_queue")
    told = post.letters[-1]
    assert "It says the aim better." in str(told.get_payload()[0].get_payload(decode=True).decode())
    end, change = links(post)

    for link in (confirm, end, change):  # as a scanner of mail would
        assert page.request.get(site.url + link).ok
    assert site.run("manage.py", "shell", "-c", KEPT).split()[-2:] == ["1", "1"]

    page.goto(site.url + change)
    check(page)
    page.get_by_label("Once a week").check()
    page.get_by_role("button", name="Save").first.click()
    expect(page.get_by_text("Your choices are saved")).to_be_visible()
    check(page)
    page.goto(site.url + end)
    check(page)
    assert page.request.post(site.url + end, form={"List-Unsubscribe": "One-Click"}).ok
    assert site.run("manage.py", "shell", "-c", KEPT).split()[-2:] == ["0", "0"]
    assert page.request.get(site.url + end).ok  # for ever
    assert page.request.get(site.url + change).status == 404
