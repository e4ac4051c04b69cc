"""From the working copy to content: all of it, or the newest edition with the chosen records replaced."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from categories.content import diff, rules
from categories.content.canonical import as_json, canonical, dump
from categories.content.entries import assemble
from categories.content.schema import Content
from categories.models.history import saving
from categories.publishing import snapshot
from tests import factories, strategies


def changed_ids(base: Content, working: Content) -> set[UUID]:
    return {change.id for change in diff.changes(base, working)}


@given(strategies.pairs)
def test_with_every_change_chosen_it_is_the_working_copy(pair: tuple[Content, Content]) -> None:
    base, working = pair
    composed = snapshot.compose(base, working, changed_ids(base, working))
    assert canonical(composed) == dump(working)


@given(strategies.pairs)
def test_with_nothing_chosen_it_is_the_newest_edition(pair: tuple[Content, Content]) -> None:
    base, working = pair
    assert canonical(snapshot.compose(base, working, set())) == dump(base)


@given(strategies.contents)
def test_the_first_edition_is_the_working_copy(working: Content) -> None:
    assert canonical(snapshot.compose(None, working, set(working.entries))) == dump(working)


@given(strategies.pairs, st.data())
def test_only_what_is_chosen_changes(pair: tuple[Content, Content], draws: st.DataObject) -> None:
    base, working = pair
    changed = sorted(changed_ids(base, working))
    chosen = set(draws.draw(st.lists(st.sampled_from(changed), unique=True))) if changed else set()
    composed, faults = rules.read(snapshot.compose(base, working, chosen))
    if composed is None:  # such as a category that names a test whose adding was not chosen
        assert faults
        return
    for identity in {**base.entries, **working.entries}:
        source = working if identity in chosen else base
        assert composed.entries.get(identity) == source.entries.get(identity)


@given(strategies.pairs, st.data())
def test_unchosen_records_keep_their_order(pair: tuple[Content, Content], draws: st.DataObject) -> None:
    base, working = pair
    changed = sorted(changed_ids(base, working))
    chosen = set(draws.draw(st.lists(st.sampled_from(changed), unique=True))) if changed else set()
    composed = snapshot.compose(base, working, chosen)
    unchosen = [str(category.id) for category in base.categories if category.id not in chosen]
    kept = [category["id"] for category in composed["categories"] if UUID(category["id"]) not in chosen]
    assert kept == unchosen


def test_a_reference_to_what_was_not_chosen_is_a_fault(fixture_content: Content) -> None:
    data = as_json(fixture_content)
    added = {**data["approval_tests"][0], "id": str(UUID(int=1)), "slug": "new-test", "name": "New test"}
    data["approval_tests"].append(added)
    data["categories"][0]["approval_tests"].append("new-test")
    working = strategies.read(data)
    chosen = {fixture_content.categories[0].id}
    faults = rules.faults(snapshot.compose(fixture_content, working, chosen))
    assert [(fault.field, fault.message) for fault in faults] == [
        ("approval_tests", f"“{UUID(int=1)}” is not in this guidance")
    ]


def test_half_of_a_swap_of_addresses_is_a_fault(fixture_content: Content) -> None:
    data = as_json(fixture_content)
    first, second = data["categories"][:2]
    first["slug"], second["slug"] = second["slug"], first["slug"]
    composed = snapshot.compose(fixture_content, strategies.read(data), {fixture_content.categories[0].id})
    assert [fault.field for fault in rules.faults(composed)] == ["slug"]


@pytest.mark.django_db
def test_the_working_copy_is_read_in_the_order_of_the_page() -> None:
    guidance = factories.make_guidance()
    demand = factories.make_approval_test(guidance, position=2)
    outcomes = factories.make_approval_test(guidance, "significant-outcomes-test", position=1)
    examples = factories.make_examples_list(guidance)
    factories.make_category(guidance, "second", levels=(5, 4), cohorts=(), tests=(demand, outcomes), position=2)
    factories.make_category(
        guidance,
        "first",
        tests=(demand,),
        position=1,
        examples_list=examples,
        synonyms=["Beginning"],
        withdrawn="It ended.",
        steps=(("in-scope", "2027-03"),),
    )
    found, faults = rules.read(snapshot.working_data(guidance))
    assert found, faults
    assert [category.slug for category in found.categories] == ["first", "second"]
    assert [test.slug for test in found.approval_tests] == ["significant-outcomes-test", "employer-demand-test"]
    first, second = found.categories
    assert second.approval_tests == ("significant-outcomes-test", "employer-demand-test")
    assert (second.levels, second.cohorts, second.withdrawn) == ((4, 5), (), None)
    [step] = first.availability
    assert (step.state, step.from_month) == ("in-scope", "2027-03")
    assert (first.relationship, first.examples_list, first.synonyms) == ("aligns", "approved", ("Beginning",))
    assert first.withdrawn == "It ended."
    assert canonical(assemble(found.id, found.entries.values())) == dump(found)


@pytest.mark.django_db
def test_a_faulty_draft_is_read_with_its_faults() -> None:
    guidance = factories.make_guidance(title="")
    category = factories.make_category(guidance)
    with saving():
        category.levels.clear()
    faults = rules.faults(snapshot.working_data(guidance))
    assert [fault.field for fault in faults] == ["title", "levels"]


@pytest.mark.django_db
@pytest.mark.parametrize("size", [1, 20])
def test_reading_the_working_copy_takes_the_same_queries_however_much_there_is(
    size: int, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    guidance = factories.make_guidance()
    for number in range(size):
        factories.make_category(guidance, f"category-{number}")
    with django_assert_num_queries(12):
        snapshot.working_data(guidance)
