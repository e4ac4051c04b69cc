"""The organisation’s own sign-in, with a real OpenID provider on this machine: who gets in by it, and as whom."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from oidc_provider_mock import User as Person
from oidc_provider_mock import run_server_in_thread

from categories import publishing
from categories.models import SignInEvent, User
from tests.factories import make_user
from tests.mail import written
from tests.sign_in import LOGIN, OWN, give_app, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]  # the provider’s own
BEGIN = f"{LOGIN}organisation/"


def person(sub: str, email: str, **claims: Any) -> Person:
    return Person(sub=sub, claims={"email": email, "email_verified": True, "preferred_username": sub} | claims)


PEOPLE = [
    person("erin", "erin@example.org"),
    person("Erin Capital", "ERIN@example.org"),
    person("erin-with-mfa", "erin@example.org", amr=["pwd", "mfa"]),
    person("mallory", "mallory@example.org", amr=["mfa"]),
    person("text-true", "erin@example.org", email_verified="true"),
    person("text-false", "erin@example.org", email_verified="false"),
    person("unverified", "erin@example.org", email_verified=False),
]


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    with run_server_in_thread(user_claims=PEOPLE, access_token_max_age=timedelta(minutes=5)) as server:
        yield f"http://127.0.0.1:{server.server_port}"


@pytest.fixture(autouse=True)
def _organisation(provider, settings):
    app = {"provider_id": "organisation", "name": "Example", "client_id": "the-site", "secret": "its-secret"}
    app["settings"] = {"server_url": provider}
    settings.OIDC_ISSUER, settings.OIDC_NAME, settings.OIDC_HAS_SECOND_FACTOR = provider, "example", False
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}


@pytest.fixture
def erin():
    return make_user("erin", "Editor")


def come_by(client: Client, sub: str, query: str = "", **typed: str) -> Any:
    """Press the button, say who one is at the provider, and come back; return the answer and what follows it."""
    there = client.post(f"{BEGIN}{query}", typed).headers["Location"]
    back = requests.post(there, data={"sub": sub}, allow_redirects=False, timeout=10).headers["Location"]
    return client.get(f"{urlsplit(back).path}?{urlsplit(back).query}", follow=True)


def account_of(client: Client) -> User | None:
    return User.objects.filter(pk=client.session.get("_auth_user_id")).first()


def test_an_address_that_is_verified_says_whose_account_it_is(erin, client):
    come_by(client, "erin")
    assert account_of(client) == erin
    assert "The organisation’s own sign-in was connected" in written()[-1].body
    assert SignInEvent.objects.get().what == "your organisation’s sign-in"
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == OWN  # a second step is to be set up


@pytest.mark.parametrize(("sub", "is_let_in"), [("text-true", True), ("text-false", False), ("unverified", False)])
def test_only_what_says_so_is_verified(sub, is_let_in, erin, client):
    page = come_by(client, sub)
    assert (account_of(client) == erin) == is_let_in
    assert ("does not say that your e-mail address is yours" in page.content.decode()) != is_let_in


@pytest.mark.parametrize("way", ["?process=connect", "?process=redirect&next=/admin/", "typed"])
def test_nobody_connects_themselves_with_another_account(way, erin, client, settings):
    """Who has a password alone would else pass the second step by their own sign-in at the provider."""
    settings.OIDC_HAS_SECOND_FACTOR = True
    sign_in(client, "erin")
    assert account_of(client) == erin
    if way == "typed":
        come_by(client, "mallory", process="connect")
    else:
        come_by(client, "mallory", way)
    assert not SocialAccount.objects.filter(user=erin).exists()
    come_by(client, "mallory")
    assert account_of(client).email == "mallory@example.org"


def test_a_second_person_with_the_same_address_is_somebody_else(erin, client):
    come_by(client, "erin")
    page = come_by(Client(), "Erin Capital")
    assert "cannot tell your account" in page.content.decode()
    assert SocialAccount.objects.filter(user=erin).count() == 1


@pytest.mark.parametrize("way", ["another address", "deactivated and back", "second steps removed"])
def test_a_connection_ends_with_what_it_stood_on(way, erin, client):
    root = make_user("root", is_superuser=True)
    come_by(client, "erin")
    if way == "second steps removed":
        give_app(erin)
    if way == "another address":
        publishing.change_account(erin, root, {"email": "elsewhere@example.org"})
    elif way == "second steps removed":
        publishing.end_factors(erin, root)
    else:
        publishing.deactivate(erin, root)
        publishing.reactivate(erin, root)
    assert not SocialAccount.objects.filter(user=erin).exists()
    come_by(other := Client(), "erin")
    assert (account_of(other) == erin) == (way != "another address")


def test_an_address_that_was_anothers_makes_a_new_account(erin, client):
    come_by(client, "erin")
    publishing.change_account(erin, make_user("root", is_superuser=True), {"email": "elsewhere@example.org"})
    come_by(other := Client(), "Erin Capital")
    assert account_of(other) not in (None, erin)


def test_an_address_of_two_accounts_is_nobodys(erin, client):
    User.objects.create_user("other", "Erin@example.org", is_staff=True)
    assert "cannot tell your account" in come_by(client, "erin").content.decode()
    assert account_of(client) is None


def test_a_deactivated_account_stays_shut(erin, client):
    erin.is_active = False
    erin.save()
    assert "Your account here is deactivated" in come_by(client, "erin").content.decode()
    assert account_of(client) is None


@pytest.mark.parametrize(("sub", "believed", "is_in"), [
    ("erin-with-mfa", True, True),
    ("erin", True, False),
    ("erin-with-mfa", False, False),
])  # fmt: skip
def test_the_second_step_of_the_provider_counts_where_it_says_so_of_this_sign_in(
    sub, believed, is_in, erin, client, settings
):
    settings.OIDC_HAS_SECOND_FACTOR = believed
    come_by(client, sub)
    assert (client.get("/admin/").status_code == 200) == is_in


def test_whoever_has_a_second_step_here_is_asked_for_it(erin, client):
    give_app(erin)
    assert come_by(client, "erin").redirect_chain[-1][0] == "/admin/second-step/"
    assert account_of(client) is None


def test_a_new_account_has_no_role_and_its_name_is_nobody_elses(client):
    other = make_user("mallory", "Editor")
    other.email = "another@example.org"
    other.save()
    come_by(client, "mallory")
    found = account_of(client)
    assert (found.is_staff, found.is_superuser, found.groups.count(), found.is_vouched_for) == (False, False, 0, False)
    assert found.username != "mallory"
    assert not Authenticator.objects.filter(user=found).exists()


def test_an_answer_of_another_browser_is_refused(erin, client):
    there = client.post(BEGIN).headers["Location"]
    back = requests.post(there, data={"sub": "erin"}, allow_redirects=False, timeout=10).headers["Location"]
    stranger = Client()
    page = stranger.get(f"{urlsplit(back).path}?{urlsplit(back).query}", follow=True)
    assert "You were not signed in with" in page.content.decode() or page.redirect_chain[-1][0] == LOGIN
    assert account_of(stranger) is None


def test_nobody_is_led_elsewhere(erin, client):
    page = come_by(client, "erin", "?next=https://evil.example/")
    assert all(where.startswith("/") for where, _ in page.redirect_chain)


def test_a_provider_that_is_away_leaves_the_password(client, settings):
    app = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"][0]
    app["settings"] = {"server_url": "http://127.0.0.1:9"}
    assert "does not answer" in client.post(BEGIN, follow=True).content.decode()
