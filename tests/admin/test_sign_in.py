"""Signing in over HTTP: password, second step, limits, sessions, and what the logs keep of it."""

import re
from datetime import timedelta
from io import StringIO
from urllib.parse import unquote
from uuid import uuid4

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.hashers import check_password, identify_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from categories import publishing
from categories.admin import limits
from categories.models import Session, SignInEvent, Tries, User
from tests.factories import make_user
from tests.forms import filled
from tests.mail import written
from tests.sign_in import (
    LOGIN,
    OWN,
    PASSWORD,
    code_of,
    factors_of,
    give_app,
    give_recovery_codes,
    secret_on,
    sign_in,
    wrong_code,
)

pytestmark = pytest.mark.django_db
NEW = "a long enough sentence"
STEP = "/admin/second-step/"


@pytest.fixture
def erin():
    return make_user("erin", "Editor")


@pytest.fixture
def root():
    return make_user("root", is_superuser=True)


@pytest.fixture(autouse=True)
def _as_committed(monkeypatch):
    """What django-allauth does after a commit, it does at once."""
    monkeypatch.setattr("django.db.transaction.on_commit", lambda act, **options: act())


def said(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def is_in(client) -> bool:
    return client.get("/admin/").status_code == 200


def events(account=None) -> list[str]:
    return list(SignInEvent.objects.filter(account=account).values_list("verb", flat=True))


def link_in_mail() -> str:
    return re.findall(r"http://testserver(/admin/set-password/\S+)", written()[-1].body)[-1]


def open_link(client, password=NEW):
    page = client.get(link_in_mail(), follow=True)
    return client.post(page.redirect_chain[-1][0], filled(page, new_password1=password, new_password2=password))


def set_up_app(client) -> str:
    page = client.get(f"{OWN}app/")
    secret = secret_on(page)
    assert client.post(f"{OWN}app/", {"code": code_of(secret)}).status_code == 302
    return secret


# A password alone


def test_a_password_alone_opens_nothing(erin, client):
    assert sign_in(client, "erin").headers["Location"] == "/admin/"
    for address in ("/admin/", "/admin/categories/category/", "/admin/password_change/", "/admin/jsi18n/"):
        assert client.get(address).status_code == 302, address
        assert client.post(address).status_code in (302, 405), address
    assert client.get("/admin/", follow=True).redirect_chain[-1] == (OWN, 302)


@pytest.mark.parametrize("address", ["app/", "passkey/", "recovery-codes/", "recovery-codes/new/", "app/remove/"])
def test_nor_does_it_set_up_a_second_step(address, erin, client):
    sign_in(client, "erin")
    for method in (client.get, client.post):
        assert method(f"{OWN}{address}").headers["Location"] == OWN
    assert factors_of(erin) == []
    assert "Have a link sent to your address" in said(client.get(OWN))
    assert "Where you are signed in" not in said(client.get(OWN))


def test_the_way_in_is_a_link_to_ones_own_address(erin, client):
    sign_in(client, "erin")
    assert "on its way to erin@example.org" in said(client.post(f"{OWN}link/"))
    assert written()[-1].to == "erin@example.org"
    fresh = Client()
    assert open_link(fresh).status_code == 302
    sign_in(fresh, "erin", NEW)
    secret = set_up_app(fresh)
    assert factors_of(erin) == ["recovery_codes", "totp"]
    assert is_in(fresh)
    codes = re.findall(r"<li><code>(\d{8})</code>", fresh.get(f"{OWN}recovery-codes/").content.decode())
    assert len(codes) == 10
    assert not re.findall(r"\d{8}", fresh.get(f"{OWN}recovery-codes/").content.decode().split("<main")[1])
    assert [event.what for event in erin.events.filter(verb="factor")] == ["An authenticator app was set up"]
    assert "An authenticator app was set up" in written()[-1].body
    again = Client()
    sign_in(again, "erin", NEW)
    assert not is_in(again)
    assert again.post(STEP, {"code": code_of(secret, 1)}).status_code == 302
    assert is_in(again)


def test_the_link_sets_up_no_second_step_for_somebody_who_has_one(erin, client):
    give_app(erin)
    publishing.accounts.send_own_link(erin)
    open_link(client)
    sign_in(client, "erin", NEW)
    assert client.get(f"{OWN}app/").headers["Location"] == LOGIN + f"?next={OWN}app/"
    assert not is_in(client)


def test_whoever_has_no_address_is_told_whom_to_ask(client):
    User.objects.create_user("nora", "", PASSWORD, is_staff=True)
    sign_in(client, "nora")
    response = client.post(f"{OWN}link/")
    assert response.status_code == 409
    assert "Your account has no e-mail address" in said(response)


# The second step


def test_it_counts_for_the_session_that_passed_it(erin, client):
    secret = give_app(erin)
    sign_in(client, "erin")
    client.post(STEP, {"code": code_of(secret)})
    assert is_in(client)
    other = Client()
    sign_in(other, "erin")
    assert not is_in(other)
    assert other.get(STEP).status_code == 200


@pytest.mark.parametrize("where", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.org"])
def test_nobody_is_led_elsewhere(where, erin, client):
    secret = give_app(erin)
    client.post(LOGIN, {"username": "erin", "password": PASSWORD, "next": where})
    assert client.post(STEP, {"code": code_of(secret), "next": where}).headers["Location"] == "/admin/"
    response = client.get(LOGIN, {"next": where})
    assert response.headers["Location"] == "/admin/"
    for address in ("again/", "again/code/"):
        response = client.post(f"{OWN}{address}", {"password": PASSWORD, "code": code_of(secret, 1), "next": where})
        assert response.headers.get("Location", "/") == "/admin/" or response.status_code == 422


def test_one_is_led_back_to_where_one_was_going(erin, client):
    secret = give_app(erin)
    there = "/admin/categories/category/"
    assert client.get(there).headers["Location"] == f"{LOGIN}?next={there}"
    client.post(LOGIN, {"username": "erin", "password": PASSWORD, "next": there})
    assert client.post(STEP, {"code": code_of(secret)}).headers["Location"] == there


def test_a_code_is_good_once(erin):
    secret = give_app(erin)
    code = code_of(secret)
    for client, status in ((Client(), 302), (Client(), 422)):
        sign_in(client, "erin")
        assert client.post(STEP, {"code": code}).status_code == status
        cache.clear()  # as in another process
    assert "used already" in said(client.post(STEP, {"code": code}))
    assert not is_in(client)


@pytest.mark.parametrize("typed", ["{} {}", "{}-{}", " {}{} "])
def test_nor_is_it_good_again_typed_otherwise(typed, erin):
    secret = give_app(erin)
    code = code_of(secret)
    for text, status in ((code, 302), (typed.format(code[:3], code[3:]), 422)):
        client = Client()
        sign_in(client, "erin")
        cache.clear()
        assert client.post(STEP, {"code": text}).status_code == status


def test_a_recovery_code_works_once_and_its_person_is_told(erin):
    give_app(erin)
    [code, *_] = give_recovery_codes(erin)
    for client, status in ((Client(), 302), (Client(), 422)):
        sign_in(client, "erin")
        assert client.post(STEP, {"code": code}).status_code == status
    assert "A recovery code was used to sign in" in written()[-1].body
    assert SignInEvent.objects.get(verb="in").what == "password, then recovery code"


def test_wrong_codes_lock_the_step_and_no_other_account(erin, root, client):
    secret, other = give_app(erin), give_app(root)
    sign_in(client, "erin")
    answers = [client.post(STEP, {"code": wrong_code(secret)}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 6
    assert "This code is not right" in said(answers[4])
    assert "Too many wrong tries" in said(answers[5])
    assert "Too many wrong tries" in said(client.post(STEP, {"code": code_of(secret)}))
    assert events(erin) == ["factor"] * 5
    another = Client()
    sign_in(another, "root")
    assert another.post(STEP, {"code": code_of(other)}).status_code == 302


def test_secrets_are_not_kept_in_the_clear(erin, settings):
    secret = give_app(erin)
    codes = give_recovery_codes(erin)
    kept = "".join(map(str, Authenticator.objects.values_list("data", flat=True)))
    assert secret not in kept
    assert not any(code in kept for code in codes)
    settings.SECRET_KEY = "another-" * 8
    client = Client()
    sign_in(client, "erin")
    assert client.post(STEP, {"code": code_of(secret)}).status_code == 422


def test_apps_and_recovery_codes_outlive_a_change_of_the_secret_key(erin, settings):
    secret, codes = give_app(erin), give_recovery_codes(erin)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-" * 8, [settings.SECRET_KEY]
    assert passes(code_of(secret))
    call_command("encrypt_again", stdout=StringIO())
    settings.SECRET_KEY_FALLBACKS = []
    assert passes(codes[0])
    settings.SECRET_KEY = "third-key" * 8
    call_command("encrypt_again", stdout=StringIO())  # of which none can be read
    settings.SECRET_KEY = "another-" * 8
    assert passes(codes[1])


def passes(code: str) -> bool:
    client = Client()
    sign_in(client, "erin")
    return client.post(STEP, {"code": code}).status_code == 302


def test_nobody_is_left_without_a_second_step(erin, client):
    secret = give_app(erin)
    sign_in(client, "erin")
    client.post(STEP, {"code": code_of(secret)})
    assert client.post(f"{OWN}app/remove/").status_code == 422
    assert factors_of(erin) == ["totp"]


def test_how_one_signs_in_changes_only_soon_after_one_has_shown_who_one_is(erin, client):
    secret = give_app(erin)
    sign_in(client, "erin")
    client.post(STEP, {"code": code_of(secret)})
    before = client.session.session_key
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        again = client.get(f"{OWN}recovery-codes/new/").headers["Location"]
        assert unquote(again) == f"{OWN}again/?next={OWN}recovery-codes/new/"
        assert client.post(again, {"password": "wrong"}).status_code == 422
        assert client.post(again, {"password": PASSWORD}).headers["Location"] == f"{OWN}recovery-codes/new/"
        assert client.session.session_key != before
        assert client.post(f"{OWN}recovery-codes/new/").status_code == 302
    assert events(erin) == ["in", "failed"]


# Lost


def test_the_way_back_from_a_lost_second_step(erin, root, client):
    give_app(erin)
    held = Client()
    held.force_login(erin)
    client.force_login(root)
    page = f"/admin/categories/user/{erin.pk}"
    assert "Remove the second steps" in said(client.get(f"{page}/change/"))
    assert client.post(f"{page}/end-factors/").status_code == 302
    assert factors_of(erin) == []
    assert not is_in(held)
    assert not sign_in(Client(), "erin").has_header("Location")
    assert [event.verb for event in erin.events.all()][-2:] == ["no-factors", "link"]
    assert User.objects.get(pk=erin.pk).is_vouched_for
    back = Client()
    open_link(back)
    sign_in(back, "erin", NEW)
    set_up_app(back)
    assert is_in(back)


@pytest.mark.parametrize("who", ["root", "erin"])
def test_nobody_removes_their_own_nor_an_editor_anothers(who, erin, root, client):
    give_app(root)
    client.force_login(User.objects.get(username=who))
    assert client.post(f"/admin/categories/user/{root.pk}/end-factors/").status_code in (403, 409)
    assert factors_of(root) == ["totp"]


def test_whoever_runs_the_site_gets_the_only_superuser_back(root, capsys, client):
    give_app(root)
    call_command("reset_sign_in", "root")
    link = re.search(r"http://testserver(\S+)", capsys.readouterr().out)[1]
    assert factors_of(root) == []
    page = client.get(link, follow=True)
    client.post(page.redirect_chain[-1][0], filled(page, new_password1=NEW, new_password2=NEW))
    sign_in(client, "root", NEW)
    set_up_app(client)
    assert is_in(client)
    assert root.events.filter(why="From the shell", verb="no-factors").exists()


# Limits


def test_five_wrong_passwords_lock_a_name_at_an_address_alone(erin, root, client):
    answers = [sign_in(client, "erin", "wrong") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert 0 < int(answers[5].headers["Retry-After"]) <= 15 * 60
    assert re.search(r"Try again after \d+(:\d\d)?[ap]m", said(answers[5]))
    assert sign_in(client, "erin").status_code == 429
    assert sign_in(client, "root").status_code == 302
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), "erin").status_code == 302
    assert events(erin) == ["failed"] * 5 + ["refused", "in"]
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert sign_in(client, "erin").status_code == 302


def test_a_name_is_locked_from_any_address_in_the_end_and_a_link_opens_it(erin):
    for number in range(50):
        assert sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), "ERIN", "wrong").status_code == 200
    assert sign_in(Client(REMOTE_ADDR="198.51.100.1"), "erin").status_code == 429
    publishing.accounts.send_own_link(erin)
    client = Client(REMOTE_ADDR="198.51.100.1")
    open_link(client)
    assert sign_in(client, "erin", NEW).status_code == 302


def known_browser_of(account) -> Client:
    """A browser in which the account has signed in before, which is signed out now."""
    client = Client(REMOTE_ADDR="203.0.113.5")
    secret = give_app(account)
    sign_in(client, account.username)
    client.post(STEP, {"code": code_of(secret, -1)})
    client.post("/admin/logout/")
    client.secret = secret
    return client


def test_guesses_elsewhere_do_not_lock_a_name_in_its_own_browser(erin, root):
    own = known_browser_of(erin)
    for number in range(50):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), "erin", "wrong")
    thief = Client(REMOTE_ADDR="198.51.100.1")
    assert sign_in(thief, "erin").status_code == 429
    assert sign_in(own, "erin").status_code == 302
    assert own.post(STEP, {"code": code_of(own.secret)}).status_code == 302
    own.post("/admin/logout/")
    assert [sign_in(own, "erin", "wrong").status_code for _ in range(6)] == [200] * 5 + [429]
    assert sign_in(own, "root").status_code == 302


def test_nor_do_codes_that_whoever_has_the_password_tries(erin):
    own, thief = known_browser_of(erin), Client()
    sign_in(thief, "erin")
    for _ in range(6):
        thief.post(STEP, {"code": wrong_code(own.secret)})
    assert "Too many wrong tries" in said(thief.post(STEP, {"code": code_of(own.secret)}))
    sign_in(own, "erin")
    assert own.post(STEP, {"code": code_of(own.secret, 1)}).status_code == 302


def test_the_right_password_gives_no_more_tries_of_the_second_step_in_a_known_browser(erin):
    own = known_browser_of(erin)
    statuses = []
    for _ in range(6):
        sign_in(own, "erin")
        statuses.append("Too many" in said(own.post(STEP, {"code": wrong_code(own.secret)})))
    assert statuses == [False] * 5 + [True]


def test_browsers_that_knew_a_password_alone_have_no_tries_of_a_second_step_set_up_later(erin):
    before = [Client(REMOTE_ADDR=f"192.0.2.{number}") for number in range(2)]
    for browser in before:
        sign_in(browser, "erin")
        browser.post("/admin/logout/")
        assert "known-browser" not in browser.cookies
    secret, refused = give_app(erin), []
    for _ in range(3):
        for browser in before:
            sign_in(browser, "erin")
            refused.append("Too many" in said(browser.post(STEP, {"code": wrong_code(secret)})))
    assert refused == [False] * 5 + [True]


def test_whoever_sets_up_a_second_step_has_a_known_browser(erin, client):
    publishing.accounts.send_own_link(erin)
    open_link(client)
    sign_in(client, "erin", NEW)
    assert "known-browser" not in client.cookies
    set_up_app(client)
    client.post("/admin/logout/")
    for number in range(50):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), "erin", "wrong")
    assert sign_in(client, "erin", NEW).status_code == 302


@pytest.mark.parametrize("changed", ["password", "factor"])
def test_a_browser_is_known_no_more_once_what_it_signed_in_with_is_changed(changed, erin):
    own = known_browser_of(erin)
    if changed == "password":
        erin.set_password(NEW)
        erin.save()
    else:
        Authenticator.objects.filter(user=erin, type="totp").delete()
        give_app(erin)
    for number in range(50):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), "erin", "wrong")
    assert sign_in(own, "erin", NEW if changed == "password" else PASSWORD).status_code == 429


@pytest.mark.parametrize("value", ["", "x", "abc.def:1abcde:forged", None])
def test_a_known_browser_cannot_be_made_up(value, erin, root):
    for number in range(50):
        sign_in(Client(REMOTE_ADDR=f"192.0.2.{number}"), "erin", "wrong")
    browser = Client(REMOTE_ADDR="198.51.100.1")
    browser.cookies["known-browser"] = known_browser_of(root).cookies["known-browser"].value if value is None else value
    assert sign_in(browser, "erin").status_code == 429


def test_the_cookie_of_a_known_browser_is_for_the_staff_side_alone(erin):
    cookie = known_browser_of(erin).cookies["known-browser"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/admin/", True, "Lax")
    assert "erin" not in cookie.value


def test_an_address_is_locked_whatever_the_names(erin, client):
    for number in range(100):
        sign_in(client, f"name-{number}", "wrong")
    assert sign_in(client, "erin").status_code == 429
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7"), "erin").status_code == 302


def test_known_and_unknown_names_are_answered_alike(erin):
    def answers(name):
        client = Client()
        found = [sign_in(client, name, "wrong") for _ in range(6)]
        return [(one.status_code, said(one).replace(name, "NAME")) for one in found]

    inactive = User.objects.create_user("ian", password=PASSWORD, is_staff=True, is_active=False)
    reader = User.objects.create_user("rita", password=PASSWORD)
    assert answers("erin") == answers("nobody-of-this-name") == answers(inactive.username) == answers(reader.username)


def test_tries_that_are_refused_fill_no_table(client, monkeypatch):
    monkeypatch.setattr(limits, "OF_ADDRESS", 3)
    monkeypatch.setattr(limits, "OF_NEWS", 2)
    answers = [sign_in(client, f"name-{number}", "wrong").status_code for number in range(20)]
    assert answers == [200] * 3 + [429] * 17
    assert list(SignInEvent.objects.order_by("pk").values_list("verb", flat=True)) == ["failed"] * 3 + ["refused"] * 2
    assert Tries.objects.count() == 3 * 2 + 1 + 2 + 1  # of names admitted, the address, refusals logged, of the address


def test_names_that_are_no_accounts_are_not_kept(client):
    sign_in(client, "my-password-by-mistake", "erin")
    event = SignInEvent.objects.get()
    assert (event.account, event.address, event.verb) == (None, "127.0.0.1", "failed")
    kept = [str(row) for model in (SignInEvent, Tries) for row in model.objects.values_list()]
    assert "my-password-by-mistake" not in "".join(kept)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "198.51.100.9", "127.0.0.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "10.9.9.9, 198.51.100.9", "198.51.100.9"),
        (2, "10.9.9.9, 198.51.100.9, 192.0.2.1", "198.51.100.9"),
        (2, "198.51.100.9", "127.0.0.1"),
        (1, "nonsense", None),
        (1, "", None),
    ],
)
def test_an_address_is_what_trusted_proxies_say(proxies, forwarded, address, client, settings):
    settings.TRUSTED_PROXIES = proxies
    sign_in(client, "erin", "wrong", headers={"X-Forwarded-For": forwarded})
    assert SignInEvent.objects.get().address == address


def test_a_timer_forgets_network_addresses_where_nobody_signs_in(erin, client, capsys):
    sign_in(client, "erin", "wrong")
    with time_machine.travel(timezone.now() + timedelta(days=89)):
        call_command("forget_sign_ins")
    assert SignInEvent.objects.get().address == "127.0.0.1"
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        call_command("forget_sign_ins")
    assert SignInEvent.objects.get().address is None
    assert not Tries.objects.exists()
    assert "Forgotten: 1 network addresses" in capsys.readouterr().out


def test_network_addresses_are_kept_90_days(erin, client):
    sign_in(client, "erin", "wrong")
    with time_machine.travel(timezone.now() + timedelta(days=91)):
        sign_in(client, "erin", "wrong")
    assert list(SignInEvent.objects.values_list("address", flat=True)) == [None, "127.0.0.1"]


# Sessions


def test_a_session_ends_after_30_minutes_without_use(erin, client):
    start = timezone.now()
    client.force_login(erin)
    for minutes, found in ((29, True), (58, True), (89, False)):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert is_in(client) == found, minutes


def test_and_after_12_hours_whatever_the_use(erin, client):
    start = timezone.now()
    client.force_login(erin)
    for minutes in range(20, 12 * 60, 20):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            assert is_in(client)
    with time_machine.travel(start + timedelta(hours=12, seconds=1)):
        assert not is_in(client)


def test_use_is_noted_once_a_minute(erin, client, django_assert_num_queries):
    client.force_login(erin)
    client.get(OWN)
    before = Session.objects.get().session_data
    client.get(OWN)
    assert Session.objects.get().session_data == before
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        client.get(OWN)
    assert Session.objects.get().session_data != before


@pytest.mark.parametrize("way", ["deactivated", "password", "address"])
def test_sessions_end_for_good(way, erin, client):
    client.force_login(erin)
    account = User.objects.get(pk=erin.pk)
    if way == "deactivated":
        account.is_active = False
    elif way == "password":
        account.set_password(NEW)
    else:
        account.email = "other@example.org"
    account.save()
    account.is_active = True
    account.save()
    assert not is_in(client)
    assert not Session.objects.filter(account=account).exists()


def test_whoever_changes_their_password_stays_and_their_other_sessions_end(erin, client):
    other = Client()
    for one in (client, other):
        one.force_login(erin)
    typed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert client.post("/admin/password_change/", typed).status_code == 302
    assert is_in(client)
    assert not is_in(other)


def test_a_session_has_another_key_once_it_may_do_more(erin, client):
    secret = give_app(erin)
    client.get(LOGIN)
    sign_in(client, "erin")
    before = client.cookies["sessionid"].value
    client.post(STEP, {"code": code_of(secret)})
    assert client.cookies["sessionid"].value != before
    fixed = Client()
    fixed.cookies["sessionid"] = before
    assert not is_in(fixed)


def test_one_sees_and_ends_ones_own_sessions_alone(erin, root, client):
    phone = Client(headers={"user-agent": "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"})
    secret = give_app(erin)
    sign_in(phone, "erin")
    phone.post(STEP, {"code": code_of(secret)})
    client.force_login(erin)
    page = client.get(OWN)
    assert "Firefox on Android" in said(page)
    assert phone.session.session_key not in page.content.decode()
    ends = re.findall(r'action="(\S+/end/)"', page.content.decode())
    assert len(ends) == 2
    stranger = Client()
    stranger.force_login(root)
    assert [stranger.post(end).status_code for end in ends] == [404, 404]
    client.post(ends[1])
    assert not is_in(phone)
    assert is_in(client)
    client.post(ends[0])
    assert not is_in(client)
    assert events(erin) == ["in", "ended", "ended"]


def test_one_ends_all_ones_other_sessions_at_once(erin, client):
    others = [Client(), Client()]
    for one in (*others, client):
        one.force_login(erin)
    assert 'value="End all but this one"' in client.get(OWN).content.decode()
    assert client.post(f"{OWN}sessions/end-others/").status_code == 302
    assert is_in(client)
    assert not any(is_in(one) for one in others)
    assert SignInEvent.objects.get(account=erin).what == "By its own person, with all others: 2"


def test_another_session_is_ended_only_soon_after_one_has_shown_who_one_is(erin, client):
    other = Client()
    for one in (other, client):
        one.force_login(erin)
    end = re.findall(r'action="(\S+/end/)"', client.get(OWN).content.decode())[1]
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        for address in (end, f"{OWN}sessions/end-others/"):
            there = client.post(address).headers["Location"]
            assert unquote(there) == f"{OWN}again/?next={address}"
            assert is_in(other)
        assert client.post(there, {"password": PASSWORD}).headers["Location"] == OWN  # and what was asked is done
        assert not is_in(other)


def test_who_looks_after_accounts_ends_the_sessions_of_another(erin, root, client):
    held = Client()
    held.force_login(erin)
    client.force_login(root)
    page = f"/admin/categories/user/{erin.pk}"
    assert "End their sessions" in said(client.get(f"{page}/change/"))
    assert client.post(f"{page}/end-sessions/").status_code == 302
    assert not is_in(held)
    assert SignInEvent.objects.get(account=erin).what == "By root: 1"
    assert client.post(f"{page}/end-sessions/").status_code == 409
    assert client.post(f"/admin/categories/user/{root.pk}/end-sessions/").status_code == 409


def test_whoever_runs_the_site_signs_everybody_out(erin, root, capsys):
    clients = {account: Client() for account in (erin, root)}
    for account, one in clients.items():
        one.force_login(account)
    call_command("end_sessions", "erin")
    assert [is_in(one) for one in clients.values()] == [False, True]
    call_command("end_sessions")
    assert not is_in(clients[root])
    assert capsys.readouterr().out == "Sessions ended: 1.\n" * 2
    with pytest.raises(CommandError, match="no user “ned”"):
        call_command("end_sessions", "ned")


def test_removing_a_second_step_ends_the_other_sessions(settings, erin, client):
    give_app(erin)
    settings.SECOND_FACTOR = "offered"
    other = Client()
    for one in (other, client):
        one.force_login(erin)
    assert client.post(f"{OWN}app/remove/").status_code == 302
    assert is_in(client)
    assert not is_in(other)


def test_the_last_sign_in_is_shown_with_what_failed_since(erin):
    secret = give_app(erin)
    start = timezone.now()
    for minutes in (0, 60):
        with time_machine.travel(start + timedelta(minutes=minutes)):
            client = Client()
            if minutes:
                sign_in(client, "erin", "wrong")
            sign_in(client, "erin")
            assert client.post(STEP, {"code": code_of(secret)}).status_code == 302
            page = said(client.get("/admin/"))
            assert ("You last signed in at" in page) == bool(minutes)
    assert "from 127.0.0.1" in page
    assert "Since then somebody failed to sign in as you 1 time." in page


def test_sessions_that_are_over_do_not_stay(erin, client):
    client.force_login(erin)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        sign_in(Client(), "erin", "wrong")
    assert not Session.objects.filter(account=erin).exists()


def test_signing_in_and_out_is_logged_and_shown(erin, root, client):
    secret = give_app(erin)
    sign_in(client, "erin")
    assert events(erin) == []
    client.post(STEP, {"code": code_of(secret)})
    assert "Signed in at" in said(client.get(OWN))
    assert "password, then authenticator app" in said(client.get(OWN))
    client.post("/admin/logout/")
    assert events(erin) == ["in", "out"]
    client.force_login(root)
    assert "Signed out at" in said(client.get(f"/admin/categories/user/{erin.pk}/change/"))


# A form that is open when the session ends


def send_too_late(client, account, **typed):
    client.force_login(account)
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        return client.post("/admin/categories/user/add/", typed, follow=True)


def test_what_is_sent_too_late_is_kept_and_sent_again_by_its_person(root, client):
    secret = give_app(root)
    page = send_too_late(client, root, username="ada", email="ada@example.org", is_staff="on")
    assert "What you sent was not saved. It is kept" in said(page)
    assert not User.objects.filter(username="ada").exists()
    with time_machine.travel(timezone.now() + timedelta(minutes=32)):
        sign_in(client, "root")
        page = client.post(STEP, {"code": code_of(secret)}, follow=True)
        assert page.redirect_chain[-1][0] == "/admin/unsent/"
        assert "ada@example.org" in page.content.decode()
        assert not User.objects.filter(username="ada").exists()
        client.post("/admin/categories/user/add/", dict(page.context["unsent"]["typed"]))
    assert User.objects.filter(username="ada").exists()


@pytest.mark.parametrize("by_itself", ["preview/", "{}/preview/", "{}/open/"])
def test_what_a_page_sends_by_itself_comes_in_between(root, client, by_itself):
    secret, record = give_app(root), uuid4()
    address = f"/admin/categories/category/{by_itself.format(record)}"
    client.force_login(root)
    with time_machine.travel(timezone.now() + timedelta(minutes=31)):
        on_its_way = Client()
        on_its_way.cookies.load({settings.SESSION_COOKIE_NAME: client.session.session_key})
        assert "What you sent was not saved" not in said(client.post(address, {"aim": "Half"}, follow=True))
        page = client.post(f"/admin/categories/category/{record}/change/", {"aim": "Whole"}, follow=True)
        assert "What you sent was not saved. It is kept" in said(page)
        client.post(address, {"aim": "Later"})
        client.post("/admin/logout/")
        client.post(f"/admin/categories/category/{record}/change/", {"aim": "x" * 300_001})
        assert settings.SESSION_COOKIE_NAME not in on_its_way.post(address, {"aim": "Half"}).cookies
        sign_in(client, "root")
        page = client.post(STEP, {"code": code_of(secret)}, follow=True)
        assert page.context["unsent"]["typed"] == [["aim", "Whole"]]
        assert page.context["unsent"]["where"].endswith("/change/")


def test_nobody_else_gets_it(root, erin, client):
    secret = give_app(erin)
    send_too_late(client, root, username="ada", email="ada@example.org")
    with time_machine.travel(timezone.now() + timedelta(minutes=32)):
        sign_in(client, "erin")
        assert client.post(STEP, {"code": code_of(secret)}).headers["Location"] == "/admin/"
        assert client.get("/admin/unsent/").status_code == 404


@pytest.mark.parametrize("typed", [{"new_password1": "a secret"}, {"text": "x" * 300_001}])
def test_neither_passwords_nor_too_much_is_kept(typed, root, client):
    page = send_too_late(client, root, **typed)
    assert "What you sent was not saved. If your browser still has it" in said(page)
    assert "a secret" not in str(client.session.items())


def test_nor_is_anything_of_a_stranger(client):
    page = client.post("/admin/categories/user/add/", {"text": "a stranger’s"}, follow=True)
    assert "What you sent was not saved." in said(page)
    assert client.session["unsent"]["typed"] == []


def test_nor_is_a_session_begun_for_what_a_page_of_theirs_sends_by_itself(client):
    assert client.post(f"/admin/categories/category/{uuid4()}/open/").status_code == 302
    assert not Session.objects.exists()


def test_strangers_do_not_fill_the_table_of_sessions():
    for _ in range(30):
        assert Client().post("/admin/categories/user/add/", {"text": "a stranger’s"}).status_code == 302
    assert Session.objects.count() == 20
    old = Session.objects.first().session_key
    for _ in range(30):  # with the cookie of a session that is over but was nobody's
        with time_machine.travel(timezone.now() + timedelta(minutes=14), tick=False):
            Session.objects.update(expire_date=timezone.now())
            client = Client()
            client.cookies[settings.SESSION_COOKIE_NAME] = old
            client.post("/admin/categories/user/add/", {"text": "a stranger’s"})
    assert Session.objects.count() == 20
    page = Client(REMOTE_ADDR="192.0.2.7").post("/admin/categories/user/add/", {"text": "another’s"}, follow=True)
    assert "What you sent was not saved." in said(page)


@pytest.mark.parametrize("what, most", [("change", 60), ("open", 0)])
def test_nor_does_whoever_has_the_cookie_of_an_ended_session(root, client, what, most):
    client.force_login(root)
    ended = client.session.session_key
    with time_machine.travel(timezone.now() + timedelta(minutes=31), tick=False):
        for _ in range(most + 5):
            client.cookies[settings.SESSION_COOKIE_NAME] = ended
            answer = client.post(f"/admin/categories/category/{uuid4()}/{what}/", {"text": "x" * 1000})
            assert answer.status_code == 302
    assert Session.objects.exclude(session_key=ended).count() == most


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_cookie_can_say_anything(method, client):
    client.cookies.load(f'{settings.SESSION_COOKIE_NAME}="{"a" * 32}\\000"')
    assert client.cookies[settings.SESSION_COOKIE_NAME].value.endswith("\0")
    with CaptureQueriesContext(connection) as asked:
        assert getattr(client, method)("/admin/categories/user/add/").status_code == 302
    assert not [query for query in asked if "\0" in query["sql"]]


# Passwords


@pytest.mark.parametrize(
    "password",
    ["guidance1", "elevenchars", "password1234", "123456789012", "Guidance2025!", "skills-england-guidance"],
)
def test_a_password_that_can_be_guessed_is_refused(password, erin):
    with pytest.raises(ValidationError):
        validate_password(password, erin)


@pytest.mark.parametrize("password", ["correct horse battery", "guidance for my brown cow", "x" * 3 + "ß€ 漢字 q7!vb"])
def test_others_are_not(password, erin):
    validate_password(password, erin)


def test_passwords_are_hashed_by_argon2_at_a_written_cost(settings, erin, client):
    pbkdf2 = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
    settings.PASSWORD_HASHERS = ["categories.models.passwords.Argon2", pbkdf2]
    kept = make_password(NEW)
    assert kept.startswith("argon2$argon2id$v=19$m=65536,t=3,p=4$")
    old = make_password(NEW, hasher="pbkdf2_sha256")
    erin.password = old
    erin.save(update_fields=["password"])
    sign_in(client, "erin", NEW)
    now = User.objects.get(pk=erin.pk).password
    assert identify_hasher(now).algorithm == "argon2"
    assert check_password(NEW, now)


# Headers


def test_no_answer_to_staff_is_kept(erin, client):
    client.force_login(erin)
    for address in ("/admin/", OWN, "/admin/nothing/", "/admin/jsi18n/", "/admin/logout/", LOGIN):
        assert client.get(address)["Cache-Control"] == "no-store, private", address


def test_every_post_needs_a_token(erin):
    client = Client(enforce_csrf_checks=True)
    client.force_login(erin)
    for address in ("sessions/end-others/", "", "link/",
                    "app/", "app/remove/", "passkey/", "passkey/1/remove/", "recovery-codes/new/",
                    "again/", "again/code/", "again/passkey/", "sessions/x/end/"):  # fmt: skip
        assert client.post(f"{OWN}{address}").status_code == 403, address
    for address in (LOGIN, STEP, "/admin/logout/"):
        assert client.post(address).status_code == 403, address


@pytest.mark.parametrize(
    ("host", "works"), [("localhost:8000", True), ("127.0.0.1:8000", False), ("[::1]:8000", False)]
)
def test_at_a_network_address_one_is_led_to_where_passkeys_work(host, works, erin, client, settings):
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    client.force_login(erin)
    page = said(client.get(f"{OWN}passkey/", headers={"host": host}))
    assert (f"Go on at http://testserver{OWN}passkey/" in page) != works


def test_offered_says_so_on_every_page_and_lets_the_password_in(settings, erin, client):
    settings.SECOND_FACTOR = "offered"
    sign_in(client, "erin")
    for address in ("/admin/", "/admin/categories/category/", "/admin/password_change/", OWN):
        assert "This site asks for no second step" in said(client.get(address)), address
    assert "Started with SECOND_FACTOR=required, it asks everybody for one" in said(Client().get(LOGIN))
    secret = set_up_app(client)
    other = Client()
    sign_in(other, "erin")
    assert not is_in(other)
    assert other.post(STEP, {"code": code_of(secret, 1)}).status_code == 302
