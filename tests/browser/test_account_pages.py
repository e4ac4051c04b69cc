"""The pages of accounts in Chromium: accessible on a wide screen and a narrow one, and vouching with the keyboard."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.keyboard import follow
from tests.browser.test_public_pages import NARROW, STANDARDS, TOO_WIDE, WIDE, axe_problems
from tests.server import Server

LINK = """
from categories.models import User
from categories.publishing.accounts import link_to_set_password
print(link_to_set_password(User.objects.get(username="nadia")))
"""
USERS = "/admin/categories/user/"


def account(page: Page, username: str) -> str:
    """The address of the page of an account."""
    page.goto(f"{USERS}?q={username}")
    found = page.get_by_role("link", name=username, exact=True).get_attribute("href")
    assert found
    return found


@pytest.fixture
def link(server: Server) -> str:
    """The address that a message to the newcomer would have."""
    return server.run("manage.py", "shell", "--no-imports", "-c", LINK).strip()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("username", ["ruth", "erin"])
def test_the_pages_of_accounts_are_accessible(
    username, size, page: Page, sign_in: Callable[[str], None], link: str
) -> None:
    page.set_viewport_size(size)
    sign_in(username)
    newcomer = account(page, "nadia")
    pages = ["/admin/", USERS, newcomer, account(page, "erin"), link]
    pages += ["/admin/set-password/MQ/nonsense/", "/admin/set-password/done/"]
    pages += [f"{USERS}add/"] if username == "ruth" else []
    for address in pages:
        page.goto(address)
        assert list(axe_problems(page, STANDARDS)) == [], address
        if "set-password" in address or address == newcomer:
            assert page.evaluate(TOO_WIDE) == [], address


def test_what_is_refused_is_accessible_too(page: Page, sign_in: Callable[[str], None], link: str) -> None:
    sign_in("ruth")
    page.goto(link)
    expect(page).to_have_title(re.compile("^Set your password"))
    page.get_by_label("New password", exact=True).fill("password")
    page.get_by_label("New password confirmation").fill("password")
    page.get_by_role("button", name="Set the password").click()
    expect(page.get_by_text("This password is too common.", exact=True)).to_be_visible()
    expect(page).to_have_title(re.compile("^Error: "))
    assert list(axe_problems(page, STANDARDS)) == []
    page.goto(account(page, "ruth"))
    page.get_by_label("Superuser status").uncheck()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Nobody changes their own roles.")).to_be_visible()
    assert list(axe_problems(page, STANDARDS)) == []


def test_an_editor_vouches_with_the_keyboard(page: Page, sign_in: Callable[[str], None]) -> None:
    sign_in("ed")
    expect(page.get_by_text("Somebody must vouch for nadia")).to_be_visible()
    follow(page, "nadia")
    follow(page, "Vouch for this account", "button")
    expect(page.get_by_text("You have vouched for nadia")).to_be_visible()
    page.goto("/admin/")
    expect(page.get_by_text("Somebody must vouch for nadia")).to_have_count(0)
