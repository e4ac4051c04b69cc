"""What changed: replayed exactly, told in words, and marked word by word."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from categories.content import diff, text_diff
from categories.content.canonical import as_json, dump, parse
from categories.content.diff import Change
from categories.content.schema import Content
from categories.content.text_diff import Segment
from categories.content.vocabulary import ADDRESSED, UNSLUGGED, RecordKind
from tests import factories, strategies

ENTRY = "level-2-occupational-entry-16-to-19-and-adults"
NEW = "17141a88-bc27-411c-ac5c-f29cfd16f5d0"


def text_of(segments: tuple[Segment, ...], *ops: str) -> str:
    return "".join(segment.text for segment in segments if segment.op in ops)


@given(strategies.pairs)
def test_changes_replay_byte_for_byte(pair: tuple[Content, Content]) -> None:
    before, after = pair
    replayed = diff.apply(before, diff.changes(before, after), after.id)
    assert dump(replayed) == dump(after)


@given(strategies.contents)
def test_the_first_edition_replays_from_nothing(after: Content) -> None:
    found = diff.changes(None, after)
    assert {change.action for change in found} == {"added"}
    assert [change.id for change in found] == list(after.entries)
    assert dump(diff.apply(None, found, after.id)) == dump(after)


@given(strategies.contents)
def test_content_does_not_differ_from_itself(found: Content) -> None:
    assert diff.changes(found, parse(dump(found))) == []


@given(strategies.pairs)
def test_a_record_is_named_only_if_it_changed(pair: tuple[Content, Content]) -> None:
    before, after = pair
    found = {change.id: change for change in diff.changes(before, after)}
    assert len(found) == len(diff.changes(before, after))
    for identity in {**before.entries, **after.entries}:
        old, new = before.entries.get(identity), after.entries.get(identity)
        if old != new:
            assert identity in found
        elif identity in found:
            assert (found[identity].action, found[identity].fields) == ("moved", ())


@given(strategies.pairs)
def test_a_category_alone_is_compared_as_it_is_among_all(pair: tuple[Content, Content]) -> None:
    for before in (None, pair[0]):
        after = pair[1]
        found = {change.id: change for change in diff.changes(before, after)}
        for category in {*(before.category_by_id if before else ()), *after.category_by_id, UUID(NEW)}:
            assert diff.change_of_category(category, before, after) == found.get(category)


@given(strategies.pairs)
def test_the_words_of_a_change_are_those_of_the_two_contents(pair: tuple[Content, Content]) -> None:
    for change in diff.changes(*pair):
        for field in change.fields:
            assert text_of(field.segments, "same", "deleted") == field.before_words
            assert text_of(field.segments, "same", "inserted") == field.after_words
            assert field.label != field.field


rough = strategies.rough_texts | st.text(st.sampled_from("a b\n\t\r\u00a0\u2003"), max_size=30)


@given(rough, rough)
def test_segments_join_to_both_texts(before: str, after: str) -> None:
    segments = text_diff.compare_words(before, after)
    assert text_of(segments, "same", "deleted") == before
    assert text_of(segments, "same", "inserted") == after
    assert all(segment.text for segment in segments)


def test_two_words_are_marked_and_no_more() -> None:
    segments = text_diff.compare_words("Entry to the aligned occupation.", "Entry to a skilled occupation.")
    assert segments == (
        Segment("same", "Entry to"),
        Segment("deleted", " the aligned"),
        Segment("inserted", " a skilled"),
        Segment("same", " occupation."),
    )


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("Aim of some and Employer test", "Employer test", "[-Aim of some and ]Employer test"),
        ("Employer test", "Aim of some and Employer test", "[+Aim of some and ]Employer test"),
        ("One two", "Two two", "[-One][+Two] two"),
        ("4 and 5", "5", "[-4 and ]5"),
        ("a b", "a\n\nb", "a[- ][+\n\n]b"),
        ("x\n\ny", "z y", "[-x\n\n][+z ]y"),
        ("a ", "a", "a[- ]"),
        (" a", "a  ", "[- ]a[+  ]"),
        ("", " ", "[+ ]"),
        ("same\n", "same\n", "same\n"),
        ("", "", ""),
    ],
)
def test_a_word_is_the_same_whatever_stands_before_it(before: str, after: str, marked: str) -> None:
    signs = {"deleted": "-", "inserted": "+"}
    found = text_diff.compare_words(before, after)
    written = [f"[{signs[one.op]}{one.text}]" if one.op in signs else one.text for one in found]
    assert "".join(written) == marked


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 1_000, "a " * 900 + "b"),
        ("a b " * 500, "b a " * 500),
        (" ".join(map(str, range(3_000))), " ".join(map(str, reversed(range(3_000))))),
        ("\n" * 20_000, "\n" * 19_999 + "a"),
    ],
    ids=["one word over and over", "two words over and over", "many words", "many lines"],
)
def test_long_and_repetitive_text_is_never_weighed_up_word_by_word(
    before: str, after: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    weighed: list[tuple[int, int]] = []
    real: Callable[..., tuple[Segment, ...]] = text_diff._segments

    def counted(old: list[str], new: list[str]) -> tuple[Segment, ...]:
        weighed.append((len(old) + len(new), text_diff._pairs(old, new)))
        return real(old, new)

    monkeypatch.setattr(text_diff, "_segments", counted)
    segments = text_diff.compare_words(before, after)
    assert text_of(segments, "same", "deleted") == before
    assert text_of(segments, "same", "inserted") == after
    assert all(words <= 4_000 and pairs <= 50_000 for words, pairs in weighed)


def test_a_word_that_comes_often_is_still_a_word() -> None:
    before = " ".join(f"w{number} the" for number in range(200))
    segments = text_diff.compare_words(before, before.replace("w7 the w8 ", "v7 the v8 "))
    assert text_of(segments, "deleted") == " w7 w8"
    assert text_of(segments, "inserted") == " v7 v8"


def test_text_too_long_for_words_is_compared_by_lines() -> None:
    before = "".join(f"{number} and more words\n" for number in range(1_500))
    segments = text_diff.compare_words(before, before.replace("700 and", "700 or"))
    assert text_of(segments, "deleted") == "700 and more words\n"
    assert text_of(segments, "inserted") == "700 or more words\n"


def data_of(found: Content) -> dict[str, Any]:
    return as_json(found)


def read(data: dict[str, Any]) -> Content:
    return strategies.read(data)


def changed(before: Content, edit: Callable[[dict[str, Any]], object]) -> list[Change]:
    """What an edit of the data changes, having checked that it replays."""
    data = data_of(before)
    edit(data)
    after = read(data)
    found = diff.changes(before, after)
    assert dump(diff.apply(before, found, before.id)) == dump(after)
    return found


def test_a_renamed_test_changes_no_category(fixture_content: Content) -> None:
    def edit(data: dict[str, Any]) -> None:
        for record in data["categories"]:
            record["approval_tests"] = [
                slug.replace("alternative-approval-test", "aat") for slug in record["approval_tests"]
            ]
        data["approval_tests"][0]["slug"] = "aat"

    (change,) = changed(fixture_content, edit)
    assert (change.kind, change.action, change.slug) == (RecordKind.APPROVAL_TEST, "changed", "aat")
    assert [(field.field, field.before, field.after) for field in change.fields] == [
        ("slug", "alternative-approval-test", "aat")
    ]


def test_two_records_can_swap_their_addresses(fixture_content: Content) -> None:
    first, second = fixture_content.categories[:2]

    def edit(data: dict[str, Any]) -> None:
        data["categories"][0]["slug"], data["categories"][1]["slug"] = second.slug, first.slug

    found = changed(fixture_content, edit)
    assert [(change.id, change.slug) for change in found] == [(first.id, second.slug), (second.id, first.slug)]


def test_a_move_says_where_to(fixture_content: Content) -> None:
    last = fixture_content.categories[-1]
    (change,) = changed(fixture_content, lambda data: data["categories"].insert(0, data["categories"].pop()))
    assert (change.id, change.action, change.place, change.place_words) == (last.id, "moved", 0, "first in its list")
    (change,) = changed(fixture_content, lambda data: data["categories"].insert(1, data["categories"].pop()))
    assert change.place_words == f"after “{fixture_content.categories[0].title}”"


def test_a_new_order_of_tests_changes_no_category(fixture_content: Content) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["approval_tests"].reverse()
        order = [record["slug"] for record in data["approval_tests"]]
        for record in data["categories"]:
            record["approval_tests"].sort(key=order.index)

    found = changed(fixture_content, edit)
    assert {(change.kind, change.action) for change in found} == {(RecordKind.APPROVAL_TEST, "moved")}
    assert len(found) == 4


def test_a_withdrawal_and_its_end_are_named(fixture_content: Content) -> None:
    data = data_of(fixture_content)
    data["categories"][4]["withdrawn"] = "It is no longer offered."
    withdrawn = read(data)
    (change,) = diff.changes(fixture_content, withdrawn)
    assert (change.action, change.action_words) == ("withdrawn", "Withdrawn")
    assert [(field.label, field.before_words, field.after_words) for field in change.fields] == [
        ("Withdrawn because", "", "It is no longer offered.")
    ]
    (change,) = diff.changes(withdrawn, fixture_content)
    assert change.action == "restored"


def test_a_changed_reason_is_no_second_withdrawal(fixture_content: Content) -> None:
    data = data_of(fixture_content)
    data["categories"][4]["withdrawn"] = "It ended."
    (change,) = changed(read(data), lambda data: data["categories"][4].update(withdrawn="Nobody offers it."))
    assert change.action == "changed"
    assert [(field.label, field.before_words, field.after_words) for field in change.fields] == [
        ("Withdrawn because", "It ended.", "Nobody offers it.")
    ]


def test_every_kind_of_field_is_told_in_words(fixture_content: Content) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["first_published_on"] = None
        data["applies_to"] = ["England", "Wales"]
        data["categories"][0] |= {
            "levels": [2, 3],
            "cohorts": [],
            "relationship": "builds-on",
            "by_exception": True,
            "t_level": "not-covered",
            "approval_tests": ["significant-outcomes-test", "employer-demand-test"],
            "availability": [],
            "examples_list": None,
            "synonyms": ["Entry", "First step"],
        }

    guidance, category = changed(fixture_content, edit)
    assert {field.label: (field.before_words, field.after_words) for field in guidance.fields} == {
        "Published": ("2 June 2025", ""),
        "Applies to": ("England", "England and Wales"),
    }
    examples = "Skills England's list of approved qualifications: approved level 2 and level 3 technical qualifications"
    assert {field.label: (field.before_words, field.after_words) for field in category.fields} == {
        "Levels": ("2", "2 and 3"),
        "Cohorts": ("16 to 19 and Adults", "Not stated"),
        "Relationship to occupational standards": (
            "Aligns to an occupational standard or standards",
            "Builds on an occupational standard or standards",
        ),
        "Approved for development by exception only": ("", "Yes"),
        "T Levels": ("", "The occupational standard is not covered by T Levels"),
        "Approval tests and powers": (
            "Alternative approval test and Employer demand test",
            "Significant outcomes test and Employer demand test",
        ),
        "Availability": ("In scope from November 2023", "Not stated in this guidance"),
        "Examples list": (examples, ""),
        "Other names": ("", "Entry and First step"),
    }


def test_each_side_is_told_in_its_own_words(fixture_content: Content) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["cohorts"][1]["name"] = "Over 18"
        data["categories"][0]["cohorts"] = ["16-to-19"]
        data["categories"][3]["cohorts"] = ["adults"]

    _, fewer, more = changed(fixture_content, edit)
    assert [(field.before_words, field.after_words) for field in fewer.fields] == [("16 to 19 and Adults", "16 to 19")]
    assert [(field.before_words, field.after_words) for field in more.fields] == [("Not stated", "Over 18")]


def test_a_month_to_come_is_told_as_on_any_day(fixture_content: Content) -> None:
    soon = [{"state": "in-scope", "from": "2999-12"}]
    (change,) = changed(fixture_content, lambda data: data["categories"][0].update(availability=soon))
    assert [field.after_words for field in change.fields] == ["In scope from December 2999"]


@pytest.mark.parametrize("number", [1, 3, 8])  # new ones, and one with another id
def test_a_level_that_categories_name_at_once_is_replayed_in_its_place(fixture_content: Content, number: int) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["levels"] = sorted(
            [{"id": NEW, "number": number}, *(one for one in data["levels"] if one["number"] != number)],
            key=lambda one: one["number"],
        )
        for record in data["categories"]:
            record["levels"] = sorted({*record["levels"], number})

    assert f"Level {number}" in [change.title for change in changed(fixture_content, edit)]


def test_what_is_not_by_exception_is_told_by_nothing(fixture_content: Content) -> None:
    (change,) = changed(fixture_content, lambda data: data["categories"][10].update(by_exception=False))
    assert [(field.before_words, field.after_words) for field in change.fields] == [("Yes", "")]
    added = next(one for one in diff.changes(None, fixture_content) if one.kind == RecordKind.CATEGORY)
    said = {field.field: field.after_words for field in added.fields}
    assert (said["by_exception"], said["t_level"]) == ("", "")


def test_a_renamed_word_of_the_vocabulary_changes_no_category(fixture_content: Content) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["availabilities"][0]["name"] = "Open"

    (change,) = changed(fixture_content, edit)
    assert (change.kind, change.action, change.former_title) == (RecordKind.AVAILABILITY, "changed", "In scope")
    assert [(field.label, field.before_words, field.after_words) for field in change.fields] == [
        ("Name", "In scope", "Open")
    ]


def test_steps_are_told_together(fixture_content: Content) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["availabilities"].append({"id": NEW, "slug": "ended", "name": "No longer in scope", "dated": True})
        data["categories"][0]["availability"].append({"state": "ended", "from": "2027-08"})

    added, category = changed(fixture_content, edit)
    assert (added.kind, added.place_words) == (RecordKind.AVAILABILITY, "after “Not yet available”")
    assert [(field.before_words, field.after_words) for field in category.fields] == [
        ("In scope from November 2023", "In scope from November 2023. No longer in scope from August 2027")
    ]


def test_a_new_level_has_no_place_to_tell(fixture_content: Content) -> None:
    (change,) = changed(fixture_content, lambda data: data["levels"].append({"id": NEW, "number": 6}))
    assert (change.kind, change.action, change.place, change.place_words) == (RecordKind.LEVEL, "added", None, "")


def test_a_renamed_category_keeps_its_former_title(fixture_content: Content) -> None:
    former = fixture_content.categories[0].title
    (change,) = changed(fixture_content, lambda data: data["categories"][0].update(title="Another title"))
    assert (change.title, change.former_title) == ("Another title", former)


def test_a_removed_record_says_what_it_was(fixture_content: Content) -> None:
    last = fixture_content.categories[-1]
    (change,) = changed(fixture_content, lambda data: data["categories"].pop())
    assert (change.action, change.title, change.place) == ("removed", last.title, None)
    assert {field.field: field.before_words for field in change.fields}["title"] == last.title
    assert all(field.after is None for field in change.fields)


def applying_to(content: Content, *countries: str) -> Content:
    return factories.altered(content, applies_to=list(countries))


def test_a_list_that_is_split_or_joined_shows_its_items(fixture_content: Content) -> None:
    one, two = applying_to(fixture_content, "England and Wales"), applying_to(fixture_content, "England", "Wales")
    [field] = diff.changes(one, two)[0].fields
    assert (field.before_words, field.after_words) == ("“England and Wales”", "England and Wales")
    assert [segment.op for segment in field.segments] != ["same"]
    names = [factories.with_category(fixture_content, ENTRY, synonyms=list(of)) for of in (["a, b"], ["a", "b"])]
    [field] = diff.changes(*names)[0].fields
    assert (field.before_words, field.after_words) == ("“a, b”", "a and b")


def test_a_slug_is_an_address_only_of_what_has_a_page(fixture_content: Content) -> None:
    labels = {change.kind: {field.label for field in change.fields} for change in diff.changes(None, fixture_content)}
    for kind, of in labels.items():
        assert ("Address" in of) == (kind in ADDRESSED)
        assert ("Name in addresses and data" in of) == (kind not in (*ADDRESSED, *UNSLUGGED))
