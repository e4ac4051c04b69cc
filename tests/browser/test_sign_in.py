"""Signing in, in Chromium, on a site where the second step is required: each way in, and each way back."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_public_pages import NARROW, STANDARDS, TOO_WIDE, WIDE, axe_problems
from tests.server import STARTS_WITHIN, Server, free_port, serving
from tests.sign_in import code_of

PASSWORD = "a long enough sentence"
OWN = "/admin/how-you-sign-in/"
CATEGORY = "/admin/categories/category/"
END_SESSIONS = """
from django.utils import timezone
from categories.models import Session
print(Session.objects.filter(account__username="{}").update(expire_date=timezone.now()))
"""
CODES = """
from allauth.mfa.models import Authenticator
print(*Authenticator.objects.get(user__username="{}", type="recovery_codes").wrap().get_unused_codes())
"""


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """A real OpenID provider on this machine, which knows erin, and somebody whom the site does not know."""
    port = free_port()
    people = [
        {"sub": name, "email": f"{name}@example.org", "email_verified": verified, "preferred_username": name}
        for name, verified in (("erin", True), ("stranger", True), ("ed", False))
    ]
    claims = [part for one in people for part in ("--user-claims", json.dumps(one))]
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port), *claims]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own
    address = f"http://127.0.0.1:{port}"
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{address}/.well-known/openid-configuration")  # noqa: S310 - our own
            break
        except OSError:
            time.sleep(0.05)
    yield address
    process.terminate()
    process.wait()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, provider: str) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("sign-in")
    settings = {
        "SECOND_FACTOR": "required",
        "ALLOWED_HOSTS": "localhost,127.0.0.1",  # passkeys need a name
        "OIDC_ISSUER": provider,
        "OIDC_CLIENT_ID": "the-site",
        "OIDC_CLIENT_SECRET": "its-secret",
        "OIDC_NAME": "Example",
    }
    with serving(folder, "tests.browser.seed", **settings) as found:
        found.url = found.url.replace("127.0.0.1", "localhost")
        yield found


@pytest.fixture(scope="module")
def browser_context_args(site: Server) -> dict[str, str]:
    return {"base_url": site.url}


def shell(site: Server, code: str) -> str:
    return site.run("manage.py", "shell", "--no-imports", "-c", code).strip()


def start_anew(page: Page, site: Server, name: str) -> None:
    """Open the link that a reset gives, set a password, and sign in with it."""
    link = re.search(r"/admin/set-password/\S+", site.run("manage.py", "reset_sign_in", name))
    assert link
    page.context.clear_cookies()
    page.goto(link[0])
    page.get_by_label("New password", exact=True).fill(PASSWORD)
    page.get_by_label("New password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Set the password").click()
    page.wait_for_url("**/set-password/done/")
    give_password(page, name)


def give_password(page: Page, name: str) -> None:
    page.goto("/admin/login/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def set_up_app(page: Page) -> str:
    page.get_by_role("link", name="Set up an authenticator app").click()
    secret = page.locator("dd code").inner_text().replace(" ", "")
    page.get_by_role("textbox", name="Code").fill(code_of(secret))
    page.get_by_role("button", name="Set up this app").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    return secret


def with_app(page: Page, site: Server, name: str) -> str:
    start_anew(page, site, name)
    return set_up_app(page)


def is_in(page: Page) -> bool:
    page.goto("/admin/")
    return bool(page.get_by_role("heading", name="What needs doing").count())


def give_passkey_holder(page: Page) -> None:
    """Plug in an authenticator that confirms whatever it is asked, as Chromium’s own tests have one."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    options |= {"hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_first_sign_in_with_an_app(page: Page, site: Server) -> None:
    secret = with_app(page, site, "erin")
    assert page.locator(".app-codes li").count() == 10
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", name="What needs doing")).to_be_visible()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    give_password(page, "erin")
    expect(page.get_by_role("heading", name="Your second step")).to_be_visible()
    assert not is_in(page)
    give_password(page, "erin")
    page.get_by_role("textbox", name="Code").fill(code_of(secret, 1))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="What needs doing")).to_be_visible()


def test_a_first_sign_in_with_a_passkey(page: Page, site: Server) -> None:
    give_passkey_holder(page)
    start_anew(page, site, "wendy")
    page.get_by_role("link", name="Set up a passkey").click()
    page.get_by_role("button", name="Make a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    assert is_in(page)
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    give_password(page, "wendy")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", name="What needs doing")).to_be_visible()


def test_a_recovery_code(page: Page, site: Server) -> None:
    with_app(page, site, "ruth")
    [code, *_] = page.locator(".app-codes li").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    give_password(page, "ruth")
    page.get_by_role("textbox", name="Code").fill(code)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="What needs doing")).to_be_visible()


def test_a_lost_second_step_and_the_way_back(page: Page, site: Server) -> None:
    with_app(page, site, "ed")
    with_app(page, site, "ruth")
    page.goto("/admin/categories/user/?q=ed")
    page.get_by_role("link", name="ed", exact=True).click()
    page.get_by_role("heading", name="Remove the second steps").click()
    page.get_by_role("button", name="Remove the second steps").click()
    expect(page.get_by_text("The second steps of Ed Editor are removed.")).to_be_visible()
    page.context.clear_cookies()
    give_password(page, "ed")
    expect(page.get_by_text("The username or the password is wrong")).to_be_visible()
    with_app(page, site, "ed")
    assert is_in(page)


def test_a_session_ends_while_a_form_is_open(page: Page, site: Server) -> None:
    secret = with_app(page, site, "erin")
    page.goto(CATEGORY)
    page.locator("#result_list tbody th a").first.click()
    page.get_by_label("Core aim:").fill("Typed before the end.")
    page.get_by_label("Internal note:").fill("Too late")
    assert shell(site, END_SESSIONS.format("erin")) == "1"
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("What you sent was not saved. It is kept")).to_be_visible()
    assert list(axe_problems(page, STANDARDS)) == []
    page.get_by_label("Username").fill("erin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("textbox", name="Code").fill(code_of(secret, 1))
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send it again").click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()


def by_organisation(page: Page, name: str) -> None:
    page.context.clear_cookies()
    page.goto("/admin/login/")
    page.get_by_role("button", name="Sign in with Example").click()
    page.get_by_role("button", name=name, exact=True).click()


def test_the_organisations_own_sign_in(page: Page, site: Server) -> None:
    site.run("manage.py", "reset_sign_in", "erin")
    by_organisation(page, "erin")
    expect(page.get_by_role("heading", name="How you sign in")).to_be_visible()
    set_up_app(page)
    assert is_in(page)
    by_organisation(page, "erin")
    expect(page.get_by_role("heading", name="Your second step")).to_be_visible()


def test_a_stranger_gets_an_account_without_a_role(page: Page, site: Server) -> None:
    by_organisation(page, "stranger")
    expect(page.get_by_text("is not staff of this site yet")).to_be_visible()
    found = shell(
        site,
        "from categories.models import User; u = User.objects.get(email='stranger@example.org'); "
        "print(u.is_staff, u.has_usable_password(), u.is_vouched_for, [e.why for e in u.events.all()])",
    )
    assert found == "False False False ['By the organisation’s own sign-in']"


def test_an_address_that_is_not_verified_is_nobodys(page: Page, site: Server) -> None:
    by_organisation(page, "ed")
    expect(page.get_by_text("does not say that your e-mail address is yours")).to_be_visible()
    assert not is_in(page)


def test_whoever_says_no_at_the_provider_is_not_signed_in(page: Page, site: Server) -> None:
    page.context.clear_cookies()
    page.goto("/admin/login/")
    page.get_by_role("button", name="Sign in with Example").click()
    page.get_by_role("button", name="Deny").click()
    expect(page.get_by_text("You were not signed in with Example.")).to_be_visible()


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_pages_are_accessible(size, page: Page, site: Server) -> None:
    """And nothing that they need is against the content security policy."""
    said: list[str] = []
    harmless = (
        "status of 422",
        "Autofocus processing was blocked",
    )  # a form with faults; somebody was in a field first
    page.on("console", lambda one: said.append(one.text) if not any(map(one.text.__contains__, harmless)) else None)
    page.set_viewport_size(size)

    def look() -> None:
        assert list(axe_problems(page, STANDARDS)) == [], page.url
        assert page.evaluate(TOO_WIDE) == [], page.url

    give_passkey_holder(page)
    start_anew(page, site, "erin")
    look()
    page.get_by_role("link", name="Set up an authenticator app").click()
    page.get_by_role("textbox", name="Code").fill("12")
    page.get_by_role("button", name="Set up this app").click()
    expect(page.locator("#id_code_error").get_by_text("This code is not right")).to_be_visible()
    expect(page).to_have_title(re.compile("^Error: "))
    look()
    page.goto(OWN)
    set_up_app(page)
    look()
    for address in ("", "app/", "app/remove/", "passkey/", "recovery-codes/", "recovery-codes/new/", "again/",
                    "again/code/"):  # fmt: skip
        page.goto(f"{OWN}{address}")
        look()
    page.goto(f"{OWN}passkey/")
    page.get_by_role("button", name="Make a passkey").click()
    page.wait_for_url(f"**{OWN}")
    page.get_by_role("link", name="Remove Passkey 1").click()
    look()
    page.goto(f"{OWN}again/passkey/")
    look()
    page.context.clear_cookies()
    page.goto("/admin/login/")
    look()
    give_password(page, "erin")
    look()
    assert said == []
