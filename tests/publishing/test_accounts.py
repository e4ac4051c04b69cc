"""The verbs on accounts, the log that each leaves, and who is told."""

import re
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db.models import ProtectedError

from categories import publishing
from categories.models import AccountEvent, User
from categories.models.history import HistoryKept, saving
from categories.models.log import Immutable
from categories.publishing import Refused, notices
from tests.factories import make_user
from tests.mail import forget, written

pytestmark = pytest.mark.django_db

SITE = settings.SITE_ADDRESS


@pytest.fixture
def root():
    return make_user("root", is_superuser=True)


@pytest.fixture
def editor():
    return make_user("erin", "Editor")


@pytest.fixture
def sent():
    """Do something; return the messages that it writes, as (address, subject, body)."""

    def of(act, *args, **options):
        forget()
        act(*args, **options)
        return [(message.to, message.subject, message.body) for message in written()]

    return of


def group(name: str) -> Group:
    return Group.objects.get(name=name)


def make(by: User, username: str = "ada", *, role: str = "Editor", **details) -> User:
    details = {"email": f"{username}@example.org", "is_staff": True, "groups": [group(role)]} | details
    return publishing.make_account(by, {"username": username} | details)


def lines(account: User) -> list[tuple]:
    return [(event.verb, event.by, event.what, event.why) for event in account.events.all()]


# The log


def test_each_act_leaves_a_line(root, editor):
    ada = make(root, role="Writer")
    publishing.change_account(ada, root, {"email": "ada@example.com", "last_name": "Lovelace"})
    publishing.change_account(ada, root, {"groups": [group("Editor")]})
    publishing.vouch(ada, editor)
    publishing.deactivate(ada, root)
    publishing.reactivate(ada, root)
    publishing.send_link(ada, root)
    assert lines(ada) == [
        ("made", root, "ada; ada@example.org; Staff status", ""),
        ("roles", root, "Groups: from none to Writer", ""),
        ("link", root, "To ada@example.org", ""),
        ("renamed", root, "Last name: from none to Lovelace", ""),
        ("address", root, "Email address: from ada@example.org to ada@example.com", ""),
        ("link", root, "To ada@example.com", ""),
        ("roles", root, "Groups: from Writer to Editor", ""),
        ("vouched", editor, "ada@example.com; Editor", ""),
        ("deactivated", root, "", ""),
        ("reactivated", root, "", ""),
        ("link", root, "To ada@example.com", ""),
        ("link", root, "To ada@example.com", ""),
    ]


def test_what_changes_nothing_leaves_no_line(root):
    ada = make(root)
    before = lines(ada)
    same = {"email": ada.email, "groups": [group("Editor")], "is_staff": True, "user_permissions": []}
    assert publishing.change_account(ada, root, same) == []
    ada.save()
    ada.last_login = None
    ada.save(update_fields=["last_login"])
    assert lines(ada) == before


def test_what_is_not_saved_is_not_told(root):
    ada = make(root)
    before = lines(ada)
    ada.email = "elsewhere@example.org"
    ada.save(update_fields=[])
    ada.save(update_fields=["first_name"])
    assert lines(ada) == before
    with pytest.raises(ValueError, match="stop"), saving(root):
        ada.save()
        raise ValueError("stop")
    assert lines(ada) == before


def test_the_shell_leaves_lines_too():
    call_command("createsuperuser", interactive=False, username="ada", email="ada@example.org", stdout=StringIO())
    ada = User.objects.get()
    ada.is_superuser = False
    ada.set_password("another correct horse")
    ada.save()
    User.objects.create_user("bob")
    assert lines(ada) == [
        ("made", None, "ada; ada@example.org; Staff status; Superuser status", "From the shell"),
        ("roles", None, "Superuser status: from yes to no", "From the shell"),
        ("password", None, "", "From the shell"),
    ]
    assert lines(User.objects.get(username="bob")) == [("made", None, "bob; no address", "From the shell")]


def test_the_log_only_grows(root):
    event = root.events.first()
    for act in (
        event.save,
        event.delete,
        AccountEvent.objects.all().delete,
        lambda: AccountEvent.objects.update(why=""),
        lambda: AccountEvent.objects.bulk_update([event], ["why"]),
        lambda: AccountEvent.objects.bulk_create([AccountEvent(account=root, verb="vouched", at=event.at)]),
    ):
        with pytest.raises(Immutable):
            act()


def test_nobody_is_deleted_or_changed_without_a_line(root):
    for delete in (root.delete, User.objects.all().delete):
        with pytest.raises(ProtectedError, match="Accounts are never deleted"):
            delete()
    for write in (
        lambda: User.objects.update(is_superuser=True),
        lambda: User.objects.bulk_update([root], ["email"]),
        lambda: User.objects.bulk_create([User(username="bob")]),
    ):
        with pytest.raises(HistoryKept):
            write()
    assert User.objects.get() == root


# Make and change


def test_an_account_is_made_without_a_password_and_told_with_a_link(root, sent):
    [(address, subject, body)] = sent(make, root)
    ada = User.objects.get(username="ada")
    assert not ada.has_usable_password()
    assert (address, subject) == ("ada@example.org", "Your account")
    assert body.startswith("root made an account for you: ada.\n")
    assert re.search(rf"^{SITE}/admin/set-password/\S+/\S+/$", body, re.MULTILINE)


def test_an_account_without_an_address_gets_no_link(root, sent):
    assert sent(make, root, email="") == []
    ada = User.objects.get(username="ada")
    assert not ada.events.filter(verb="link").exists()
    assert publishing.reasons_not_to_send_link(ada, root) == [
        "This account has no e-mail address, so there is nowhere to send a link to. Give it one first."
    ]


def test_a_new_address_is_told_at_both(root, sent):
    ada = make(root)
    ada.set_password("correct horse")
    ada.save()
    *told, (address, subject, link) = sent(publishing.change_account, ada, root, {"email": "new@example.org"})
    assert [address for address, *_ in told] == ["ada@example.org", "new@example.org"]
    assert all("from ada@example.org to new@example.org" in body for *_, body in told)
    # Whoever read the old address may know the password
    assert (address, subject) == ("new@example.org", "Set your password")
    assert f"{SITE}/admin/set-password/" in link
    ada.refresh_from_db()
    assert not ada.has_usable_password()


def test_a_change_of_roles_is_told_and_one_of_names_is_not(root, sent):
    ada = make(root, role="Writer")
    assert sent(publishing.change_account, ada, root, {"first_name": "Ada"}) == []
    [(address, subject, body)] = sent(publishing.change_account, ada, root, {"is_superuser": True})
    assert (address, subject) == ("ada@example.org", "Your account was changed")
    assert "Roles changed. Superuser status: from no to yes." in body


def test_whoever_is_deactivated_reactivated_or_vouched_for_is_told(root, editor, sent):
    ada = make(root)
    for act, by in ((publishing.vouch, editor), (publishing.deactivate, root), (publishing.reactivate, root)):
        (address, _, body), *links = sent(act, ada, by)
        assert address == "ada@example.org"
        assert body.startswith(f"{by} ")
        assert len(links) == (act is publishing.reactivate)


def test_what_is_no_account_is_refused_and_nothing_kept(root, sent):
    for details in ({"username": ""}, {"username": "root"}, {"username": "bob", "email": "nonsense"}):
        with pytest.raises(ValidationError):
            publishing.make_account(root, details)
    assert list(User.objects.all()) == [root]


def test_two_accounts_do_not_share_an_address(root):
    ada = make(root)
    with pytest.raises(Refused, match=r"ADA@example.org is the address of the account “ada” too"):
        make(root, "bob", email="ADA@example.org")
    bob = make(root, "bob")
    with pytest.raises(Refused, match="Each person has one account"):
        publishing.change_account(bob, root, {"email": ada.email})


def test_only_whoever_looks_after_accounts_acts_on_them(root, editor):
    ada = make(root)
    before = lines(ada)
    with pytest.raises(Refused, match="Only whoever looks after accounts can make accounts"):
        make(editor, "bob")
    for act in (publishing.deactivate, publishing.reactivate):
        with pytest.raises(Refused, match="Only whoever looks after accounts can"):
            act(ada, editor)
    with pytest.raises(Refused, match="Only whoever looks after accounts can change accounts"):
        publishing.change_account(ada, editor, {"email": "a@example.org"})
    with pytest.raises(Refused, match="Only whoever looks after accounts can send a link"):
        publishing.send_link(ada, editor)
    assert lines(ada) == before


def test_only_a_superuser_makes_superusers_and_nobody_changes_their_own_roles(root):
    keeper = make_user("kay")
    codenames = ["add_user", "change_user", "view_user"]
    keeper.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    keeper = User.objects.get(pk=keeper.pk)
    with pytest.raises(Refused, match="Only a superuser can make somebody a superuser"):
        make(keeper, is_superuser=True)
    with pytest.raises(Refused, match="or change the account of one"):
        publishing.change_account(root, keeper, {"email": "kay@example.com"})
    with pytest.raises(Refused, match="or change the account of one"):
        publishing.deactivate(root, keeper)
    for by, details in ((keeper, {"groups": [group("Editor")]}), (root, {"is_superuser": False})):
        with pytest.raises(Refused, match="Nobody changes their own roles"):
            publishing.change_account(by, by, details)
        with pytest.raises(Refused):
            publishing.deactivate(by, by)


def test_what_somebody_changed_meanwhile_is_not_overwritten_unseen(root):
    ada = make(root)
    seen = publishing.newest_change(ada)
    publishing.send_link(ada, root)  # changes nothing of the account
    publishing.change_account(ada, root, {"email": "one@example.org"}, seen=seen)
    with pytest.raises(Refused, match="Somebody changed this account since you opened the page"):
        publishing.change_account(ada, root, {"email": "two@example.org"}, seen=seen)
    assert User.objects.get(pk=ada.pk).email == "one@example.org"


# Vouch


def test_an_editor_who_had_no_part_in_an_account_vouches_for_it(root, editor):
    ada = make(root)
    assert not ada.is_vouched_for
    assert publishing.may_vouch_for(editor) == [ada]
    publishing.vouch(ada, editor)
    assert ada.is_vouched_for
    assert publishing.may_vouch_for(editor) == []
    assert ada in notices.editors()


CHANGES = {
    "address": lambda account, by: publishing.change_account(account, by, {"email": "new@example.org"}),
    "groups": lambda account, by: publishing.change_account(
        account, by, {"groups": [group("Editor"), group("Writer")]}
    ),
    "superuser": lambda account, by: publishing.change_account(account, by, {"is_superuser": True}),
    "reactivated": lambda account, by: (publishing.deactivate(account, by), publishing.reactivate(account, by)),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_ends_it_and_whoever_made_it_does_not_vouch(change, root, editor):
    other = make_user("otto", is_superuser=True)
    ada = make(other)
    publishing.vouch(ada, editor)
    change(ada, root)
    assert not ada.is_vouched_for
    assert ada not in notices.editors()
    assert publishing.may_vouch_for(ada) == publishing.may_vouch_for(root) == publishing.may_vouch_for(other) == []
    with pytest.raises(Refused, match=r"^You (changed the (address|roles) of|reactivated) this account, so somebody"):
        publishing.vouch(ada, root)
    with pytest.raises(Refused, match=r"^You made this account, so somebody else must vouch for it"):
        publishing.vouch(ada, other)
    publishing.vouch(ada, editor)
    assert ada.is_vouched_for


def test_what_leaves_address_and_roles_alone_does_not_end_it(root, editor):
    ada = make(root)
    publishing.vouch(ada, editor)
    publishing.change_account(ada, root, {"last_name": "Lovelace"})
    publishing.send_link(ada, root)
    ada.set_password("a new one")
    ada.save()
    assert ada.is_vouched_for


def test_nobody_vouches_who_is_not_vouched_for_or_no_editor(root, editor):
    ada, bob = make(root), make(root, "bob")
    with pytest.raises(Refused, match=r"Nobody has vouched for your account .* you cannot vouch for an account yet"):
        publishing.vouch(bob, ada)
    with pytest.raises(Refused, match="Only an Editor can vouch for an account"):
        publishing.vouch(bob, make_user("wendy", "Writer"))
    with pytest.raises(Refused, match="Nobody vouches for themselves"):
        publishing.vouch(editor, editor)


def test_what_needs_no_vouching_gets_none(root, editor):
    ada, wendy = make(root), make(root, "wendy", role="Writer")
    with pytest.raises(Refused, match="cannot approve anything, so nobody needs to vouch for it"):
        publishing.vouch(wendy, editor)
    publishing.vouch(ada, editor)
    with pytest.raises(Refused, match="vouched for this account already"):
        publishing.vouch(ada, make_user("ed", "Editor"))
    publishing.deactivate(ada, root)
    with pytest.raises(Refused, match="This account is deactivated"):
        publishing.vouch(ada, editor)


def test_what_changed_since_it_was_looked_at_is_not_vouched_for(root, editor):
    ada = make(root)
    seen = publishing.newest_change(ada)
    publishing.change_account(ada, root, {"email": "trap@example.org"})
    with pytest.raises(Refused, match="Look at it and at its log again"):
        publishing.vouch(ada, editor, seen=seen)
    assert not ada.is_vouched_for


# By commands


def vouch(username: str) -> str:
    out = StringIO()
    call_command("vouch", username, stdout=out)
    return out.getvalue()


def test_the_first_people_are_vouched_for_from_the_shell(sent):
    ada = User.objects.create_superuser("ada", "ada@example.org")
    assert not ada.is_vouched_for
    [(address, *_)] = sent(lambda: print(vouch("ada")))
    assert address == "ada@example.org"
    assert ada.is_vouched_for
    assert lines(ada)[-1] == ("vouched", None, "ada@example.org; Superuser", "From the shell")


def test_vouching_from_the_shell_is_refused_with_a_reason(editor):
    make_user("wendy", "Writer")
    for username, reason in (
        ("nobody", "There is no user “nobody”."),
        ("wendy", "cannot approve anything"),
        ("erin", "vouched for this account already"),
    ):
        with pytest.raises(CommandError, match=reason):
            vouch(username)
