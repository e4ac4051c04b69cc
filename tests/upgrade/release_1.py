"""How the two archives of this folder were made, by the release of commit f768004 and with its code alone.

It is kept as their history: it runs on that release, not on this one. There it was run as

    PYTHONPATH=. python .../tests/upgrade/release_1.py .../tests/upgrade
"""

import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

FOLDER = tempfile.mkdtemp()
os.environ["DATABASE_URL"] = f"sqlite:///{FOLDER}/release-1.sqlite3"
os.environ["SECRET_KEY"] = "only-for-tests-" * 4

import restore  # noqa: E402
import said  # noqa: E402 - it sets Django up
import time_machine  # noqa: E402
from django.apps import apps  # noqa: E402
from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils.http import urlencode  # noqa: E402

from categories import loading, publishing  # noqa: E402
from categories.models import ApprovalTest, Category, Cohort, ExamplesList, Guidance, Level, User  # noqa: E402
from categories.models.history import saving  # noqa: E402
from tests import addresses  # noqa: E402
from tests.browser.seed import FIXTURE, read, with_ids_of_its_own  # noqa: E402
from tests.factories import london  # noqa: E402

NOW, LATER = london(2026, 5, 6, 12), london(2026, 10, 2, 12)
CROSS_2 = "level-2-cross-cutting-function-16-to-19-and-adults"
CROSS_3 = "level-3-cross-cutting-function-16-to-19-and-adults"
HTQ = "level-4-and-5-higher-technical-qualifications"
ENTRY_2, ENTRY_3 = "level-2-occupational-entry-16-to-19-and-adults", "level-3-occupational-entry-16-to-19-and-adults"
ADULTS_3 = "level-3-occupational-entry-adults-only"
SPECIALIST_2 = "level-2-additional-specialist-16-to-19-and-adults"
SPECIALIST_3 = "level-3-additional-specialist-16-to-19-and-adults"
PROGRESSION = "level-3-occupational-progression-16-to-19-and-adults"
PROPOSED_2, PROPOSED_3 = "level-2-employer-proposed-adults-only", "level-3-employer-proposed-adults-only"
DIGITAL = "level-3-digital-function-adults-only"


def named(name: str) -> UUID:
    return uuid5(NAMESPACE_URL, f"release-1/{name}")


def person(username: str, group: str | None = None, **fields: Any) -> User:
    from django.contrib.auth.models import Group

    user = User.objects.create(
        username=username, first_name=username.capitalize(), last_name=group or "", email=f"{username}@example.org",
        is_staff=True, password=PBKDF2PasswordHasher().encode("correct horse", "salt", iterations=1), **fields,
    )  # fmt: skip
    if group:
        user.groups.add(Group.objects.get(name=group))
    return user


@contextmanager
def at(*moment: int, by: User | None = None, why: str = "") -> Iterator[None]:
    """Do what follows at a moment in London, as one recorded save where somebody makes it."""
    with time_machine.travel(london(*moment), tick=False):
        if by is None:
            yield
        else:
            with saving(by, why):
                yield


def edit(record: Any, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(record, name, value)
    record.full_clean()
    record.save()


def category(slug: str, guidance: Guidance | None = None) -> Category:
    return Category.objects.get(slug=slug, guidance=guidance or main_guidance())


def approval_test(slug: str) -> ApprovalTest:
    return ApprovalTest.objects.get(slug=slug, guidance=main_guidance())


def main_guidance() -> Guidance:
    return Guidance.objects.get(slug="technical-qualification-categories")


def add_category(slug: str, levels: list[int], cohorts: list[str], tests: list[str], **fields: Any) -> Category:
    one = Category(id=named(slug), guidance=main_guidance(), slug=slug, **fields)
    one.full_clean()
    one.place_after(Category.objects.filter(guidance=one.guidance).last())
    one.levels.set(Level.objects.filter(number__in=levels))
    one.cohorts.set(Cohort.objects.filter(slug__in=cohorts))
    one.approval_tests.set(ApprovalTest.objects.filter(guidance=one.guidance, slug__in=tests))
    return one


def post(by: User, address: str, **fields: Any) -> None:
    """Send a form of the admin."""
    client = Client()
    client.force_login(by)
    response = client.post(address, fields)
    assert response.status_code == 302, response.content.decode()


def fill() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    with at(2025, 6, 1, 9):
        wendy, will, dan = person("wendy", "Writer"), person("will", "Writer"), person("dan", "Writer")
        erin, ed = person("erin", "Editor"), person("ed", "Editor")
        person("vera")
        sue = person("sue", is_superuser=True)
    first_editions(wendy, dan, will, erin, ed)
    withdrawals(wendy, will, dan, erin)
    second_guidance(wendy, sue, erin)
    emergencies(will, ed, erin)
    to_come(wendy, will, erin)
    drafts(wendy, will, sue)
    with at(2026, 5, 5, 9):
        dan.is_active = False
        dan.save(update_fields=["is_active"])


def first_editions(wendy: User, dan: User, will: User, erin: User, ed: User) -> None:
    fixture = json.loads(FIXTURE.read_text(encoding="utf-8"))
    for one in fixture["categories"]:
        if one["slug"] == CROSS_2:
            one["aim"], one["relationship"] = "The aim is for learners to do a job role.", "some-ksbs"
        if one["slug"] == HTQ:
            one["availability"] = {"status": "not-yet-available", "from": None}
    with at(2025, 6, 2, 9, 30):
        loading.load(read(fixture), by=wendy, why="The guidance as it was transferred")
        guidance = main_guidance()
        publishing.publish_loaded(guidance, change_note="First published.", live_at=london(2025, 6, 2))

    with at(2025, 8, 20, 10, by=wendy, why="T Levels have a name of their own"):
        edit(category("level-3-t-level"), slug="t-level", title="T Level <technical> qualifications")
    with at(2025, 8, 21, 10, by=dan, why="As agreed with the policy team\nand checked"):
        edit(
            category(CROSS_2), relationship="across-standards",
            aim="The aim is for learners to do a job role *across* different occupations.",
        )  # fmt: skip
        add_category(
            DIGITAL, [3], ["adults"], ["significant-outcomes-test", "employer-demand-test"],
            title="Level 3 digital function technical qualifications - adults only", relationship="across-standards",
            relationship_text="Takes KSBs from different occupational standards.", aim="A digital job role.",
            availability="not-yet-available",
        )  # fmt: skip
    with at(2025, 8, 29, 16):
        waiting = publishing.submit(guidance, wendy, change_note="A category was added, and T Levels renamed.")
    with at(2025, 9, 1, 9, 30):
        second = publishing.approve(waiting, erin)

    with at(2025, 9, 3, 16, by=will, why="The table was right, the text was not"):
        edit(category(HTQ), availability="in-scope", in_scope_from_year=2020, in_scope_from_month=9)
    with at(2025, 9, 3, 16, 30):
        correction = {"update_type": "minor", "corrects": second}
        waiting = publishing.submit(guidance, will, change_note="HTQs are in scope.", **correction)
    with at(2025, 9, 3, 17):
        publishing.approve(waiting, ed)

    with at(2025, 10, 1, 10, by=will, why="A try"):
        edit(category(ENTRY_2), aim="This aim was rejected.", example="For example, nothing.")
    with at(2025, 10, 1, 11):
        rejected = publishing.submit(guidance, will, change_note="Nobody wants this.", internal_note="Please look")
        link = publishing.share_preview(rejected, will, made_for="A college")
    with at(2025, 10, 2, 11):
        publishing.record_answer(rejected, will, answer="They do not like it.\nAt all.")
        publishing.revoke_preview(link, ed)
        publishing.reject(rejected, ed, why="The aim is wrong.")
    with at(2025, 10, 3, 9):
        publishing.put_back(guidance, category(ENTRY_2).pk, will)

    with at(2025, 11, 3, 10, by=wendy, why="Clearer names"):
        edit(
            approval_test("significant-outcomes-test"), slug="outcomes-test", name="Outcomes test",
            description="A qualification shows **significant** outcomes.\n\n- one\n- two",
        )  # fmt: skip
        edit(category(PROGRESSION), by_exception=True, t_level="may-be-covered", synonyms=["Progression", "OP"])
    with at(2025, 11, 4, 10, by=dan, why="Higher up"):
        category(HTQ).place_after(category(ENTRY_2))
        examples = ExamplesList.objects.get(slug="higher-technical-qualifications")
        edit(examples, url="https://example.org/htq", covers="Every Higher Technical Qualification")
        edit(category(SPECIALIST_3), relationship="some-ksbs", relationship_text="It covers some KSBs.")
        category(SPECIALIST_3).cohorts.set([])
        category(PROPOSED_3).levels.set(Level.objects.filter(number__in=[3, 4]))
    with at(2025, 11, 10, 9):
        options = {"change_note": "Names,\nplaces & a T Level.", "internal_note": "Ready"}
        waiting = publishing.submit(guidance, wendy, **options)
    with at(2025, 11, 10, 12):
        publishing.approve(waiting, erin)


def withdrawals(wendy: User, will: User, dan: User, erin: User) -> None:
    guidance = main_guidance()
    with at(2026, 1, 8, 10, by=wendy, why="Never used"):
        edit(category(DIGITAL), withdrawn=f"No one proposed any. Use [another](/categories/{CROSS_3}/).")
        edit(category(PROPOSED_3), withdrawn="It ended.")
        for slug in (SPECIALIST_2, SPECIALIST_3):
            category(slug).approval_tests.set([approval_test("employer-demand-test")])
        edit(approval_test("additional-specialist-competence-test"), withdrawn="It is *not* used any more.")
    with at(2026, 1, 9, 10):
        adults = Cohort.objects.get(slug="adults")
        post(
            dan, f"/admin/categories/cohort/{adults.pk}/change/", name="Adults (aged 19 and over)",
            after=Cohort.objects.get(slug="16-to-19").pk, internal_note="What adults are",
            opened_at=adults.history.latest().history_id,
        )  # fmt: skip
    with at(2026, 1, 9, 11, by=dan, why="The review goes on"):
        notice = "The guidance is under review.\n\nSee the [consultation](https://example.org/consultation)."
        edit(guidance, notice=notice, review_by=date(2026, 6, 30))
    with at(2026, 1, 12, 10):
        waiting = publishing.submit(guidance, wendy, change_note="Withdrew 2 categories and 1 test.")
    with at(2026, 1, 12, 12):
        publishing.approve(waiting, erin)
    with at(2026, 2, 1, 10, by=will, why="For the reform"):
        edit(Cohort(slug="career-changers", name="Career changers", position=3000))
    with at(2026, 2, 15, 10, by=will, why="An idea"):
        edit(category(ENTRY_3), example="For example, an idea.")
    with at(2026, 2, 15, 11):
        chosen = [category(ENTRY_3).pk]
        recalled = publishing.submit(guidance, will, change_note="An example.", chosen=chosen)
        publishing.share_preview(recalled, will, made_for="An employer")
    with at(2026, 2, 15, 12):
        publishing.recall(recalled, will, why="Too early")


def second_guidance(wendy: User, sue: User, erin: User) -> None:
    """Another guidance with the same levels and cohorts, the draft of the first among them: it publishes that too."""
    other = with_ids_of_its_own(json.loads(FIXTURE.read_text(encoding="utf-8")))
    other |= {"slug": "proposed-changes", "title": "Proposed changes to the categories", "notice": ""}
    other["cohorts"][1]["name"] = "Adults (aged 19 and over)"  # as it is by now, since all guidance shares it
    for one in (*other["categories"], *other["approval_tests"]):
        one["slug"] = f"{one['slug']}-proposed"
    for one in other["categories"]:
        one["approval_tests"] = [f"{slug}-proposed" for slug in one["approval_tests"]]
    with at(2026, 2, 20, 9):
        loading.load(read(other), by=wendy, why="For the discussion")
        guidance = Guidance.objects.get(pk=other["id"])
        publishing.publish_loaded(guidance, change_note="First published.", live_at=london(2026, 2, 20))
    with at(2026, 2, 24, 9, by=sue, why="Another address"):
        edit(guidance, slug="categories-from-2027", title="Categories from 2027")
        one = category(f"{CROSS_2}-proposed", guidance)
        edit(one, availability="in-scope", in_scope_from_year=2026, in_scope_from_month=9)
        one.cohorts.set(Cohort.objects.filter(slug="career-changers"))
    with at(2026, 2, 24, 10):
        waiting = publishing.submit(guidance, wendy, change_note="In scope, and called what it is.")
    with at(2026, 2, 25, 10):
        publishing.approve(waiting, erin)


def emergencies(will: User, ed: User, erin: User) -> None:
    guidance = main_guidance()
    with at(2026, 3, 2, 9, by=ed, why="It is used after all"):
        edit(category(DIGITAL), withdrawn="", title="Level 3 digital function qualifications")
    with at(2026, 3, 2, 9, 10):
        waiting = publishing.submit(guidance, ed, change_note="Restored one category.", chosen=[named(DIGITAL)])
        publishing.publish_in_emergency(waiting, ed, why="A college was about to stop.")
    with at(2026, 3, 4, 9):
        publishing.review_afterwards(waiting, erin, why="Right")
    with at(2026, 3, 20, 9, by=will, why="Announced today"):
        edit(category(PROPOSED_2), availability="in-scope", in_scope_from_year=2026, in_scope_from_month=9)
        edit(category(PROGRESSION), t_level="not-covered")
    with at(2026, 3, 20, 9, 30, by=ed, why="Wrong since June"):
        edit(category(SPECIALIST_2), availability="not-stated", in_scope_from_year=None, in_scope_from_month=None)
    with at(2026, 3, 20, 10):
        chosen = [category(slug).pk for slug in (PROPOSED_2, PROGRESSION, SPECIALIST_2)]
        options = {"change_note": "In scope from September.", "update_type": "minor"}
        waiting = publishing.submit(guidance, will, chosen=chosen, **options)
        publishing.publish_in_emergency(waiting, ed, why="Announced in Parliament.")


def to_come(wendy: User, will: User, erin: User) -> None:
    """One edition that was scheduled and taken off again, and one that is scheduled."""
    guidance = main_guidance()
    with at(2026, 4, 1, 9, by=will, why="For June"):
        edit(category(CROSS_3), aim="This aim was unscheduled.")
    with at(2026, 4, 1, 10):
        waiting = publishing.submit(guidance, will, change_note="For June.", chosen=[category(CROSS_3).pk])
    with at(2026, 4, 2, 10):
        edition = publishing.approve(waiting, erin, live_at=london(2026, 6, 1))
    with at(2026, 4, 10, 10):
        publishing.unschedule(edition, erin, why="June is too early.")
    with at(2026, 4, 20, 9, by=wendy, why="For July"):
        edit(category(CROSS_3), aim="The aim of July.", t_level="is-t-level")
        edit(guidance, under_review=False)
        shared = ExamplesList.objects.get(guidance=guidance, slug="additional-specialist")
        edit(shared, name="The list of July")
        edit(category(CROSS_3), examples_list=shared)
    with at(2026, 4, 20, 10):
        chosen = [category(CROSS_3).pk, guidance.pk, shared.record_id]
        waiting = publishing.submit(guidance, wendy, change_note="What holds from July.", chosen=chosen)
    with at(2026, 4, 21, 10):
        publishing.approve(waiting, erin, live_at=london(2026, 7, 1))


def drafts(wendy: User, will: User, sue: User) -> None:
    """What nobody has published, of every kind; some of it waits for approval, with a link that still works."""
    guidance = main_guidance()
    with at(2026, 4, 28, 9, by=wendy, why="For people who change careers"):
        new = add_category(
            "career-change", [3, 4], ["career-changers"], ["outcomes-test"], title="Career change qualifications",
            relationship="builds-on", relationship_text="Builds on a standard.", aim="The aim is a new career.",
            availability="in-scope", in_scope_from_year=2026, in_scope_from_month=8,
        )  # fmt: skip
        edit(category(ENTRY_2), aim="The aim is for learners to begin an occupation & <stay>.")
    with at(2026, 4, 29, 9, by=will, why="Drafts"):
        edit(Level(number=6))
        examples = ExamplesList(id=named("level-6"), guidance=guidance, slug="level-6", name="Level 6 list")
        edit(examples, covers="All", position=9000)
        sixth = add_category(
            "level-6-degree", [6], ["career-changers", "adults"], ["outcomes-test"], title="A draft of level 6",
            relationship_text="Aligns.", aim="A draft aim.", examples_list=examples,
        )  # fmt: skip
        edit(ApprovalTest(id=named("draft-test"), guidance=guidance, slug="draft-test", name="Draft test", kind="power",
                          description="A draft.", position=9000))  # fmt: skip
    with at(2026, 4, 29, 10, by=will, why="To be thrown away"):
        thrown = add_category("thrown-away", [2], ["adults"], ["outcomes-test"], title="Thrown away", aim="None.")
        edit(Cohort(slug="thrown-away", name="Thrown away", position=4000))
        category(ADULTS_3).cohorts.add(Cohort.objects.get(slug="thrown-away"))
    with at(2026, 4, 29, 11, by=sue, why="Not wanted"):
        thrown.delete()
        category(ADULTS_3).cohorts.remove(Cohort.objects.get(slug="thrown-away"))
    with at(2026, 4, 29, 12, by=sue, why="Not wanted either"):
        Cohort.objects.get(slug="thrown-away").delete()
    with at(2026, 4, 30, 9, by=sue, why="An order of their own"):
        Cohort.objects.get(slug="career-changers").place_after(Cohort.objects.get(slug="16-to-19"))
        sixth.place_after(category(HTQ))
        category(PROPOSED_2).place_after(category(CROSS_2))
    with at(2026, 5, 1, 9):
        cohort = {change.id for change in publishing.pending_changes(guidance) if change.slug == "career-changers"}
        waiting = publishing.submit(
            guidance, wendy, change_note="A new category for a new cohort.", internal_note="With the draft cohort",
            chosen=[new.pk, category(ENTRY_2).pk, *cohort],
        )  # fmt: skip
    with at(2026, 5, 4, 9):
        publishing.share_preview(waiting, wendy, made_for="An awarding organisation")
        publishing.record_answer(waiting, wendy, answer="They welcome it.")


# What was written down of it


FILTERS = {
    "level": ["2", "3", "4", "5", "6", "9"],
    "cohort": ["16-to-19", "adults", "career-changers", "not-stated", "thrown-away"],
    "availability": ["in-scope", "in-scope-later", "not-yet-available", "not-stated"],
    "approval": ["alternative-approval-test", "additional-specialist-competence-test", "outcomes-test",
                 "significant-outcomes-test", "employer-demand-test", "a2d3-powers", "draft-test"],
}  # fmt: skip
RELATIONSHIPS = ["aligns", "aligns-t-level-outline", "builds-on", "across-standards", "some-ksbs", "none", "not-sure"]
WORDS = ["first aid", "ksbs", "t level", "higher education", "HTQ", "adults", "level 3", "career", "significant", "OP"]


def one_value() -> list[str]:
    return [f"{name}={value}" for name, values in FILTERS.items() for value in values]


def pairs() -> list[str]:
    across = [
        f"{name}={value}&{other}={another}"
        for name, other in combinations(FILTERS, 2)
        for value in FILTERS[name]
        for another in FILTERS[other]
    ]
    return across + [f"{name}={values[0]}&{name}={values[1]}" for name, values in FILTERS.items()]


def journeys() -> list[str]:
    found = ["", "answering=level", "level=9", "levle=3", "relationship=unknown", "change=level&level=3"]
    for level in ("2", "3", "4", "5", "not-sure"):
        found.append(f"level={level}")
        found += [f"level={level}&relationship={one}" for one in RELATIONSHIPS]
    for coverage in ("covered", "not-covered", "not-sure", "not-mentioned"):
        found.append(f"t-level={coverage}")
        for cohort in ("16-to-19", "adults", "16-to-19&cohort=adults", "not-sure", "career-changers"):
            found += [
                f"level=3&relationship={one}&t-level={coverage}&cohort={cohort}" for one in ("aligns", "not-sure")
            ]
    return found


def of_guidance(guidance: Guidance, days: list[str]) -> list[str]:
    """Every address of a guidance, former ones too, as it is now and whole on some days."""
    entries = [entry for one in guidance.editions.all() for entry in one.content.entries.values()]
    working = publishing.working_content(guidance)
    kinds: dict[str, list[str]] = {}
    for entry in (*entries, *working.entries.values()):
        kinds.setdefault(str(entry.kind), []).append(entry.slug)
    slugs = {kind: list(dict.fromkeys(found)) for kind, found in kinds.items()}
    values = {
        "guidance": slugs["guidance"],
        "categories": [*slugs["category"], "none"],
        "approval-tests": [*slugs["approval-test"], "none"],
        "updates": [str(number) for number in range(guidance.editions.count() + 2)],
        "editions": [str(number) for number in range(guidance.editions.count() + 2)],
        "on": days,
        "id": list(dict.fromkeys(str(entry.id) for entry in (*entries, *working.entries.values()))),
    }
    return addresses.every(values)


def public(now: datetime) -> list[str]:
    found = []
    days = {
        "technical-qualification-categories": ["2025-06-01", "2025-09-02", "2026-01-12"],
        "categories-from-2027": ["2026-02-24"],
    }
    fronts = ["2025-05-31", "2025-06-02", "2025-08-31", "2025-09-01", "2025-09-03", "2025-11-09", "2025-11-10",
              "2026-01-11", "2026-02-19", "2026-02-20", "2026-02-25", "2026-03-01", "2026-03-02", "2026-03-19",
              "2026-03-20", "2026-05-06", "2026-06-30", "2026-07-01", "2026-08-31", "2026-09-01", "2027-01-01",
              "2025-02-30"]  # fmt: skip
    for guidance in Guidance.objects.all():
        base, api = f"/guidance/{guidance.slug}/", f"/api/v1/guidance/{guidance.slug}/"
        current = list(Category.objects.filter(guidance=guidance).values_list("slug", flat=True))
        found += of_guidance(guidance, days[guidance.slug] if now == NOW else ["2026-07-01"])
        found += [f"{base}on/{day}/{page}" for day in fronts for page in ("", "categories.csv", "updates/")]
        found += [f"{api}{page}?on={day}" for day in fronts for page in ("", "categories/", "editions/")]
        found += [f"{base}{page}?{query}" for query in one_value() for page in ("", "categories.csv", "on/2026-01-11/")]
        found += [f"{api}categories/?{query}" for query in one_value()]
        found += [f"{base}?{urlencode({'q': words})}" for words in WORDS]
        if now == NOW and guidance == main_guidance():
            found += [f"{base}?{query}" for query in pairs()]
            found += [f"{base}find/?{query}" for query in journeys()]
            found += [f"{base}on/2025-09-02/find/?level=3", f"{base}on/2025-09-02/find/?level=2&relationship=some-ksbs"]
            compared = [*pairwise(current), (current[0], current[5], current[4], current[7])]
            for slugs in compared:
                query = urlencode([("category", slug) for slug in slugs])
                found += [f"{base}compare/?{query}", f"{base}on/2025-09-02/compare/?{query}"]
            numbers = range(1, guidance.editions.count() + 1)
            for number, other in combinations(numbers, 2):
                found += [f"{base}updates/{other}/?from={number}", f"{api}editions/{other}/changes/?from={number}"]
        for link in submission_links(guidance):
            found += [f"{link}{page}" for page in ("", "changes/", "updates/", "categories.csv", "find/")]
            found += [f"{link}categories/{slug}/" for slug in current]
    # What describes this release's API and site, not what guidance says
    passed_over = ("/api/v1/openapi.json", "/api/v1/documentation/", "/readyz")
    return [address for address in dict.fromkeys(found) if address not in passed_over]


def submission_links(guidance: Guidance) -> list[str]:
    every = [link for submission in guidance.submissions.order_by("pk") for link in submission.preview_links.all()]
    return [f"/preview/{link.token}/" for link in every]


def staff() -> list[str]:
    found: list[str] = []
    for model in (Guidance, Level, Cohort, ExamplesList, ApprovalTest, Category):
        key = {Level: "number", Cohort: "slug"}.get(model, "id")
        rows = list(model.history.order_by("history_id").values_list(key, "history_id"))
        pages = [f"history {model._meta.model_name} {value}" for value, _ in rows]
        found += dict.fromkeys(pages)
        found += [f"{page} {row}" for page, (_, row) in zip(pages, rows, strict=True)]
    found += ["/admin/categories/submission/", "/admin/categories/edition/"]
    for guidance in Guidance.objects.all():
        found += [f"/admin/categories/guidance/{guidance.pk}/changes/", f"/admin/preview/working-copy/{guidance.pk}/"]
        for submission in guidance.submissions.order_by("pk"):
            found += [f"submission {submission.pk}", f"/admin/preview/submission/{submission.pk}/"]
            found.append(f"/admin/preview/submission/{submission.pk}/changes/")
    return found


def main() -> None:
    folder = Path(sys.argv[1])
    fill()
    Session.objects.all().delete()  # of the forms that were sent
    tables = restore.tables_of(apps)
    assert set(tables) == set(connection.introspection.table_names())
    dumped = restore.dump(tables)
    said.write(folder / "release_1.json.xz", dumped)
    moments = {"public": {at.isoformat(): public(at) for at in (NOW, LATER)}, "staff": {NOW.isoformat(): staff()}}
    found = said.collect(**moments)
    said.write(folder / "release_1_said.json.xz", said.packed(found))
    print({name: len(table["rows"]) for name, table in dumped.items()})
    for part in ("public", "staff"):
        for moment, answers in found[part].items():
            print(part, moment, Counter((answer[0], answer[2]) for answer in answers.values()))


if __name__ == "__main__":
    main()
