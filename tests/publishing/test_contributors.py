"""Nobody approves their own work, however it got into a submission: ticked, moved along, or left over from before."""

from datetime import timedelta
from itertools import combinations
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from categories import publishing
from categories.models import Category, Edition, Guidance, Submission, User
from categories.models.history import saving
from categories.models.kinds import MODELS
from categories.publishing import loading
from tests.factories import make_category, make_guidance, make_user, publish_loaded

pytestmark = pytest.mark.django_db


@pytest.fixture
def guidance():
    guidance = make_guidance()
    for slug in ("aa", "bb", "cc"):
        make_category(guidance, slug)
    publish_loaded(guidance)
    return guidance


@pytest.fixture
def people():
    return make_user("alice", "Editor"), make_user("bob", "Writer"), make_user("carol", "Editor")


def edit(category: Category, by: User, aim: str) -> None:
    category.refresh_from_db()
    category.aim = aim
    with saving(by, "Edited"):
        category.save()


def move(category: Category, after: Category | None, by: User) -> None:
    category.refresh_from_db()
    with saving(by, "Moved"):
        category.place_after(after)


def submitted(guidance: Guidance, by: User, *chosen: Category) -> Submission:
    ids = {category.pk for category in chosen} if chosen else None
    return publishing.submit(guidance, by, change_note="Better.", chosen=ids)


def test_a_ticked_text_carries_nobodys_move_along(guidance, people):
    alice, bob, _ = people
    aa, bb, _ = guidance.category_set.all()
    move(bb, None, alice)
    edit(aa, bob, "By Bob.")
    submission = submitted(guidance, bob, aa)
    assert [category.slug for category in submission.content.categories] == ["aa", "bb", "cc"]
    assert publishing.may_approve(submission, alice)


def test_a_text_left_out_counts_though_its_record_was_told_as_moved(guidance, people):
    alice, bob, carol = people
    aa, bb, _ = guidance.category_set.all()
    edit(bb, alice, "By Alice.")
    move(bb, None, alice)
    edit(aa, bob, "By Bob.")
    publishing.approve(submitted(guidance, bob, aa), carol)
    submission = submitted(guidance, bob)
    assert submission.content.category_by_slug["bb"].aim == "By Alice."
    assert not publishing.may_approve(submission, alice)


def test_a_move_left_out_counts_when_it_goes_at_last(guidance, people):
    alice, bob, carol = people
    aa, bb, cc = guidance.category_set.all()
    move(aa, bb, alice)
    edit(cc, bob, "By Bob.")
    publishing.approve(submitted(guidance, bob, cc), carol)
    submission = submitted(guidance, bob)
    assert [category.slug for category in submission.content.categories] == ["bb", "aa", "cc"]
    assert not publishing.may_approve(submission, alice)
    publishing.approve(submission, carol)
    edit(cc, bob, "By Bob again.")
    assert publishing.may_approve(submitted(guidance, bob), alice)  # what is published counts no more


def test_whoever_moved_others_before_a_new_record_has_placed_it(guidance, people):
    alice, bob, _ = people
    aa, *_ = guidance.category_set.all()
    with saving(bob, "Added"):
        dd = make_category(guidance, "dd")
    move(dd, aa, bob)
    move(aa, dd, alice)  # so that the new one comes first
    assert not publishing.may_approve(submitted(guidance, bob), alice)


def test_moves_around_a_draft_count_when_it_goes_though_others_went_before(guidance, people):
    alice, bob, carol = people
    aa, bb, cc = guidance.category_set.all()
    with saving(bob, "Added"):
        dd = make_category(guidance, "dd")
    for category in (cc, bb, aa):
        move(category, dd, alice)
    edit(aa, bob, "By Bob.")
    publishing.approve(submitted(guidance, bob, aa), carol)
    submission = submitted(guidance, bob)
    assert submission.content.categories[0].slug == "dd"
    assert not publishing.may_approve(submission, alice)


def test_a_ticked_move_moves_or_is_refused(guidance, people):
    alice, bob, carol = people
    _, _, cc = guidance.category_set.all()
    dd = make_category(guidance, "dd")
    publishing.approve(submitted(guidance, bob), carol)
    move(cc, None, alice)
    move(dd, cc, alice)  # cc dd aa bb
    submission = submitted(guidance, bob, dd)
    assert [category.slug for category in submission.content.categories] == ["dd", "aa", "bb", "cc"]
    assert not publishing.may_approve(submission, alice)


def test_a_move_that_is_put_back_is_put_back(guidance, people):
    alice, bob, carol = people
    _, _, cc = guidance.category_set.all()
    dd = make_category(guidance, "dd")
    publishing.approve(submitted(guidance, bob), carol)
    move(cc, None, alice)
    move(dd, cc, alice)
    publishing.put_back(guidance, dd.pk, bob)
    assert [category.slug for category in guidance.category_set.all()] == ["cc", "aa", "bb", "dd"]
    assert [change.slug for change in publishing.pending_changes(guidance)] == ["cc"]


def approved(guidance: Guidance, by: User, approver: User, *chosen: Category) -> Edition:
    return publishing.approve(submitted(guidance, by, *chosen), approver)


def test_a_move_left_out_is_not_settled_by_one_that_went(guidance, people):
    alice, bob, carol = people
    aa, _, cc = guidance.category_set.all()
    dd = make_category(guidance, "dd")
    approved(guidance, bob, carol)
    move(dd, None, alice)  # dd aa bb cc
    move(aa, cc, carol)  # dd bb cc aa
    approved(guidance, bob, make_user("erin", "Editor"), dd)
    assert [category.slug for category in guidance.editions.newest().content.categories] == ["dd", "aa", "bb", "cc"]
    submission = submitted(guidance, bob)
    assert [category.slug for category in submission.content.categories] == ["dd", "bb", "cc", "aa"]
    assert not publishing.may_approve(submission, carol)


def test_moves_around_a_draft_count_when_it_goes_though_they_were_published_before(guidance, people):
    alice, bob, carol = people
    aa, bb, cc = guidance.category_set.all()
    with saving(bob, "Added"):
        dd = make_category(guidance, "dd")
    for category, after in ((cc, dd), (aa, cc), (bb, aa)):
        move(category, after, alice)  # dd cc aa bb
    approved(guidance, bob, carol, cc, aa, bb)
    assert [category.slug for category in guidance.editions.newest().content.categories] == ["cc", "aa", "bb"]
    submission = submitted(guidance, bob)
    assert submission.content.categories[0].slug == "dd"
    assert not publishing.may_approve(submission, alice)


def test_a_draft_left_out_is_nobodys_part_of_a_new_record(guidance, people):
    alice, bob, _ = people
    aa, _, cc = guidance.category_set.all()
    move(aa, cc, alice)
    with saving(bob, "Added"):
        dd = make_category(guidance, "dd")
    assert publishing.may_approve(submitted(guidance, bob, dd), alice)


def test_what_a_record_names_is_somebodys_work(guidance, people):
    alice, bob, _ = people
    aa, *_ = guidance.category_set.all()
    with saving(alice, "No cohort"):
        aa.cohorts.clear()
    assert not publishing.may_approve(submitted(guidance, bob), alice)


@pytest.mark.parametrize("verb", ["unscheduled", "rejected", "recalled"])
def test_what_was_not_published_after_all_counts_again(verb, guidance, people):
    alice, bob, carol = people
    aa, *_ = guidance.category_set.all()
    edit(aa, alice, "By Alice.")
    submission = submitted(guidance, bob)
    if verb == "unscheduled":
        edition = publishing.approve(submission, carol, live_at=timezone.now() + timedelta(days=1))
        publishing.unschedule(edition, carol, why="Not yet.")
    elif verb == "rejected":
        publishing.reject(submission, carol, why="Not yet.")
    else:
        publishing.recall(submission, bob)
    assert not publishing.may_approve(submitted(guidance, bob), alice)


def test_what_is_scheduled_counts_no_more_in_what_follows(guidance, people):
    alice, bob, carol = people
    aa, *_ = guidance.category_set.all()
    edit(aa, alice, "By Alice.")
    publishing.approve(submitted(guidance, bob), carol, live_at=timezone.now() + timedelta(days=1))
    edit(aa, bob, "By Bob.")
    assert publishing.may_approve(submitted(guidance, bob), alice)


def test_loading_and_putting_back_are_work(guidance, people):
    alice, bob, carol = people
    aa, bb, _ = guidance.category_set.all()
    edit(aa, bob, "By Bob.")
    publishing.put_back(guidance, aa.pk, alice)
    edit(aa, bob, "By Bob again.")
    submission = submitted(guidance, bob, aa)
    assert not publishing.may_approve(submission, alice)
    publishing.recall(submission, bob)
    edit(bb, bob, "By Bob.")
    loading.load(guidance.editions.newest().content, by=carol, why="As it was")
    edit(bb, bob, "By Bob again.")
    assert not publishing.may_approve(submitted(guidance, bob, bb), carol)


def test_what_was_loaded_and_published_so_is_settled(people):
    alice, bob, _ = people
    with saving(alice, "From a file"):
        loaded = make_guidance(slug="another")
        make_category(loaded)
    publish_loaded(loaded)
    edit(loaded.category_set.first(), bob, "By Bob.")
    assert publishing.may_approve(submitted(loaded, bob), alice)


def test_a_superuser_approves_no_work_of_theirs_either(guidance, people):
    _, bob, carol = people
    root = make_user("root", is_superuser=True)
    edit(guidance.category_set.first(), root, "By root.")
    submission = submitted(guidance, bob)
    with pytest.raises(publishing.Refused, match="You changed something"):
        publishing.approve(submission, root)
    edition = publishing.publish_in_emergency(submission, root, why="It is wrong.")
    with pytest.raises(publishing.Refused, match="somebody else must review"):
        publishing.review_afterwards(edition.submission, root)
    publishing.review_afterwards(edition.submission, carol)


def test_no_rule_reads_the_history(guidance, people):
    alice, bob, carol = people
    aa, _, cc = guidance.category_set.all()
    edit(aa, alice, "By Alice.")
    move(cc, None, carol)
    empty_history()
    submission = submitted(guidance, bob)
    assert set(submission.contributors.all()) == {alice, carol}
    empty_history()
    assert publishing.possible_approvers(submission) == []


def empty_history() -> None:
    for model in MODELS.values():
        model.history.all().delete()


@pytest.mark.parametrize("size", [3, 30])
def test_what_is_carried_takes_the_same_queries_however_much_it_is(size, people):
    guidance = make_guidance(slug="another")
    for number in range(size):
        make_category(guidance, f"category-{number}")
    with CaptureQueriesContext(connection) as queries:
        submission = submitted(guidance, people[1])
    assert submission.carried.count() > 6 * size
    asked = [query["sql"] for query in queries if "categories_contribution" in query["sql"]]
    kinds = ["relationship", "cohort", "availability", "category", "approval-test"]  # the moves around what is new
    assert len(asked) == 1 + len(kinds)
    assert len([query for query in queries if 'INSERT INTO "categories_submissioncontribution"' in query["sql"]]) == 1


ACTS = st.one_of(
    st.tuples(st.just("edit"), st.integers(0, 3), st.integers(0, 1), st.none()),
    st.tuples(st.just("move"), st.integers(0, 3), st.integers(0, 1), st.integers(-1, 3)),
    st.tuples(st.just("add"), st.none(), st.integers(0, 1), st.none()),
    st.tuples(st.just("publish"), st.sets(st.integers(0, 3)), st.none(), st.none()),
    st.tuples(st.just("forget"), st.none(), st.none(), st.none()),
)


class TestContributors(TestCase):
    """Random edits and moves by two people, published in random parts by a third."""

    @given(st.lists(ACTS, min_size=3, max_size=12))
    @settings(max_examples=20)
    def test_whose_text_or_order_is_published_is_a_contributor(self, acts):
        guidance = make_guidance()
        categories = [make_category(guidance, slug) for slug in ("aa", "bb", "cc", "dd")]
        publish_loaded(guidance)
        pair = [make_user("alice", "Editor"), make_user("bob", "Editor")]
        writer, editor = make_user("wendy", "Writer"), make_user("erin", "Editor")
        flippers: dict[frozenset[UUID], User] = {}  # who last turned each two of the working copy round
        for number, (act, what, who, where) in enumerate(acts):
            if act == "forget":
                empty_history()
            elif act == "add":
                with saving(pair[who], "Added"):
                    make_category(guidance, f"new-{number}", aim=f"{number} by {pair[who].pk}")
            elif act == "edit":
                edit(categories[what], pair[who], f"{number} by {pair[who].pk}")
            elif act == "move":
                before = order_of(guidance.category_set.values_list("pk", flat=True))
                move(categories[what], None if where in (-1, what) else categories[where], pair[who])
                after = order_of(guidance.category_set.values_list("pk", flat=True))
                flippers |= dict.fromkeys(turned_round(before, after), pair[who])
            else:
                chosen = {categories[one].pk for one in what} or None
                self.publish(guidance, writer, editor, chosen, flippers)
        self.publish(guidance, writer, editor, None, flippers)

    def publish(self, guidance, writer, editor, chosen, flippers):
        try:
            submission = publishing.submit(guidance, writer, change_note="Better.", chosen=chosen)
        except publishing.Refused:
            return  # nothing to submit
        known = set(submission.contributors.values_list("pk", flat=True))
        base, composed = submission.base().content, submission.content
        for category in composed.categories:
            before = base.entries.get(category.id)
            if before is None or category.aim != before.value["aim"]:
                assert int(category.aim.split()[-1]) in known, f"the text “{category.aim}” is nobody's"
        for both in turned_round(order_of(c.id for c in base.categories), order_of(c.id for c in composed.categories)):
            assert flippers[both].pk in known, "the new order is nobody's"
        publishing.approve(submission, editor)


def order_of(ids) -> dict[UUID, int]:
    return {identity: place for place, identity in enumerate(ids)}


def turned_round(before: dict[UUID, int], after: dict[UUID, int]) -> list[frozenset[UUID]]:
    return [
        frozenset((one, other))
        for one, other in combinations(before, 2)
        if (before[one] < before[other]) != (after[one] < after[other])
    ]
