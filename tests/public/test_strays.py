"""Links of a content within the site that lead nowhere: named to staff, and no others."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from categories.content.schema import Content
from categories.models import FormerAddress
from categories.public.strays import PARTS, strays
from tests import factories

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
ENTRY, T_LEVEL = "level-2-occupational-entry-16-to-19-and-adults", "level-3-t-level"
NOTHING: dict[str, Any] = dict.fromkeys(
    (
        "short_forms", "levels", "cohorts", "relationships", "t_levels", "availabilities",
        "categories", "approval_tests", "examples_lists",
    ),
    (),
)  # fmt: skip
IN_FORCE = timedelta(seconds=5)  # by when former addresses are
STRAY = [
    f"{G}categories/no-such-category/",
    f"{G}categories/no-such-category/updates/",
    f"{G}approval-tests/no-such-test/",
    f"{G}nothing/",
    "/guidance/no-such-guidance/",
    "/guidance/other/categories/level-3-t-level/",
    "/nothing/",
    "https://guidance.example.org/nothing/",
]
SOUND = [
    G,
    f"{G}?level=3",
    f"{G}categories/{T_LEVEL}/#aim",
    f"{G}categories/{T_LEVEL.upper()}",
    f"{G}categories/former/",
    f"{G}on/2026-01-01/categories/{T_LEVEL}/",
    f"{G}updates/",
    "/guidance/other/in-full/",
    "/old/address",
    "#aim",
    "//example.org/nothing/",
    "https://www.example.com/nothing/",
    "mailto:somebody@example.org",
    f"https://guidance.example.org{G}",
]


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    settings.SITE_ADDRESS = "https://guidance.example.org"


@pytest.fixture
def published(fixture_content: Content) -> Content:
    factories.publish(factories.with_category(fixture_content, ENTRY, slug="former"))
    factories.publish(fixture_content, timezone.now())
    other = factories.altered(fixture_content, slug="other", id="00000000-0000-0000-0000-00000000000a", **NOTHING)
    factories.publish(other)
    FormerAddress.objects.create(address="/old/address/", leads_to=G, why="A college links there.")
    return fixture_content


def named(content: Content) -> list[str]:
    return [one.link.address for one in strays(content, timezone.now() + IN_FORCE)]


def test_what_leads_nowhere_is_named_with_its_field(published: Content) -> None:
    for address in STRAY:
        [one] = strays(factories.with_category(published, ENTRY, aim=f"See [it]({address})."), timezone.now())
        assert (one.link.address, one.link.label) == (address, "Core aim")
        assert one.link.title == published.category_by_slug[ENTRY].title


@pytest.mark.parametrize(
    "written, why, nearest",
    [
        (f"{G}categories/level-3-t-levels/", "no category of this guidance", f"{G}categories/{T_LEVEL}/"),
        (f"{G}categories/level-3-t-levels/updates/", "no category", f"{G}categories/{T_LEVEL}/updates/"),
        (f"{G}approval-tests/employer-demand/", "no approval test", f"{G}approval-tests/employer-demand-test/"),
        (f"{G}categories/{T_LEVEL}/#approvals", "no such part", f"{G}categories/{T_LEVEL}/#approval"),
        (f"{G}categories/{T_LEVEL}/#zzz", "no such part", f"{G}categories/{T_LEVEL}/#relationship"),
        (f"{G}updatess/", "no page of this site", f"{G}updates/"),
        ("/zzz/", "no page of this site", ""),
    ],
)
def test_what_leads_nowhere_brings_the_nearest_address(
    published: Content, written: str, why: str, nearest: str
) -> None:
    [one] = strays(factories.with_category(published, ENTRY, aim=f"See [it]({written})."), timezone.now())
    assert why in one.why
    assert one.nearest == nearest


def test_every_part_that_links_may_name_is_on_its_page(published: Content, client: Any) -> None:
    for kind, slug in (("category", T_LEVEL), ("approval-test", "employer-demand-test")):
        folder = {"category": "categories", "approval-test": "approval-tests"}[kind]
        page = client.get(f"{G}{folder}/{slug}/").content.decode()
        assert [part for part in PARTS[kind] if f'id="{part}"' not in page] == []


def test_the_links_of_one_record_can_be_asked_for(published: Content) -> None:
    found = factories.with_category(published, ENTRY, aim="See [it](/nothing/).")
    entry, t_level = found.category_by_slug[ENTRY].id, found.category_by_slug[T_LEVEL].id
    assert [one.link.address for one in strays(found, timezone.now(), entry)] == ["/nothing/"]
    assert list(strays(found, timezone.now(), t_level)) == []


def test_what_leads_somewhere_is_not(published: Content) -> None:
    for address in SOUND:
        assert named(factories.with_category(published, ENTRY, aim=f"See [it]({address}).")) == []


def test_every_field_that_can_hold_a_link_is_read(published: Content) -> None:
    link, dump = "https://guidance.example.org/nothing/", published.model_dump()
    text = f"See [it]({link})."
    named_in = factories.altered(
        published,
        notice=text, caution=text, introduction=text, links=[{"title": "It", "url": link}],
        categories=[
            dump["categories"][0]
            | dict.fromkeys(("relationship_text", "aim", "example", "approval_text", "availability_text"), text)
        ],
        approval_tests=[one | {"description": text} for one in dump["approval_tests"]],
        relationships=[one | {"definition": text} for one in dump["relationships"]],
        examples_lists=[one | {"text": text} for one in dump["examples_lists"]],
    )  # fmt: skip
    of_terms = len(dump["approval_tests"]) + len(dump["relationships"]) + len(dump["examples_lists"])
    assert named(named_in) == [link] * (4 + 5 + of_terms)


def test_a_content_whose_links_are_its_own_needs_no_query(published: Content, django_assert_num_queries: Any) -> None:
    found = factories.with_category(published, ENTRY, aim=f"See [it]({G}categories/{T_LEVEL}/) and [all]({G}).")
    with django_assert_num_queries(0):
        assert named(found) == []
