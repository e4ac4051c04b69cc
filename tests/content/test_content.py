"""The content format: canonical text and back, records by id, and every rule by name."""

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError

from categories.content import rules
from categories.content.canonical import as_json, canonical, digest, dump, parse
from categories.content.entries import LIST_OF_KIND, assemble
from categories.content.schema import Content
from categories.content.vocabulary import RecordKind
from tests import strategies

Data = dict[str, Any]


@pytest.fixture
def data(fixture_content: Content) -> Data:
    """The content that the site starts from, to be spoilt."""
    return as_json(fixture_content)


def said(data: Data) -> list[str]:
    return [str(fault) for fault in rules.faults(data)]


@given(strategies.contents)
def test_text_comes_back_byte_for_byte(found: Content) -> None:
    text = dump(found)
    assert dump(parse(text)) == text
    assert canonical(json.loads(text)) == text


@given(strategies.contents)
def test_entries_assemble_to_the_same_content(found: Content) -> None:
    assert canonical(assemble(found.id, found.entries.values())) == dump(found)


@given(strategies.contents)
def test_every_record_has_one_entry(found: Content) -> None:
    assert len(found.entries) == 1 + sum(len(getattr(found, name)) for name in LIST_OF_KIND.values())


def test_the_fixture_comes_back_byte_for_byte(fixture_content: Content) -> None:
    text = canonical(assemble(fixture_content.id, fixture_content.entries.values()))
    assert text == dump(fixture_content)


def test_digest_is_of_the_utf8_bytes() -> None:
    # printf '{"a":"—"}' | sha256sum
    assert canonical({"a": "—"}) == '{"a":"—"}'
    assert digest('{"a":"—"}') == "d85a927b351ac20ee36f8338424555aaab1bfda483c5c20013b2255996a8636b"


def test_canonical_text_has_no_numbers_that_machines_write_differently() -> None:
    with pytest.raises(ValueError, match="JSON"):
        canonical({"a": float("nan")})


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"schema":2}', "\ud800"])
def test_what_is_not_content_is_refused(text: str) -> None:
    with pytest.raises((ValidationError, ValueError)):
        parse(text)


def test_content_cannot_be_altered(fixture_content: Content) -> None:
    with pytest.raises(ValidationError):
        fixture_content.categories[0].title = "Another"


@given(strategies.content_data().flatmap(strategies.spoilt))
def test_anything_gets_an_answer_that_can_be_printed(data: Any) -> None:
    found, faults = rules.read(data)
    assert (found is None) == bool(faults)
    for fault in faults:
        assert str(fault).encode()
        assert fault.message
    if found:
        assert dump(parse(dump(found))) == dump(found)
        assert all(found.levels_words(category) and found.cohorts_words(category) for category in found.categories)
        assert all(found.availability_words(category, date(2026, 1, 1)) for category in found.categories)


def test_a_number_too_long_to_write_is_named() -> None:
    assert [fault.name for fault in rules.faults({"levels": [10**5000]})] == ["the file"]


@pytest.mark.parametrize("data", [None, 1, "text", [], [{}]])
def test_a_file_that_holds_something_else_is_named(data: Any) -> None:
    assert [str(fault) for fault in rules.read(data)[1]] == ["Guidance “the file”: must be one JSON object"]


TITLE = "Level 2 occupational entry technical qualifications - 16 to 19 and adults"
SECOND = "Level 3 occupational entry technical qualifications - 16 to 19 and adults"
TEST = "Alternative approval test"


def category(**fields: Any) -> Callable[[Data], Any]:
    return lambda data: data["categories"][0].update(fields)


def approval_test(**fields: Any) -> Callable[[Data], Any]:
    return lambda data: data["approval_tests"][0].update(fields)


def another_test(**fields: Any) -> Callable[[Data], Any]:
    new = {"id": "17141a88-bc27-411c-ac5c-f29cfd16f5d0", "slug": "another-test", "name": "Another test"}
    return lambda data: data["approval_tests"].append(data["approval_tests"][0] | new | fields)


def availability(*steps: tuple[str, str | None]) -> Callable[[Data], Any]:
    return category(availability=[{"state": state, "from": month} for state, month in steps])


def guidance(**fields: Any) -> Callable[[Data], Any]:
    return lambda data: data.update(fields)


def about(field: str, message: str) -> str:
    return f"Category “{TITLE}”, {field}: {message}"


SCHEMAS = "must be 2, the present schema, or 1, the one before"
NEW = "17141a88-bc27-411c-ac5c-f29cfd16f5d0"
SOON = {"id": NEW, "slug": "in-scope-later", "name": "Soon", "dated": False}
ANOTHER = "Approval test “Another test”"
SAME = "is the same as that of"
WRONG_SLUG = "must be lower-case letters, digits and single hyphens, not"
LINK = "the link “javascript:a” must begin with https://, http://, mailto:, / or #"
RULES = {
    "a field is missing": (lambda data: data["categories"][0].pop("aim"), about("aim", "is missing")),
    "a field is unknown": (category(colour="red"), about("colour", "is not a field of this format")),
    "a line is empty": (category(synonyms=[""]), about("synonyms.0", "is empty")),
    "a line has a tab": (category(synonyms=["a\tb"]), about("synonyms.0", "must be on one line, without tabs")),
    "a line ends in a space": (
        category(synonyms=["a "]),
        about("synonyms.0", "must not begin or end with a space"),
    ),
    "a NUL": (category(aim="a\x00b"), about("aim", "has the control character U+0000; take it out")),
    "a carriage return": (category(aim="a\r\nb"), about("aim", "has the control character U+000D; take it out")),
    "text that runs backwards": (
        category(aim="a\u202eb"),
        about("aim", "has the control character U+202E; take it out"),
    ),
    "what XML cannot carry": (category(aim="a\uffff"), about("aim", "has the control character U+FFFF; take it out")),
    "a slug with capitals": (category(slug="Level-2"), about("slug", f"{WRONG_SLUG} “Level-2”")),
    "a slug with a line end": (category(slug="level-2\n"), about("slug", f"{WRONG_SLUG} “level-2\n”")),
    "a slug twice": (
        category(slug="level-3-occupational-entry-16-to-19-and-adults"),
        f"Category “{SECOND}”, slug: is the same as that of “{TITLE}”",
    ),
    "an id twice, in capitals": (
        lambda data: data["categories"][0].update(id=data["categories"][1]["id"].upper()),
        f"Category “{SECOND}”, id: is the same as that of “{TITLE}”",
    ),
    "not an id": (category(id="1"), about("id", "must be a UUID")),
    "a slug of two tests": (another_test(slug="alternative-approval-test"), f"{ANOTHER}, slug: {SAME} “{TEST}”"),
    "an id of two tests": (
        another_test(id="cb97554d-1d7e-4834-88e3-2e4342817ffd"),
        f"{ANOTHER}, id: {SAME} “{TEST}”",
    ),
    "an unknown level": (category(levels=[7]), about("levels", "“7” is not in this guidance")),
    "no level": (category(levels=[]), about("levels", "is empty; give at least one level")),
    "a level twice": (category(levels=[2, 2]), about("levels", "names the same one twice")),
    "a level of the guidance twice": (
        lambda data: data["levels"].append({"id": NEW, "number": 5}),
        "Level “5”, number: is the same as that of “5”",
    ),
    "a short form twice": (
        lambda data: data["short_forms"].append({"id": NEW, "term": "KSBs", "meaning": "others"}),
        "Short form “KSBs”, term: is the same as that of “KSBs”",
    ),
    "an unknown cohort": (category(cohorts=["all"]), about("cohorts", "“all” is not in this guidance")),
    "a cohort that is a word of the filter": (
        lambda data: data["cohorts"].append({"id": NEW, "slug": "not-stated", "name": "None"}),
        "Cohort “None”, slug: “not-stated” has a meaning of its own in the filter and the finder; choose another",
    ),
    "a cohort that is an answer of the finder": (
        lambda data: data["cohorts"].append({"id": NEW, "slug": "not-sure", "name": "Some"}),
        "Cohort “Some”, slug: “not-sure” has a meaning of its own in the filter and the finder; choose another",
    ),
    "an unknown test": (category(approval_tests=["x"]), about("approval tests", "“x” is not in this guidance")),
    "a test twice": (
        category(approval_tests=["employer-demand-test", "employer-demand-test"]),
        about("approval tests", "names the same one twice"),
    ),
    "an unknown examples list": (category(examples_list="x"), about("examples list", "“x” is not in this guidance")),
    "no test": (
        category(approval_tests=[]),
        about(
            "approval tests",
            "is empty; give at least one test or power, say in words why it faces none, or withdraw the category",
        ),
    ),
    "a blank aim": (category(aim=" \n"), about("aim", "is empty")),
    "a blank relationship": (category(relationship_text=""), about("relationship text", "is empty")),
    "a bad link": (category(aim="[x](javascript:a)"), about("aim", LINK)),
    "a bad link in the notice": (guidance(notice="[x](javascript:a)"), f"Guidance “{{title}}”, notice: {LINK}"),
    "a withdrawal without a why": (category(withdrawn=""), about("withdrawn", "is empty; say it in words")),
    "a test without a meaning": (
        approval_test(description=" "),
        f"Approval test “{TEST}”, description: is empty; say it in words",
    ),
    "a test withdrawn without a why": (
        another_test(withdrawn=" "),
        f"{ANOTHER}, withdrawn: is empty; say it in words",
    ),
    "a bad link in the withdrawal of a test": (
        another_test(withdrawn="[x](javascript:a)"),
        f"{ANOTHER}, withdrawn: {LINK}",
    ),
    "in scope without a month": (
        availability(("in-scope", None)),
        about("availability", "“In scope” needs the month from which it counts"),
    ),
    "a month where none counts": (
        availability(("not-yet-available", "2023-11")),
        about("availability", "“Not yet available” takes no month"),
    ),
    "no month behind a month": (
        availability(("in-scope", "2023-11"), ("not-yet-available", None)),
        about("availability", "“Not yet available” has no month, so it must stand first or alone"),
    ),
    "months that do not rise": (
        availability(("in-scope", "2023-11"), ("in-scope", "2023-11")),
        about("availability", "each month must be later than the one before it"),
    ),
    "an unknown state": (availability(("gone", None)), about("availability", "“gone” is not in this guidance")),
    "month 13": (
        availability(("in-scope", "2023-13")),
        about("availability.0.from", "must be a year and a month such as 2023-11, not “2023-13”"),
    ),
    "the year 0": (
        availability(("in-scope", "0000-01")),
        about("availability.0.from", "must be a year and a month such as 2023-11, not “0000-01”"),
    ),
    "a state that is no word": (
        lambda data: data["categories"][0]["availability"][0].update(state=[]),
        about("availability.0.state", "must be a valid string"),
    ),
    "an unknown relationship": (
        category(relationship="likes"),
        about("relationship", "“likes” is not in this guidance"),
    ),
    "an unknown T Level position": (category(t_level="x"), about("t level", "“x” is not in this guidance")),
    "a state whose value another has": (
        lambda data: data["availabilities"].append(SOON),
        "Availability “Soon”, slug: “in-scope-later” has a meaning of its own in the filter and the finder; "
        "choose another",
    ),
    "a title that nobody can see": (
        category(title="\u200b"),
        "Category “\u200b”, title: is empty: it has no character that a reader could see",
    ),
    "an aim of spaces that do not break": (category(aim="&nbsp;"), about("aim", "is empty")),
    "an aim of a link without words": (category(aim="[](https://a.uk/)"), about("aim", "is empty")),
    "a reason that nobody can see": (
        category(withdrawn="\u200b\ufeff"),
        about("withdrawn", "is empty; say it in words"),
    ),
    "a link with a password": (
        category(aim="[x](https://me:secret@a.uk/)"),
        about("aim", "the link to “a.uk” carries a user name or a password; take it out"),
    ),
    "a related link with a user name": (
        guidance(links=[{"title": "x", "url": "https://me@a.uk/"}]),
        "Guidance “{title}”, links.0.url: must not carry a user name or a password",
    ),
    "a contact that nobody can reach": (
        guidance(contact={"name": "The team", "email": None, "url": None}),
        "Guidance “{title}”, contact: needs an e-mail address or a web address",
    ),
    "a contact without an address": (
        guidance(contact={"name": "The team", "email": "team", "url": None}),
        "Guidance “{title}”, contact.email: must be an e-mail address such as name@example.org",
    ),
    "a day that is a number": (
        guidance(first_published_on="1748822400"),
        "Guidance “{title}”, first published on: must be a day such as 2025-06-02, not “1748822400”",
    ),
    "a day that never was": (
        guidance(first_published_on="2025-02-30"),
        "Guidance “{title}”, first published on: must be a day such as 2025-06-02, not “2025-02-30”",
    ),
    "another schema": (
        guidance(schema=3),
        "Guidance “{title}”, schema: must be 2, the present schema, or 1, the one before",
    ),
}


@pytest.mark.parametrize(("spoil", "expected"), RULES.values(), ids=RULES)
def test_each_rule_names_the_record_the_field_and_the_fault(data: Data, spoil: Any, expected: str) -> None:
    title = data["title"]
    spoil(data)
    assert said(data) == [expected.replace("{title}", title)]


def test_a_current_category_may_not_name_a_withdrawn_test(data: Data) -> None:
    data["approval_tests"][0]["withdrawn"] = "It ended."
    message = f"“{TEST}” is withdrawn; only a withdrawn category may name it"
    named = [item["title"] for item in data["categories"] if "alternative-approval-test" in item["approval_tests"]]
    assert len(named) == 4
    assert said(data) == [f"Category “{title}”, approval tests: {message}" for title in named]
    for item in data["categories"]:
        item["withdrawn"] = "It ended."
    assert said(data) == []


def test_a_withdrawn_category_may_be_bare(data: Data) -> None:
    category(withdrawn="It ended.", levels=[], approval_tests=[], aim="")(data)
    assert said(data) == []


def test_an_address_must_be_a_web_address(data: Data) -> None:
    for url in ("ftp://a.uk", "javascript:a", "https://", "/a", "https://a.uk/ b"):
        data["examples_lists"][0]["url"] = url
        assert [fault.field for fault in rules.faults(data)] == ["url"], url


def test_a_web_address_is_as_long_as_the_database_keeps(data: Data) -> None:
    url = data["examples_lists"][0]["url"] = f"https://a.uk/{'a' * 187}"
    assert (len(url), said(data)) == (200, [])
    data["examples_lists"][0]["url"] += "a"
    [fault] = rules.faults(data)
    assert (fault.field, fault.message) == ("url", "String should have at most 200 characters")


def test_every_fault_is_said_at_once(data: Data) -> None:
    data["title"] = ""
    category(aim="[x](javascript:a)", levels=[7], colour="red")(data)
    approval_test(kind="charm")(data)
    found = [(fault.kind, fault.field) for fault in rules.faults(data)]
    assert found == [
        (RecordKind.GUIDANCE, "title"),
        (RecordKind.CATEGORY, "colour"),
        (RecordKind.APPROVAL_TEST, "kind"),
        (RecordKind.CATEGORY, "levels"),
        (RecordKind.CATEGORY, "aim"),
    ]


def test_a_category_that_says_why_may_face_no_test(data: Data) -> None:
    category(approval_tests=[], approval_text="It needs no approval until 2027.")(data)
    assert said(data) == []


def stepped(data: Data, *steps: tuple[str, str | None]) -> Content:
    data["availabilities"].append({"id": NEW, "slug": "ended", "name": "No longer in scope", "dated": True})
    availability(*steps)(data)
    found, faults = rules.read(data)
    assert found, faults
    return found


@pytest.mark.parametrize(
    ("steps", "day", "value", "words"),
    [
        ((), date(2027, 1, 1), "not-stated", "Not stated in this guidance"),
        ((("not-yet-available", None),), date(2027, 1, 1), "not-yet-available", "Not yet available"),
        ((("in-scope", "2027-03"),), date(2027, 2, 28), "in-scope-later", "In scope from March 2027 (not yet)"),
        ((("in-scope", "2027-03"),), date(2027, 3, 1), "in-scope", "In scope from March 2027"),
        (
            (("in-scope", "2023-11"), ("ended", "2027-08")),
            date(2027, 7, 31),
            "in-scope",
            "In scope from November 2023. No longer in scope from August 2027 (not yet)",
        ),
        (
            (("in-scope", "2023-11"), ("ended", "2027-08")),
            date(2027, 8, 1),
            "ended",
            "No longer in scope from August 2027",
        ),
        (
            (("not-yet-available", None), ("in-scope", "2027-03")),
            date(2027, 2, 28),
            "not-yet-available",
            "Not yet available. In scope from March 2027 (not yet)",
        ),
        (
            (("in-scope", "2027-03"), ("ended", "2028-03")),
            date(2027, 2, 28),
            "in-scope-later",
            "In scope from March 2027 (not yet)",
        ),
    ],
)
def test_the_state_on_a_day_is_the_last_step_whose_month_has_come(
    data: Data, steps: Any, day: date, value: str, words: str
) -> None:
    content = stepped(data, *steps)
    first = content.categories[0]
    assert (first.availability_on(day), content.availability_words(first, day)) == (value, words)


def test_what_is_not_stated_says_so(fixture_content: Content) -> None:
    htq, t_level = fixture_content.categories[3:5]
    assert fixture_content.levels_words(htq) == "Level 4 and 5"
    assert fixture_content.cohorts_words(htq) == "Not stated in this guidance"
    assert fixture_content.availability_words(t_level, date(2025, 6, 2)) == "Not stated in this guidance"
    both, adults = fixture_content.categories[1:3]
    assert fixture_content.cohorts_words(both) == "16 to 19 and adults"
    assert fixture_content.cohorts_words(adults) == "Adults only"
