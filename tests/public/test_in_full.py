"""The whole guidance as one document: every sentence of an edition, word for word and in its order."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from categories import publishing
from categories.content.canonical import as_json
from categories.content.markdown import plain
from categories.content.schema import Content
from categories.models import ExamplesList, Guidance
from categories.publishing import loading
from tests import factories, strategies
from tests.factories import altered, london, make_user, publish, with_category
from tests.forms import typed
from tests.html import Page, words
from tests.sentences import with_sentences

pytestmark = pytest.mark.django_db

G = "/guidance/technical-qualification-categories/"
ENTRY, HTQ = "level-2-occupational-entry-16-to-19-and-adults", "level-4-and-5-higher-technical-qualifications"


def get(client: Client, address: str = f"{G}in-full/") -> Page:
    response = client.get(address)
    assert response.status_code == 200
    return Page(response)


def solid(text: str) -> str:
    """A text without its spaces and the ends of its lines, which HTML does not keep."""
    return "".join(text.split())


def stand_in_order(sentences: list[str], text: str) -> None:
    """Fail at the first sentence that does not stand in a text after those before it."""
    rest = solid(text)
    for sentence in filter(None, sentences):
        before, found, rest = rest.partition(solid(sentence))
        assert found, f"“{sentence}” is not after “{before[-80:]}”"


def sentences_of(content: Content, slug: str) -> list[str]:
    """Every text of a category, in the order of the guidance."""
    category = content.category_by_slug[slug]
    examples = content.examples_list_by_slug.get(category.examples_list or "")
    texts = [category.withdrawn or "", category.relationship_text, category.aim, category.example]
    texts += [category.approval_text, category.availability_text]
    texts += [examples.text, examples.covers] if examples else []
    return [category.title, *map(plain, texts)]


@pytest.fixture
def entered(client: Client, fixture_content: Content, time_machine: Any) -> dict[str, Any]:
    """The sentences of a document, typed by a writer into the forms of the admin and approved by an editor."""
    writer, editor = make_user("wendy", "Writer"), make_user("erin", "Editor")
    loading.load(fixture_content, by=writer, why="To begin with")
    guidance = Guidance.objects.get(pk=fixture_content.id)
    factories.publish_loaded(guidance, live_at=london(2025, 6, 2))
    client.force_login(writer)
    data = with_sentences(as_json(fixture_content))
    names = ("relationship_text", "aim", "approval_text", "availability_text")
    for category in data["categories"]:
        enter(client, "category", category["id"], {name: category[name] for name in names})
    for one in data["examples_lists"]:
        key = ExamplesList.objects.get(guidance=guidance, slug=one["slug"]).pk
        enter(client, "exampleslist", key, {"text": one["text"]})
    enter(client, "guidance", str(guidance.pk), {"introduction": data["introduction"]})
    submission = publishing.submit(guidance, writer, change_note="In the words of the document.")
    time_machine.move_to(publishing.approve(submission, editor).live_at)
    client.logout()
    return data


def enter(client: Client, model: str, key: object, values: dict[str, str]) -> None:
    url = f"/admin/categories/{model}/{key}/change/"
    response = client.post(url, typed(client, url, **values))
    assert response.status_code == 302, words(Page(response).root)


def test_sentences_that_staff_entered_stand_word_for_word_and_in_order(client: Client, entered: dict[str, Any]) -> None:
    page = get(client)
    by_slug = {one["slug"]: one for one in entered["examples_lists"]}
    sentences = [entered["title"], entered["summary"], plain(entered["notice"]), plain(entered["introduction"])]
    for category in entered["categories"]:
        own = [category["title"], category["relationship_text"], category["aim"], category["example"]]
        own += [category["approval_text"], category["availability_text"]]
        own += [by_slug[category["examples_list"]]["text"]] if category["examples_list"] else []
        sentences += map(plain, own)
        section = next(one for one in page.all("section") if one.get("id") == category["slug"])
        stand_in_order([plain(one) for one in own], words(section))
        stand_in_order([plain(one) for one in own], get(client, f"{G}categories/{category['slug']}/").main)
    contents, _, document = page.main.partition(" Introduction This guidance is for")
    stand_in_order(sentences[:3], contents)
    stand_in_order(sentences[4:], document)
    assert len(entered["categories"]) == 12


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(content=strategies.contents)
def test_every_text_of_any_guidance_stands_in_it_and_none_is_altered(client: Client, content: Content) -> None:
    publish(content)
    page = get(client, f"/guidance/{content.slug}/in-full/")
    parts = {one.get("id"): words(one) for one in page.all("section") if one.get("id")}
    for category in content.categories:
        stand_in_order(sentences_of(content, category.slug), parts[category.slug])
    texts = [content.title, content.summary, *map(plain, (content.notice, content.introduction, content.caution))]
    texts += [plain(one.definition) for one in content.relationships]
    texts += [text for test in content.approval_tests for text in (test.name, plain(test.description))]
    texts += [plain(test.withdrawn or "") for test in content.approval_tests]
    texts += [link.title for link in content.links]
    for text in texts:
        assert solid(text) in solid(page.main)


def test_it_leads_to_each_part_and_each_part_to_its_page(client: Client, fixture_content: Content) -> None:
    publish(fixture_content)
    page = get(client)
    contents = page.all("nav", "app-contents")[0]
    for category in fixture_content.categories:
        assert f"#{category.slug}" in [link.get("href") for link in contents.iter("a")]
        for part in ("relationship", "aim", "approval", "availability"):
            assert f"{category.slug}_{part}" in page.ids
    assert page.title == f"In full - {fixture_content.title} - Technical qualification guidance"
    links = get(client, f"{G}categories/{HTQ}/").links
    assert links["Read it in the whole guidance"] == f"{G}in-full/#{HTQ}"
    assert get(client, G).links["Read or print all of it in full"] == f"{G}in-full/"


def test_what_is_withdrawn_stands_after_what_is_not(client: Client, fixture_content: Content) -> None:
    publish(with_category(fixture_content, ENTRY, withdrawn="It was never used."))
    page = get(client)
    parts = [one.get("id") for one in page.all("section") if one.get("id")]
    assert parts[-1] == ENTRY
    assert len(parts) == 12
    section = next(one for one in page.all("section") if one.get("id") == ENTRY)
    assert "Withdrawn It was never used." in words(section)


def test_relationships_are_explained_once(client: Client, fixture_content: Content) -> None:
    relationships = as_json(fixture_content)["relationships"]
    relationships[0]["definition"] = "It covers what a course can teach."
    publish(altered(fixture_content, relationships=relationships))
    assert get(client).main.count("It covers what a course can teach.") == 1


def test_a_file_on_paper_says_which_edition_it_is_and_when_it_was_printed(
    client: Client, fixture_content: Content, time_machine: Any
) -> None:
    publish(fixture_content)
    publish(altered(fixture_content, summary="Changed."), live_at=london(2026, 9, 1, 9, 30))
    time_machine.move_to(london(2026, 9, 3, 12), tick=False)
    page = get(client)
    assert page.facts["Edition"] == "Edition 2, live from 9:30am on 1 September 2026"
    assert page.facts["Printed"] == "As it read on 3 September 2026"
    assert f"The web address of this page is http://testserver{G}in-full/" in words(page.all("footer")[0])
    dated = get(client, f"{G}on/2026-08-31/in-full/")
    assert dated.facts["Edition"] == "Edition 1, live from midnight on 2 June 2025"
    assert dated.facts["Printed"] == "As it read on 31 August 2026"


@pytest.mark.parametrize("base", [G, f"{G}on/2025-09-01/"])
def test_it_takes_three_queries(client: Client, fixture_content: Content, base: str) -> None:
    publish(fixture_content)
    publish(altered(fixture_content, summary="Changed."), live_at=london(2025, 7, 1), update_type="minor")
    with CaptureQueriesContext(connection) as asked:
        get(client, f"{base}in-full/")
    assert len(asked) <= 3


@pytest.mark.parametrize("address", [G, f"{G}in-full/", f"{G}at/2025-06-02T12:00:00Z/"])
def test_headings_of_the_published_document_lead_to_their_category(
    client: Client, fixture_content: Content, address: str
) -> None:
    publish(fixture_content)
    page = get(client, address)
    anchor = "level-2-occupational-entry-technical-qualifications---16-to-19-and-adults"
    [marked] = [one for tag in ("article", "section") for one in page.all(tag) if one.get("id") == ENTRY]
    assert anchor in [one.get("id") for one in marked.iter("span")]
    assert len([one for one in page.root.iter() if one.get("id") == anchor]) == 1
    assert len(fixture_content.headings) == 11  # the heading of one is its slug


def test_a_heading_that_stands_for_another_is_no_anchor(fixture_content: Content) -> None:
    title = fixture_content.category_by_slug[HTQ].title
    twins = with_category(fixture_content, ENTRY, title=title)
    assert not {ENTRY, HTQ} & twins.headings.keys()
    taken = with_category(fixture_content, ENTRY, title="Level 3 T Level")
    assert ENTRY not in taken.headings
    assert "about" not in with_category(fixture_content, ENTRY, title="About").headings.values()
