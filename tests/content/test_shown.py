"""A difference as it is shown: read back, it is both sides exactly; what cannot be seen is named."""

import re
from collections import Counter
from html import unescape

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from categories.content import diff, shown
from categories.content.canonical import as_json
from categories.content.diff import Change, FieldChange
from categories.content.entries import SETS
from categories.content.schema import Content
from categories.content.text_diff import compare_words
from categories.content.vocabulary import RecordKind
from tests import strategies

# Spaces, what is not drawn, and what looks alike
ODD = "a b\n\t\u00a0\u2003\u200b\u00ad\u2060eé\u0301\u0430-\u2013lI10O<&>'\""
texts = strategies.rough_texts | st.text(st.sampled_from(ODD), max_size=30)
lists = st.lists(st.sampled_from(["England", "Wales", "England and Wales", "England ", "\u0415ngland"]), max_size=6)


def read_back(rows: tuple[shown.Row, ...], *ops: str) -> list[str]:
    """The rows of one side: those that have a run of it, with the text of these."""
    found = [[run.text for run in row if run.op in ("same", *ops)] for row in rows]
    return ["".join(texts) for texts in found if texts]


def marked(before: str, after: str) -> str:
    """A difference on one line: what is deleted and inserted in brackets, what is named in braces."""
    signs = {"same": "{}", "deleted": "[-{}]", "inserted": "[+{}]"}
    told = []
    for run in shown.shown(compare_words(before, after)):
        pieces = (f"{{{piece.words}}}" if piece.sign else piece.text + f"{{{piece.words}}}" * bool(piece.words)
                  for piece in run.pieces)  # fmt: skip
        told.append(signs[run.op].format("".join(pieces)))
    return "".join(told)


@given(texts, texts)
def test_a_text_reads_back_exactly(before: str, after: str) -> None:
    rows = (shown.shown(compare_words(before, after)),)
    assert "".join(read_back(rows, "deleted")) == before
    assert "".join(read_back(rows, "inserted")) == after


@given(texts, texts)
def test_no_difference_is_invisible(before: str, after: str) -> None:
    """Each changed run has something to see, or names what it is."""
    for run in shown.shown(compare_words(before, after)):
        if run.op != "same":
            assert any(piece.words or shown._seen(piece.text) for piece in run.pieces)


@given(lists, lists)
def test_a_list_reads_back_exactly(before: list[str], after: list[str]) -> None:
    rows = shown.item_rows(before, after)
    assert read_back(rows, "deleted") == before
    assert read_back(rows, "inserted") == after


@given(lists, lists)
def test_of_a_set_nothing_is_both_deleted_and_inserted(before: list[str], after: list[str]) -> None:
    rows = shown.item_rows(before, after, is_set=True)
    assert Counter(read_back(rows, "deleted")) == Counter(before)
    assert read_back(rows, "inserted") == after
    deleted, inserted = (Counter(run.text for row in rows for run in row if run.op == op) for op in
                         ("deleted", "inserted"))  # fmt: skip
    assert not deleted & inserted


@given(strategies.pairs)
def test_every_field_of_every_change_reads_back_exactly(pair: tuple[Content, Content]) -> None:
    for change in diff.changes(*pair):
        for field in change.fields:
            for words, items, op in (
                (field.before_words, field.before_items, "deleted"),
                (field.after_words, field.after_items, "inserted"),
            ):
                said = list(items or filter(None, [words])) if field.is_list else [words]
                found = read_back(field.rows, op) if field.is_list else ["".join(read_back(field.rows, op))]
                assert Counter(found) == Counter(said) if field.field in SETS else found == said


def page_of(field: FieldChange) -> str:
    change = Change(RecordKind.GUIDANCE, strategies.GUIDANCE, "changed", "slug", "Title", (field,))
    return render_to_string("categories/change.html", {"change": change})


def sides(page: str) -> tuple[str, str]:
    """Both sides as they stand in the HTML of a difference, without what is said about it."""
    (told,) = re.findall(r'<div class="app-words">(.*?)</div>', page, re.DOTALL)
    sign = r'<span class="app-mark"><span aria-hidden="true">[^<]*</span><span [^>]*>[^<]*</span></span>'
    told = re.sub(rf'{sign}|<span class="(?:app-mark|govuk-visually-hidden)">[^<]*</span>', "", told)
    before, after = (re.sub(rf"<{tag}>.*?</{tag}>", "", told, flags=re.DOTALL) for tag in ("ins", "del"))
    return unescape(re.sub(r"</?(?:ins|del)>", "", before)), unescape(re.sub(r"</?(?:ins|del)>", "", after))


@given(texts, texts)
def test_the_page_reads_back_exactly(before: str, after: str) -> None:
    field = FieldChange("aim", "Core aim", before, after, before, after)
    if before or after:
        assert sides(page_of(field)) == (before, after)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("One.\n\nTwo.", "One. Two.", "One.[-{paragraph break}][+{space}]Two."),
        ("One.\n\nTwo.", "One.\nTwo.", "One.[-{paragraph break}][+{line break}]Two."),
        ("- a\n- b", "- a - b", "- a[-{line break}][+{space}]- b"),
        ("a b", "a  b", "a[-{space}][+{2 spaces}]b"),
        ("a b", "a\u00a0b", "a[-{space}][+\u00a0{No-break space}]b"),
        ("ab", "a\u200bb", "[-ab][+a\u200b{Zero width space}b]"),
        ("Café.", "Cafe\u0301.", "[-Café{Latin small letter e with acute}.][+Cafe\u0301{Combining acute accent}.]"),
        (
            "A paper",
            "A p\u0430per",
            "A[- pa{Latin small letter a}per][+ p\u0430{Cyrillic small letter a}per]",
        ),
        ("a - b", "a – b", "a[- -{Hyphen-minus}][+ –{En dash}] b"),
        ("Ill", "lll", "[-I{Latin capital letter i}ll][+l{Latin small letter l}ll]"),
        ("Old words", "N\u0435w words", "[-Old][+N\u0435{Cyrillic small letter ie}w] words"),
        ("aim of it", "aims of it", "[-aim][+aims] of it"),
        ("[See](/old) it", "[See](/new) it", "[See[-](/old)][+](/new)] it"),
        ("Same", "Same", "Same"),
    ],
)
def test_what_nobody_would_see_is_named(before: str, after: str, told: str) -> None:
    assert marked(before, after) == told


@pytest.mark.parametrize(
    ("before", "after", "note"),
    [
        ("One.\n\nTwo.", "One. Two.", shown.ONLY_SPACES),
        ("a b", "a\u00a0b", shown.ONLY_SPACES),
        ("ab", "a\u200bb", shown.ONLY_UNSEEN),
        ("Café open", "Cafe\u0301 open", shown.ONLY_ALIKE),
        ("a - b", "a – b", shown.ONLY_ALIKE),
        ("a - b", "a – c", ""),
        ("", "a", ""),
        ("a", "a", ""),
    ],
)
def test_a_difference_that_is_hard_to_see_is_announced(before: str, after: str, note: str) -> None:
    assert FieldChange("aim", "Core aim", before, after, before, after).note == note


def test_one_nation_becomes_two(fixture_content: Content) -> None:
    data = as_json(fixture_content)
    data["applies_to"] = ["England and Wales"]
    before = strategies.read(data)
    data["applies_to"] = ["England", "Wales"]
    (change,) = diff.changes(before, strategies.read(data))
    (field,) = change.fields
    assert (field.before_words, field.after_words) == ("“England and Wales”", "England and Wales")
    assert (field.before_items, field.after_items) == (("England and Wales",), ("England", "Wales"))
    assert [[(run.op, run.text) for run in row] for row in field.rows] == [
        [("deleted", "England and Wales")],
        [("inserted", "England")],
        [("inserted", "Wales")],
    ]


def test_a_test_that_is_added_leaves_the_others_alone_whatever_their_order(fixture_content: Content) -> None:
    data = as_json(fixture_content)
    category = next(record for record in data["categories"] if len(record["approval_tests"]) > 1)
    gone = category["approval_tests"].pop()
    before = strategies.read(data)
    data["approval_tests"].reverse()
    category["approval_tests"].append(gone)
    order = [record["slug"] for record in data["approval_tests"]]
    for record in data["categories"]:
        record["approval_tests"].sort(key=order.index)
    after = strategies.read(data)
    (change,) = [one for one in diff.changes(before, after) if one.kind == RecordKind.CATEGORY]
    (field,) = change.fields
    ops = Counter(run.op for row in field.rows for run in row)
    assert ops["inserted"] == 1
    assert ops["deleted"] == 0
