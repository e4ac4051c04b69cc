"""A reform rehearsed: V Levels come, by staff alone in the admin and with no code, and two people publish them."""

import re
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from categories.models import Availability, Category, Edition, Guidance, Relationship, Submission
from tests.conftest import FIXTURE
from tests.factories import london, make_user
from tests.forms import approval, filled, typed

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
SCOPED = "level-3-occupational-entry-adults-only"
WHY_NO_TEST = "V Levels face no approval test: [the ministers decide](https://example.org/v-levels)."


@pytest.fixture
def guidance():
    call_command("load_guidance", str(FIXTURE), live_at="2025-06-02", verbosity=0)
    return Guidance.objects.get()


@pytest.fixture
def writer():
    return make_user("wendy", "Writer")


@pytest.fixture
def editor():
    return make_user("erin", "Editor")


def add(client, kind: str, /, **fields):
    """Fill in the form of a new record, and save it."""
    url = reverse(f"admin:categories_{kind}_add")
    page = client.post(url, typed(client, url, **fields))
    assert page.status_code == 302, page.context["adminform"].form.errors


def change(client, record, /, **fields):
    url = reverse(f"admin:categories_{record._meta.model_name}_change", args=[record.pk])
    page = client.post(url, typed(client, url, **fields))
    assert page.status_code == 302, page.context["adminform"].form.errors


def test_v_levels_come_by_staff_alone(guidance, writer, editor, client):
    before = Edition.objects.get()
    client.force_login(writer)
    add(client, "relationship", name="Prepares for a route", slug="prepares-for-a-route", definition="Not a standard.")
    add(client, "availability", name="No longer in scope", slug="no-longer-in-scope", dated="on")
    add(client, "tlevel", name="Studied instead of a T Level", slug="instead", covered="no")
    route, ended = Relationship.objects.get(slug="prepares-for-a-route"), Availability.objects.latest("position")
    add(
        client,
        "category",
        title="Level 3 V Level",
        slug="level-3-v-level",
        levels=[guidance.level_set.get(number=3)],
        cohorts=[guidance.cohort_set.get(slug="16-to-19")],
        aim="To prepare for a route.",
        relationship=route,
        relationship_text="It prepares for a route.",
        approval_text=WHY_NO_TEST,
        availability_0_state=guidance.availability_set.get(slug="in-scope"),
        availability_0_month="09",
        availability_0_year="2027",
    )
    scoped = guidance.category_set.get(slug=SCOPED)
    [step] = scoped.availability
    change(client, scoped, availability_1_state=ended, availability_1_month="08", availability_1_year="2030")
    change(client, guidance.relationship_set.get(slug="aligns"), name="Matches an occupational standard")

    # What will change, as the writer reads it, submits it and a second person reads and approves it
    url = reverse("admin:categories_guidance_changes", args=[guidance.pk])
    page = client.get(url)
    plain = re.sub(r"<[^>]+>", "", page.content.decode())
    for words in ("Prepares for a route", "No longer in scope from August 2030", "V Levels face no approval test"):
        assert words in plain
    assert page.context["faults"] == page.context["reasons"] == []
    form = page.context["form"]
    data = {"seen": form["seen"].value(), "chosen": list(form.ticked), "update_type": "major"}
    assert client.post(url, data | {"change_note": "V Levels are here."}).status_code == 302
    submission = Submission.objects.get(status="submitted")
    approve = reverse("admin:categories_submission_act", args=[submission.pk, "approve"])
    client.post(approve, approval(client, submission))
    assert Edition.objects.count() == 1  # not by the writer
    client.force_login(editor)
    assert client.post(approve, approval(client, submission)).status_code == 302
    edition = Edition.objects.get(number=2)

    content = edition.content
    v_level, ending = content.category_by_slug["level-3-v-level"], content.category_by_slug[SCOPED]
    assert (v_level.relationship, v_level.approval_tests, v_level.approval_text) == (route.slug, (), WHY_NO_TEST)
    assert content.availability_words(ending, london(2027, 1, 1).date()).endswith(
        "No longer in scope from August 2030 (not yet)"
    )
    assert [one.from_month for one in ending.availability] == [step["from"], "2030-08"]
    assert content.relationship_by_slug["aligns"].name == "Matches an occupational standard"
    assert content.t_level_by_slug["instead"].covered == "no"
    readers_are_offered_the_new_values()
    # and what was published says what it said
    before.refresh_from_db()
    assert before.content.relationship_by_slug["aligns"].name == "Aligns to an occupational standard or standards"
    call_command("check_editions", verbosity=0)


def readers_are_offered_the_new_values() -> None:
    """Pages, finder, filter, CSV and API of today have the new words; a day before has the old ones."""
    reader, yesterday = Client(), timezone.localdate() - timedelta(days=1)
    page = reader.get(f"{G}categories/{SCOPED}/").content.decode()
    assert "Matches an occupational standard" in page
    assert "No longer in scope from August 2030 (not yet)" in page
    assert "Prepares for a route" in reader.get(f"{G}find/?level=3&cohort=16-to-19").content.decode()
    assert WHY_NO_TEST.split(":")[0] in reader.get(f"{G}categories/level-3-v-level/").content.decode()
    later = reader.get(f"{G}?availability=in-scope-later").content.decode()
    assert "Level 3 V Level" in later
    assert "No longer in scope" in later  # as a value to choose
    assert "2030-08" in reader.get(f"{G}categories.csv").content.decode()
    answer = reader.get(f"/api/v1{G}categories/{SCOPED}/").json()["category"]
    assert answer["availability_next"] == {"state": "no-longer-in-scope", "from": "2030-08"}
    before = reader.get(f"{G}on/{yesterday}/categories/{SCOPED}/").content.decode()
    assert "Aligns to an occupational standard or standards" in before
    assert "No longer in scope" not in before
    assert "Prepares for a route" not in reader.get(f"{G}on/{yesterday}/find/?level=3&cohort=16-to-19").content.decode()


def test_nothing_of_it_is_preset(guidance, writer, client):
    client.force_login(writer)
    data = filled(client.get(reverse("admin:categories_category_add")))
    assert {data[name][0] for name in ("relationship", "t_level", "examples_list", "availability_0_state")} == {""}


def test_a_category_without_a_test_has_to_say_why(guidance, writer, client):
    client.force_login(writer)
    category = guidance.category_set.get(slug=SCOPED)
    change(client, category, approval_tests=None, approval_text="&nbsp;")
    page = client.get(reverse("admin:categories_guidance_changes", args=[guidance.pk]))
    [(sentence, url)] = page.context["faults"]
    assert "say in words why it faces none" in sentence
    assert url == reverse("admin:categories_category_change", args=[category.pk])
    change(client, category, approval_text=WHY_NO_TEST)
    page = client.get(reverse("admin:categories_guidance_changes", args=[guidance.pk]))
    assert page.context["faults"] == []


def test_a_state_of_a_month_to_come_is_published_ahead_of_it(guidance, writer, client):
    """The month that is to come makes no edition: it is in the one before."""
    client.force_login(writer)
    ahead = timezone.localdate() + timedelta(days=400)
    category = Category.objects.get(slug=SCOPED)
    add(client, "availability", name="No longer in scope", slug="no-longer-in-scope", dated="on")
    ended = Availability.objects.get(slug="no-longer-in-scope")
    month = {"availability_1_month": f"{ahead:%m}", "availability_1_year": f"{ahead:%Y}"}
    change(client, category, availability_1_state=ended, **month)
    page = client.get(reverse("admin:categories_category_changelist")).content.decode()
    assert f", then no longer in scope from {ahead:%B %Y}" in page
