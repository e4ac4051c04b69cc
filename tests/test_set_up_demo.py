"""What `make run` does to the data: everything on the first run, nothing on later ones."""

import re
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection

from categories.models import Category, Edition, Guidance, User

pytestmark = pytest.mark.django_db

PASSWORD = re.compile(r"^  (\w+) \((\w+)\): (\S+)$", re.MULTILINE)


def set_up_demo() -> str:
    out = StringIO()
    call_command("set_up_demo", stdout=out)
    return out.getvalue()


def everything() -> dict[str, list[tuple]]:
    """Every row of every table."""
    with connection.cursor() as cursor:
        found = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"select * from {connection.ops.quote_name(table)}")  # noqa: S608 - names from the database
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def test_the_first_run_publishes_the_guidance_as_it_stood(client):
    set_up_demo()
    [edition] = Edition.objects.all()
    assert (edition.number, str(edition.live_at)) == (1, "2025-06-01 23:00:00+00:00")  # midnight in London
    [guidance] = Guidance.objects.all()
    page = client.get("/guidance/technical-qualification-categories/").content.decode()
    assert guidance.title in page
    assert Category.objects.count() > 1
    assert all(category.title in page for category in Category.objects.all())


def test_the_first_run_makes_two_accounts_that_can_sign_in_and_prints_their_passwords(client):
    printed = PASSWORD.findall(set_up_demo())
    assert [(username, group) for username, group, _ in printed] == [("writer", "Writer"), ("editor", "Editor")]
    assert len({password for _, _, password in printed}) == 2
    for username, group, password in printed:
        assert client.login(username=username, password=password)
        assert client.get("/admin/").status_code == 200
        user = User.objects.get(username=username)
        assert not user.is_superuser
        assert list(user.groups.all()) == [Group.objects.get(name=group)]
        assert user.is_vouched_for == (group == "Editor")
        assert {event.why for event in user.events.exclude(verb="password")} == {"A demo account of this site"}


def test_a_second_run_prints_and_changes_nothing():
    set_up_demo()
    before = everything()
    assert set_up_demo() == ""
    assert everything() == before


def test_the_guidance_as_somebody_changed_it_stays():
    set_up_demo()
    category = Category.objects.first()
    category.title = "Another title"
    category.save()
    before = everything()
    assert set_up_demo() == ""
    assert everything() == before


def test_people_who_are_there_are_left_alone_and_get_no_company():
    """A demo account with a known password would be a way into a site that is somebody's own."""
    User.objects.create_superuser("ada", password="correct horse")
    printed = set_up_demo()
    assert PASSWORD.findall(printed) == []
    assert [user.username for user in User.objects.all()] == ["ada"]
    assert Guidance.objects.count() == 1


def test_accounts_and_guidance_come_together_or_not_at_all():
    """Half a set-up would have nobody's passwords printed for ever."""
    Group.objects.filter(name="Editor").delete()
    with pytest.raises(Group.DoesNotExist):
        set_up_demo()
    assert Guidance.objects.count() == User.objects.count() == Edition.objects.count() == 0
