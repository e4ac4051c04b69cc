"""Accounts over HTTP: people, not accounts, approve. Nobody gets round that with a second account or another's."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from categories import publishing
from categories.models import AccountEvent, Submission, User
from categories.models.history import saving
from config.logs import NoSecrets
from tests.factories import make_category, make_guidance, make_user, publish_loaded
from tests.forms import approval, filled
from tests.mail import forget, written

pytestmark = pytest.mark.django_db

ADD = "/admin/categories/user/add/"
PASSWORD = "correct horse battery"
UNVOUCHED = "Nobody has vouched for your account"


@pytest.fixture
def root():
    return make_user("root", is_superuser=True)


@pytest.fixture
def erin():
    return make_user("erin", "Editor")


@pytest.fixture
def own_work(root):
    """What the superuser changed and submitted, and so cannot approve."""
    guidance = make_guidance()
    category = make_category(guidance)
    publish_loaded(guidance)
    with saving(root, "Mine"):
        category.aim = "What the superuser wants."
        category.save()
    return publishing.submit(guidance, root, change_note="Mine.")


@pytest.fixture
def as_(client):
    def sign_in(user: User):
        client.force_login(User.objects.get(pk=user.pk))
        return client

    return sign_in


def page(account: User) -> str:
    return reverse("admin:categories_user_change", args=[account.pk])


def act(client, account: User, verb: str, **data):
    if verb == "vouch":
        data.setdefault("seen", publishing.newest_change(account))
    return client.post(reverse("admin:categories_user_act", args=[account.pk, verb]), data)


def add(client, **typed) -> User:
    typed = {"username": "ada", "email": "ada@example.org", "groups": Group.objects.get(name="Editor")} | typed
    response = client.post(ADD, filled(client.get(ADD), **typed), follow=True)
    assert response.status_code == 200
    return User.objects.get(username=typed["username"])


def change(client, account: User, **typed):
    return client.post(page(account), filled(client.get(page(account)), **typed), follow=True)


def approve(client, submission: Submission):
    url = reverse("admin:categories_submission_act", args=[submission.pk, "approve"])
    return client.post(url, approval(client, submission))


def said(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def last_link() -> str:
    [link] = re.findall(r"http://testserver(/admin/set-password/\S+)", written()[-1].body)
    return link


def set_password(client, link: str, password: str = PASSWORD):
    first = client.get(link, follow=True)
    if not first.redirect_chain:
        return first
    address = first.redirect_chain[-1][0]
    return client.post(address, filled(first, new_password1=password, new_password2=password), follow=True)


def verbs(account: User) -> list[tuple[str, User | None]]:
    return [(event.verb, event.by) for event in account.events.all()]


# One person, two accounts


def test_an_account_that_a_superuser_made_approves_nothing_until_a_second_editor_vouches(root, erin, own_work, as_):
    ada = add(as_(root))
    assert act(as_(root), ada, "vouch").status_code == 409
    response = approve(as_(ada), own_work)
    assert response.status_code == 409
    assert UNVOUCHED in said(response)
    assert "You cannot approve anything yet" in said(as_(ada).get("/admin/"))
    assert f"Somebody must vouch for {ada}" not in said(as_(root).get("/admin/"))
    assert f"Somebody must vouch for {ada}" in said(as_(erin).get("/admin/"))
    assert act(as_(erin), ada, "vouch").status_code == 302
    assert approve(as_(ada), own_work).status_code == 302
    assert verbs(ada) == [("made", root), ("roles", root), ("link", root), ("vouched", erin)]


CHANGES = {"address": {"email": "root@example.com"}, "roles": {"is_superuser": "on"}}


@pytest.mark.parametrize("verb", CHANGES)
def test_nor_does_one_whose_address_or_roles_a_superuser_changed(verb, root, erin, own_work, as_):
    ed = make_user("ed", "Editor")
    response = change(as_(root), ed, **CHANGES[verb])
    assert "Somebody else must vouch for ed before it can approve anything." in said(response)
    forget()
    act(as_(root), ed, "send-link")
    set_password(as_(root), last_link())
    assert approve(as_(ed), own_work).status_code == 409
    refused = act(as_(root), ed, "vouch")
    assert refused.status_code == 409
    assert "so somebody else must vouch for it." in said(refused)
    assert Submission.objects.get(pk=own_work.pk).status == "submitted"
    log = said(as_(root).get(page(ed)))
    assert re.search(rf"{verb.capitalize()} changed by root at", log)
    act(as_(erin), ed, "vouch")
    assert approve(as_(ed), own_work).status_code == 302


@pytest.mark.parametrize("way", ["approve", "reject", "publish-in-emergency", "unschedule", "review-afterwards"])
def test_nobody_who_is_not_vouched_for_decides_anything(way, root, own_work, as_):
    ed = make_user("ed", "Editor")
    change(as_(root), ed, email="ed@example.com")
    if way == "unschedule":
        publishing.approve(own_work, make_user("otto", "Editor"), live_at=timezone.now() + timedelta(days=1))
    if way == "review-afterwards":
        publishing.publish_in_emergency(own_work, root, why="It could not wait.")
    before = list(own_work.events.values_list("verb", flat=True))
    data = {f"{way}-why": "Because.", f"{way}-when": "now"}
    response = as_(ed).post(reverse("admin:categories_submission_act", args=[own_work.pk, way]), data)
    assert response.status_code == 409
    assert UNVOUCHED in said(response)
    assert list(own_work.events.values_list("verb", flat=True)) == before


def test_an_editor_who_is_not_vouched_for_is_not_named_as_one_who_could_approve(root, erin, own_work, as_):
    assert "Who can approve it: erin." in said(as_(root).get(f"/admin/categories/submission/{own_work.pk}/change/"))
    change(as_(root), erin, email="erin@example.com")
    assert "Nobody else can approve this" in said(as_(root).get(f"/admin/categories/submission/{own_work.pk}/change/"))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("address", ["delete/", "password/"])
def test_no_account_is_deleted_and_no_password_set_by_another(method, address, root, erin, as_):
    typed = {"post": "yes", "password1": PASSWORD, "password2": PASSWORD, "usable_password": "true"}
    before = User.objects.get(pk=erin.pk).password
    for by in (root, erin):
        url = page(erin).replace("change/", address)
        response = getattr(as_(by), method)(url, typed)
        assert response.status_code in (403, 404), response.headers.get("Location")
    assert User.objects.get(pk=erin.pk).password == before


def test_no_page_has_a_password_or_its_hash(root, erin, as_):
    for url in (ADD, page(erin)):
        html = as_(root).get(url).content.decode()
        assert 'type="password"' not in html
        assert "md5$" not in html
    data = filled(as_(root).get(page(erin))) | {"password": "!", "password1": PASSWORD, "password2": PASSWORD}
    as_(root).post(page(erin), data)
    assert User.objects.get(pk=erin.pk).check_password("correct horse")


def test_nobody_writes_the_log(root, erin, as_):
    for address in ("accountevent/", "accountevent/add/", f"accountevent/{AccountEvent.objects.first().pk}/change/"):
        assert as_(root).post(f"/admin/categories/{address}").status_code == 404


# The life of an account


def test_the_whole_life_of_an_account(root, erin, client, as_):
    ada = add(as_(root))
    assert not client.login(username="ada", password="")
    client.logout()
    assert "Your password is set" in said(set_password(client, last_link()))
    assert client.login(username="ada", password=PASSWORD)
    act(as_(erin), ada, "vouch")
    old = {"old_password": PASSWORD, "new_password1": "another horse", "new_password2": "another horse"}
    assert as_(ada).post("/admin/password_change/", old).status_code == 302
    act(as_(root), ada, "deactivate")
    assert not client.login(username="ada", password="another horse")
    act(as_(root), ada, "reactivate")
    assert not client.login(username="ada", password="another horse")
    client.logout()
    assert "Your password is set" in said(set_password(client, last_link()))
    assert verbs(ada) == [
        ("made", root),
        ("roles", root),
        ("link", root),
        ("password", ada),
        ("vouched", erin),
        ("password", ada),
        ("deactivated", root),
        ("reactivated", root),
        ("link", root),
        ("password", ada),
    ]
    assert [message.to for message in written()] == ["ada@example.org"] * 8
    log = said(as_(erin).get(page(ada)))
    for line in ("Made by root at", "Vouched for by erin at", "Password set by ada at", "Deactivated by root at"):
        assert line in log


def test_a_password_set_through_one_address_is_none_at_the_next(root, erin, client, as_):
    """A superuser takes the link at an address of their own, and only then gives the account that of its person."""
    ada = add(as_(root))
    client.logout()
    set_password(client, last_link())
    change(as_(root), ada, email="the-real-ada@example.org")
    act(as_(erin), ada, "vouch")
    assert not client.login(username="ada", password=PASSWORD)
    assert written()[-2].to == "the-real-ada@example.org"


def test_a_link_leads_to_the_site_and_not_where_a_request_says(root, as_):
    ada = add(as_(root))
    as_(root).post(f"{page(ada)}".replace("change/", "send-link/"), headers={"host": "127.0.0.1:6666"})
    assert "127.0.0.1:6666" not in written()[-1].body


def test_what_was_seen_may_be_any_text(root, erin, as_):
    ada = add(as_(root))
    answer = as_(erin).post(f"{page(ada)}".replace("change/", "vouch/"), {"seen": "9" * 5000})
    assert answer.status_code == 409


def test_a_link_works_once(root, client, as_):
    add(as_(root))
    link = last_link()
    client.logout()
    set_password(client, link)
    again = set_password(client, link, "something else entirely")
    assert "This link does not work" in said(again)
    assert client.login(username="ada", password=PASSWORD)


def test_a_link_ends_by_itself(root, client, as_, settings):
    add(as_(root))
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "This link does not work" in said(client.get(last_link()))


@pytest.mark.parametrize("verb", ["address", "deactivated"])
def test_a_link_ends_with_the_address_that_it_went_to_and_with_the_account(verb, root, client, as_):
    ada = add(as_(root))
    link = last_link()
    if verb == "address":
        change(as_(root), ada, email="new@example.org")
    else:
        act(as_(root), ada, "deactivate")
    assert "This link does not work" in said(client.get(link))


def test_a_link_tells_a_stranger_nothing(root, client, as_):
    ada = add(as_(root))
    link = last_link()
    client.logout()
    nobody, wrong = "/admin/set-password/OTk5/nonsense/", re.sub(r"[^/]+/$", "nonsense/", link)
    assert client.get(nobody).content == client.get(wrong).content
    assert str(ada) not in said(client.get(wrong)).replace("admin", "")
    first = client.get(link)
    assert first.headers["Location"].endswith("/choose/")  # the page itself has no token to leak


def test_a_password_that_is_too_plain_is_refused_on_the_page(root, client, as_):
    ada = add(as_(root))
    client.logout()
    response = set_password(client, last_link(), "password")
    assert response.status_code == 422
    assert "This password is too common." in said(response)
    assert not User.objects.get(pk=ada.pk).has_usable_password()


def test_whoever_makes_an_account_without_an_address_is_told(root, as_):
    response = as_(root).post(ADD, filled(as_(root).get(ADD), username="bob"), follow=True)
    assert "The account “bob” has no e-mail address" in said(response)
    assert "it cannot sign in" in said(response)
    bob = User.objects.get(username="bob")
    assert "nowhere to send a link to" in said(as_(root).get(page(bob)))
    assert act(as_(root), bob, "send-link").status_code == 409
    assert written() == []


def test_the_log_of_the_site_keeps_the_token_out(root, as_):
    import logging

    add(as_(root))
    record = logging.LogRecord("django", 30, "", 1, "Not Found: %s", (last_link(),), None)
    NoSecrets().filter(record)
    assert record.getMessage() == "Not Found: /admin/set-password/…"


# The page


def test_what_is_refused_is_said_and_nothing_typed_is_lost(root, erin, as_):
    response = change(as_(root), root, is_superuser=None, first_name="Rooty")
    assert "Nobody changes their own roles." in said(response)
    assert 'value="Rooty"' in response.content.decode()
    response = as_(root).post(ADD, filled(as_(root).get(ADD), username="bob", email="erin@example.org"))
    assert "erin@example.org is the address of the account “erin” too." in said(response)
    assert not User.objects.filter(username="bob").exists()


def test_two_who_change_one_account_at_once_do_not_overwrite_each_other(root, erin, as_):
    client = as_(root)
    typed = filled(client.get(page(erin)), first_name="Erin")
    publishing.change_account(erin, root, {"email": "erin@example.com"})
    response = client.post(page(erin), typed)
    assert "Somebody changed this account since you opened the page." in said(response)
    assert User.objects.get(pk=erin.pk).email == "erin@example.com"
    again = filled(response, email="erin@example.com")
    assert client.post(page(erin), again).status_code == 302
    assert User.objects.get(pk=erin.pk).first_name == "Erin"


def test_what_changed_since_an_editor_looked_is_not_vouched_for(root, erin, as_):
    ada = add(as_(root))
    seen = as_(erin).get(page(ada)).context["seen"]
    change(as_(root), ada, email="trap@example.org")
    response = act(as_(erin), ada, "vouch", seen=seen)
    assert response.status_code == 409
    assert not ada.is_vouched_for
    assert act(as_(erin), ada, "vouch", seen="").status_code == 409


def test_an_editor_reads_an_account_and_changes_nothing_of_it(root, erin, as_):
    ada = add(as_(root))
    client = as_(erin)
    html = client.get(page(ada)).content.decode()
    assert "Vouch for this account" in html
    assert "Deactivate" not in html
    assert client.post(page(ada), {"email": "erin@example.net"}).status_code == 403
    for verb in ("send-link", "deactivate", "reactivate"):
        assert act(client, ada, verb).status_code == 403
    assert User.objects.get(pk=ada.pk).email == "ada@example.org"


def test_a_verb_needs_the_token_of_the_page_and_a_post(root, erin, client):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    strict.force_login(root)
    url = reverse("admin:categories_user_act", args=[erin.pk, "deactivate"])
    assert strict.post(url).status_code == 403
    client.force_login(root)
    assert client.get(url).status_code == 302
    assert client.post(url.replace("deactivate", "promote")).status_code == 404
    assert User.objects.get(pk=erin.pk).is_active


def test_the_list_asks_as_much_for_many_accounts_as_for_few(root, as_, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = reverse("admin:categories_user_changelist")
    client = as_(root)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(10):
        make_user(f"editor{number}", "Editor")
    with django_assert_num_queries(len(few)):
        client.get(url)
