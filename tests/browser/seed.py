"""Fill the database of DATABASE_URL for the browser tests: guidance with a history, and one account for each role."""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

import time_machine  # noqa: E402 - Django is set up first
from django.contrib.auth.hashers import PBKDF2PasswordHasher  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.core.management import call_command  # noqa: E402

from categories import publishing  # noqa: E402
from categories.content import rules  # noqa: E402
from categories.content.entries import LIST_OF_KIND  # noqa: E402
from categories.content.schema import Content  # noqa: E402
from categories.models import Edition, Guidance, User  # noqa: E402
from categories.publishing import loading  # noqa: E402
from tests.factories import london, make_user  # noqa: E402
from tests.sentences import with_sentences  # noqa: E402

Data = dict[str, Any]

FIXTURE = Path(__file__).parent.parent.parent / "fixtures" / "technical-qualification-categories.json"
PROPOSAL, WITHDRAWN = "proposed-changes-to-the-categories", "level-3-digital-function-adults-only"
CROSS_CUTTING = "level-2-cross-cutting-function-16-to-19-and-adults"
HTQ = "level-4-and-5-higher-technical-qualifications"


def main() -> None:
    call_command("migrate", verbosity=0, interactive=False)
    fill()


def fill() -> None:
    """Publish the four editions of the guidance and one of another, of which a second waits and is shared by link 1."""
    writer = make_staff("wendy", "Writer")
    editor = make_staff("erin", "Editor")
    make_staff("ed", "Editor")
    make_staff("ruth", None, is_superuser=True)
    make_newcomer("nadia")
    fixture = json.loads(FIXTURE.read_text(encoding="utf-8"))
    publish_history(fixture, writer, editor)
    propose(fixture, writer)


def make_staff(username: str, group: str | None, **fields: Any) -> User:
    user = make_user(username, group, first_name=username.capitalize(), last_name=group or "Superuser", **fields)
    # The server does not know the quick hasher of the tests; a single round of its own is quick too
    user.password = PBKDF2PasswordHasher().encode("correct horse", "salt", iterations=1)
    user.save(update_fields=["password"])
    return user


def make_newcomer(username: str) -> None:
    """An Editor who has set no password yet, and for whom nobody vouches."""
    newcomer = User.objects.create_user(username, f"{username}@example.org", is_staff=True)
    newcomer.groups.set(Group.objects.filter(name="Editor"))


def publish_history(fixture: Data, writer: User, editor: User) -> None:
    """Publish what leads to the fixture, step by step: a change, its correction, and the end of a category."""
    now = {one["slug"]: one for one in fixture["categories"]}
    ended = now["level-3-cross-cutting-function-16-to-19-and-adults"] | {
        "id": str(uuid5(NAMESPACE_URL, WITHDRAWN)), "slug": WITHDRAWN, "cohorts": ["adults"],
        "title": "Level 3 digital function technical qualifications - adults only",
        "aim": "The aim is for learners to do a specific digital job role across different occupations.",
        "example": "",
    }  # fmt: skip
    former = {
        CROSS_CUTTING: {"aim": "The aim is for learners to do a job role across different occupations."},
        HTQ: {"availability": [{"state": "not-yet-available", "from": None}]},
    }
    htq = {HTQ: former[HTQ]}
    why = "No qualification was proposed for this category. Use one of the level 3 cross-cutting function categories."

    first = with_categories(fixture, former)
    load(first, writer, "The guidance as it was transferred", london(2025, 6, 2, 9, 30))
    guidance = Guidance.objects.get(pk=fixture["id"])
    publishing.publish_loaded(read(first), change_note="First published.", live_at=london(2025, 6, 2))

    def publish(at: datetime, data: Data, **fields: Any) -> Edition:
        load(data, writer, "As agreed with the policy team", at)
        with time_machine.travel(at, tick=False):
            return publishing.approve(publishing.submit(guidance, writer, **fields), editor)

    second = publish(
        london(2025, 9, 1, 9, 30),
        with_categories(fixture, htq, ended),
        change_note="Added a category of digital function qualifications for adults, and said more clearly what the "
        "cross-cutting function category at level 2 is for.",
    )
    publish(
        london(2025, 9, 3, 17),
        with_categories(fixture, {}, ended),
        change_note="Higher Technical Qualifications have been in scope since September 2020. The last update left "
        "this out.",
        update_type="minor",
        corrects=second,
    )
    publish(
        london(2026, 1, 12, 12),
        with_categories(fixture, {}, ended | {"withdrawn": why}),
        change_note="Withdrew the category of digital function qualifications.\n\nIt was never used.",
    )


def with_categories(data: Data, changed: dict[str, Data], *added: Data) -> Data:
    categories = [one | changed.get(one["slug"], {}) for one in data["categories"]]
    return data | {"categories": [*categories, *added]}


def propose(fixture: Data, writer: User) -> None:
    """Publish another guidance, which has all that the first lacks; submit a change of it and share that by a link."""
    other = with_ids_of_its_own(with_sentences(fixture)) | {
        "slug": PROPOSAL,
        "title": "Proposed changes to the technical qualification categories",
        "summary": "What would change in each category, for discussion with awarding organisations.",
        "notice": "",
        "introduction": "Each category below says what would change.\n\nThe changes would come in two steps:\n\n"
        "- new categories first\n- then the end of those that they replace",
        # A name of 58 letters, an address for e-mail of 80 and one of the web of 115: they stand on every page
        "contact": {
            "name": "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
            "email": f"{'qualifications' * 4}@department.example.org".rjust(80, "x"),
            "url": "https://example.org/discussion/".ljust(115, "x"),
        },
        "links": [
            {"title": "How to take part in the discussion", "url": "https://example.org/discussion"},
            {"title": "https://example.org/terms/".ljust(115, "y"), "url": "https://example.org/terms"},
        ],
    }
    ending = {"id": str(uuid5(NAMESPACE_URL, "ending")), "slug": "no-longer-in-scope", "name": "No longer in scope"}
    other["categories"][0]["aim"] += f"\n\nIt is for people at {'z' * 115}."
    other["availabilities"].append(ending | {"dated": True})
    other["relationships"][0]["definition"] = "It covers as many of the KSBs as a course can reasonably deliver."
    other["categories"][0] |= {
        "availability": [{"state": "in-scope", "from": "2023-11"}, {"state": ending["slug"], "from": "2030-08"}],
        "availability_text": "Qualifications in this category would be in scope for seven more years.",
        "approval_text": "Each qualification would be approved for three years.",
    }
    other["categories"][4] |= {
        "approval_tests": [],
        "approval_text": "Qualifications in this category would face no test, because a regulator sets their content.",
    }
    load(other, writer, "For the discussion", london(2026, 2, 2, 9))
    guidance = Guidance.objects.get(pk=other["id"])
    publishing.publish_loaded(read(other), change_note="First published.", live_at=london(2026, 2, 2, 10))
    other["categories"][7]["availability"] = [{"state": "in-scope", "from": "2030-09"}]
    other["categories"][7]["title"] = "Level 2 function technical qualifications - 16 to 19 and adults"
    loading.load(read(other), by=writer, why="As discussed")
    submission = publishing.submit(guidance, writer, change_note="The first function category comes into scope.")
    publishing.share_preview(submission, writer, made_for="A college")


def with_ids_of_its_own(data: Data) -> Data:
    def renewed(records: list[Data]) -> list[Data]:
        return [one | renewed_id(one) for one in records]

    return data | renewed_id(data) | {name: renewed(data[name]) for name in LIST_OF_KIND.values()}


def renewed_id(data: Data) -> Data:
    return {"id": str(uuid5(NAMESPACE_URL, data["id"]))}


def load(data: Data, writer: User, why: str, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        loading.load(read(data), by=writer, why=why)


def read(data: Data) -> Content:
    found, faults = rules.read(data)
    assert found, faults
    return found


if __name__ == "__main__":
    main()
