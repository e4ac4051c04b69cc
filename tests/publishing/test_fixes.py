"""A fix before scheduled editions, rescheduling, and what waits meanwhile: what each edition then says."""

from datetime import timedelta
from io import StringIO
from itertools import chain, repeat

import pytest
from django.core.management import call_command
from django.utils import timezone

from categories import publishing
from categories.content import diff
from categories.content.canonical import as_json
from categories.models import Edition, Submission
from categories.models.history import saving
from categories.publishing import Refused
from tests.factories import london, make_category, make_cohort, make_guidance, make_user, publish_loaded
from tests.forced import force, forced
from tests.mail import written

pytestmark = pytest.mark.django_db

LOADED_AT = london(2026, 1, 5, 9)
NOW = london(2026, 3, 2, 9)
LATER = NOW + timedelta(minutes=1)
MONDAY, TUESDAY, WEDNESDAY = (london(2026, 3, day, 9) for day in (9, 10, 11))


@pytest.fixture
def guidance():
    """Guidance with three categories, live as edition 1."""
    guidance = make_guidance()
    make_cohort(guidance, "16-to-19")
    for slug in ("one", "two", "three"):
        make_category(guidance, slug)
    publish_loaded(guidance, live_at=LOADED_AT, at=LOADED_AT)
    return guidance


@pytest.fixture
def people(db):
    return {
        "writer": make_user("writer", "Writer"),
        "editor": make_user("editor", "Editor"),
        "other": make_user("other", "Editor"),
        "third": make_user("third", "Editor"),
    }


def edit(guidance, slug, by, **fields):
    category = guidance.category_set.get(slug=slug)
    with saving(by=by, why="An edit"):
        for name, value in fields.items():
            if name == "cohorts":
                category.cohorts.set(guidance.cohort_set.filter(slug__in=value))
            else:
                setattr(category, name, value)
        category.save()
    return category.pk


def submit(guidance, by, note="Better.", at=NOW, **options):
    return publishing.submit(guidance, by, change_note=note, at=at, **options)


def schedule(guidance, people, slug="one", live_at=MONDAY, by="writer", **fields):
    """Schedule an edition of one category with other fields."""
    pk = edit(guidance, slug, people[by], **fields)
    submission = submit(guidance, people["writer"], f"For {live_at:%A}.", chosen={pk})
    return publishing.approve(submission, people["editor"], live_at=live_at, at=NOW)


def fix(guidance, people, slug, by="writer", **fields):
    """Submit a fix of one category."""
    pk = edit(guidance, slug, people[by], **fields)
    return submit(guidance, people["writer"], "A typo.", chosen={pk}, fix=True, at=LATER)


def said(guidance, number, slug):
    edition = guidance.editions.get(number=number)
    return as_json(edition.content.category_by_slug[slug])


def check(guidance):
    """The record is whole: numbers and chain without gaps, and the log names all of it."""
    call_command("check_editions", stdout=StringIO())
    numbers = list(guidance.editions.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))


def log_of(submission):
    return [(event.verb, event.edition_number) for event in submission.events.all()]


# A fix


def test_a_fix_passes_a_scheduled_edition_which_is_made_again_on_top_of_it(guidance, people):
    scheduled = schedule(guidance, people, aim="For Monday.")
    original, digest = scheduled.submission, scheduled.record_digest
    submission = fix(guidance, people, "one", title="One without a typo")
    assert submission.is_fix
    assert [change.title for change in diff.changes(submission.base().content, submission.content)] == [
        "One without a typo"
    ]
    assert "For Monday." not in submission.content_text
    live = publishing.approve(submission, people["other"], at=LATER)
    assert (live.number, live.live_at) == (2, LATER + timedelta(seconds=2))
    assert live.content_text == submission.content_text
    remade = guidance.editions.newest()
    assert (remade.number, remade.live_at, remade.change_note) == (3, MONDAY, "For Monday.")
    assert {name: said(guidance, 3, "one")[name] for name in ("title", "aim")} == {
        "title": "One without a typo",
        "aim": "For Monday.",
    }
    assert (remade.submission.route, remade.submission.remade_from) == ("remade", original)
    assert remade.submission.content_text == remade.content_text
    original.refresh_from_db()
    assert (original.status, original.edition) == ("replaced", None)
    assert log_of(original)[-1] == ("taken-off", 2)
    assert original.events.last().edition_record_digest == digest
    assert log_of(remade.submission) == [("remade", 3)]
    assert publishing.pending_changes(guidance) == []
    check(guidance)


def test_the_plan_that_the_approver_sees_is_what_is_made(guidance, people):
    schedule(guidance, people, "one", MONDAY, aim="For Monday.")
    schedule(guidance, people, "two", TUESDAY, aim="For Tuesday.")
    submission = fix(guidance, people, "three", title="Three without a typo")
    plan = publishing.plan_of(submission, people["other"], None, LATER)
    publishing.approve(submission, people["other"], seen=plan.digest, at=LATER)
    editions = list(guidance.editions.order_by("number"))[1:]
    assert [edition.content_text for edition in editions] == [step.text for step in plan.steps]
    assert [edition.live_at for edition in editions[1:]] == [MONDAY, TUESDAY]
    assert [[change.title for change in step.changes] for step in plan.steps] == [
        ["Three without a typo"],
        ["One"],
        ["Two"],
    ]
    check(guidance)


def test_whoever_saw_something_else_approves_nothing(guidance, people):
    schedule(guidance, people, aim="For Monday.")
    submission = fix(guidance, people, "two", title="Two without a typo")
    seen = publishing.plan_of(submission, people["other"], None, LATER).digest
    edition = guidance.editions.newest()
    publishing.unschedule(edition, people["editor"], why="Too soon.", at=LATER)
    with pytest.raises(Refused, match="something else than what you saw"):
        publishing.approve(submission, people["other"], seen=seen, at=LATER)
    seen = publishing.plan_of(submission, people["other"], None, LATER).digest
    assert publishing.approve(submission, people["other"], seen=seen, at=LATER).number == 2


def test_a_field_that_both_change_is_named_and_the_scheduled_edition_waits_again(guidance, people):
    scheduled = schedule(guidance, people, aim="For Monday.")
    original = scheduled.submission
    edit(guidance, "one", people["writer"], aim="At once.")
    [reason] = publishing.reasons_for_unscheduling(guidance, at=LATER)
    assert str(reason) == "Category “One”, core aim: edition 2 says “For Monday.”, and you say “At once.”"
    submission = submit(guidance, people["writer"], fix=True, at=LATER)
    [step] = publishing.plan_of(submission, people["other"], None, LATER).unscheduled
    assert f"{submission} says “At once.”, and edition 2 says “For Monday.”" in str(step.reasons[0])
    live = publishing.approve(submission, people["other"], at=LATER)
    assert guidance.editions.newest() == live
    assert said(guidance, 2, "one")["aim"] == "At once."
    original.refresh_from_db()
    assert (original.status, original.edition, original.change_note) == ("submitted", None, "For Monday.")
    event = original.events.last()
    assert (event.verb, event.edition_record_digest, event.live_at) == (
        "unscheduled",
        scheduled.record_digest,
        MONDAY,
    )
    assert publishing.expected_time(original, LATER) == MONDAY
    assert any("unscheduled edition 2" in message.body for message in written())
    again = {message.to for message in written() if "was scheduled. " in message.body}
    assert again == {person.email for person in publishing.possible_approvers(original)}
    reasons = publishing.reasons_not_to_approve(original, people["editor"], live_at=MONDAY, at=LATER)
    assert "edition 2 says “At once.”, and" in str(reasons[0])
    assert "Recall it and submit it again" in str(reasons[-1])
    check(guidance)


def test_an_edition_that_this_approver_worked_on_waits_for_somebody_else(guidance, people):
    scheduled = schedule(guidance, people, by="other", aim="By the other editor.")
    submission = fix(guidance, people, "two", title="Two without a typo")
    publishing.approve(submission, people["other"], at=LATER)
    original = scheduled.submission
    original.refresh_from_db()
    assert original.status == "submitted"
    with pytest.raises(Refused, match="You changed something in this submission"):
        publishing.approve(original, people["other"], live_at=MONDAY, at=LATER)
    again = publishing.approve(original, people["third"], live_at=MONDAY, at=LATER)
    assert (again.number, again.live_at, again.change_note) == (3, MONDAY, "For Monday.")
    assert (again.submission.route, again.submission.remade_from) == ("remade", original)
    assert said(guidance, 3, "two")["title"] == "Two without a typo"
    assert people["other"] in again.submission.contributors.all()
    original.refresh_from_db()
    assert original.status == "replaced"
    check(guidance)


def test_whoever_wrote_what_is_scheduled_approves_no_fix_that_says_some_of_it_sooner(guidance, people):
    """The fix is the writer's full stop; all other words are those of an editor, and nobody approved them for today."""
    words = "By the other editor"
    scheduled = schedule(guidance, people, by="other", aim=words, title="One, by the other editor")
    submission = fix(guidance, people, "one", aim=f"{words}.")
    with pytest.raises(Refused, match="You changed something in this submission"):
        publishing.approve(submission, people["other"], at=LATER)
    publishing.approve(submission, people["third"], at=LATER)
    original = scheduled.submission
    original.refresh_from_db()
    publishing.recall(original, people["writer"], at=LATER)
    rest = submit(guidance, people["writer"], "The title.", at=LATER)
    assert [change.title for change in publishing.changes_of(rest)] == ["One, by the other editor"]
    with pytest.raises(Refused, match="You changed something in this submission"):
        publishing.approve(rest, people["other"], at=LATER)


def test_whoever_moved_what_is_scheduled_approves_no_fix_that_moves_some_of_it_sooner(guidance, people):
    one, _, three = guidance.category_set.all()
    with saving(by=people["other"], why="Last"):
        one.place_after(three)
    publishing.approve(submit(guidance, people["writer"], "Last."), people["editor"], live_at=MONDAY, at=NOW)
    with saving(by=people["writer"], why="In the middle"):
        three.refresh_from_db()
        three.place_after(guidance.category_set.get(slug="one"))
    submission = submit(guidance, people["writer"], fix=True, at=LATER)
    assert [one.slug for one in submission.content.categories] == ["two", "one", "three"]
    assert not publishing.may_approve(submission, people["other"])


def test_what_waits_again_was_published_in_an_emergency_no_more(guidance, people):
    pk = edit(guidance, "one", people["other"], aim="For Tuesday.")
    submission = submit(guidance, people["other"], "For Tuesday.", chosen={pk})
    publishing.publish_in_emergency(submission, people["other"], why="Nobody is there.", live_at=TUESDAY, at=NOW)
    first = publishing.approve(
        fix(guidance, people, "two", title="Two, mended"), people["other"], live_at=MONDAY, at=LATER
    )
    publishing.unschedule(first, people["third"], why="Too soon.", at=LATER)
    submission.refresh_from_db()
    again = publishing.approve(submission, people["third"], live_at=TUESDAY, at=LATER)
    assert (again.submission, again.submission.route) == (submission, "review")
    assert not again.submission.review_is_due


def test_a_record_that_one_side_needs_and_the_other_takes_away_is_named(guidance, people):
    with saving(by=people["writer"], why="A cohort"):
        cohort = make_cohort(guidance, "anyone")
    publishing.approve(submit(guidance, people["writer"], "Anyone."), people["editor"], at=NOW)
    with saving(by=people["writer"], why="Not wanted"):
        guidance.cohort_set.get(pk=cohort.pk).delete()
    removal = submit(guidance, people["writer"], "Nobody.", at=LATER)
    publishing.approve(removal, people["editor"], live_at=MONDAY, at=LATER)
    with saving(by=people["writer"], why="Wanted"):
        make_cohort(guidance, "anyone", id=cohort.pk)
    pk = edit(guidance, "one", people["writer"], cohorts=["anyone"])
    submission = submit(guidance, people["writer"], "Wanted.", chosen={pk}, fix=True, at=LATER)
    [step] = publishing.plan_of(submission, people["other"], None, LATER).unscheduled
    assert [str(reason) for reason in step.reasons] == [
        "Category “One”, cohorts: needs “Anyone”, which edition 3 removes"
    ]


def test_a_record_that_a_fix_removes_and_what_is_scheduled_changes_is_named(guidance, people):
    with saving(by=people["writer"], why="A cohort"):
        cohort = make_cohort(guidance, "anyone")
    publishing.approve(submit(guidance, people["writer"], "Anyone."), people["editor"], at=NOW)
    with saving(by=people["writer"], why="A better name"):
        cohort.name = "Everybody"
        cohort.save()
    publishing.approve(submit(guidance, people["writer"], at=LATER), people["editor"], live_at=MONDAY, at=LATER)
    with saving(by=people["writer"], why="Not wanted"):
        guidance.cohort_set.get(pk=cohort.pk).delete()
    [reason] = publishing.reasons_for_unscheduling(guidance, at=LATER)
    assert str(reason) == "Cohort “Everybody”: edition 3 changes it, and you remove it"
    submission = submit(guidance, people["writer"], fix=True, at=LATER)
    [step] = publishing.plan_of(submission, people["other"], None, LATER).unscheduled
    assert [str(reason) for reason in step.reasons] == [
        f"Cohort “Everybody”: edition 3 changes it, and {submission} does not have it"
    ]


def test_before_the_first_edition_nothing_can_be_mended(people):
    guidance = make_guidance()
    make_category(guidance, "one")
    first = publishing.approve(submit(guidance, people["writer"]), people["editor"], live_at=MONDAY, at=NOW)
    edit(guidance, "one", people["writer"], aim="Better.")
    submission = submit(guidance, people["writer"], fix=True, at=LATER)
    with pytest.raises(Refused, match="nothing is live before that"):
        publishing.approve(submission, people["other"], at=LATER)
    assert publishing.approve(submission, people["other"], live_at=TUESDAY, at=LATER).number == first.number + 1


def test_what_was_composed_on_something_unscheduled_says_so(people):
    guidance = make_guidance()
    make_category(guidance, "one")
    first = publishing.approve(submit(guidance, people["writer"]), people["editor"], live_at=MONDAY, at=NOW)
    edit(guidance, "one", people["writer"], aim="Better.")
    submission = submit(guidance, people["writer"], at=LATER)
    publishing.unschedule(first, people["editor"], why="Not yet.", at=LATER)
    with pytest.raises(Refused, match="an edition that has been unscheduled since"):
        publishing.approve(submission, people["other"], live_at=TUESDAY, at=LATER)


def test_what_follows_an_unscheduled_edition_no_longer_carries_it(guidance, people):
    schedule(guidance, people, "one", MONDAY, aim="For Monday.")
    schedule(guidance, people, "two", TUESDAY, aim="For Tuesday.")
    publishing.approve(fix(guidance, people, "one", aim="At once."), people["other"], at=LATER)
    tuesday = guidance.editions.newest()
    assert (tuesday.number, tuesday.live_at) == (3, TUESDAY)
    assert (said(guidance, 3, "one")["aim"], said(guidance, 3, "two")["aim"]) == ("At once.", "For Tuesday.")
    check(guidance)


def test_what_changes_the_same_as_an_unscheduled_edition_waits_too(guidance, people):
    schedule(guidance, people, "one", MONDAY, aim="For Monday.")
    schedule(guidance, people, "one", TUESDAY, aim="For Tuesday.")
    publishing.approve(fix(guidance, people, "one", aim="At once."), people["other"], at=LATER)
    assert guidance.editions.newest().number == 2
    assert list(Submission.objects.filter(status="submitted").values_list("change_note", flat=True)) == [
        "For Tuesday.",
        "For Monday.",
    ]
    check(guidance)


def test_an_edition_whose_changes_are_all_in_the_fix_waits_again(guidance, people):
    schedule(guidance, people, aim="For Monday.")
    edit(guidance, "one", people["writer"], aim="Entry to the aligned occupation.")
    first = publishing.submit(guidance, people["writer"], change_note="Back.", at=NOW)
    publishing.approve(first, people["editor"], live_at=TUESDAY, at=NOW)
    pk = edit(guidance, "one", people["writer"], aim="For Monday.")
    submission = submit(guidance, people["writer"], "Now.", chosen={pk}, fix=True, at=LATER)
    plan = publishing.plan_of(submission, people["other"], None, LATER)
    reasons = [str(reason) for step in plan.unscheduled for reason in step.reasons]
    assert reasons[0] == "All that it changes is there already."


def test_sets_steps_and_order_pass_too(guidance, people):
    schedule(guidance, people, "one", MONDAY, title="One renamed")
    category = guidance.category_set.get(slug="one")
    with saving(by=people["writer"], why="An edit"):
        category.place_after(guidance.category_set.get(slug="three"))
    pk = edit(guidance, "one", people["writer"], cohorts=["16-to-19"], availability=[])
    submission = submit(guidance, people["writer"], chosen={pk}, fix=True, at=LATER)
    publishing.approve(submission, people["other"], at=LATER)
    for number, title in ((2, "One"), (3, "One renamed")):
        content = guidance.editions.get(number=number).content
        assert [one.slug for one in content.categories] == ["two", "three", "one"]
        one = content.category_by_slug["one"]
        assert (one.title, one.cohorts, one.availability) == (title, ("16-to-19",), ())
    assert publishing.pending_changes(guidance) == []


def test_what_a_scheduled_edition_adds_is_not_in_a_fix(guidance, people):
    with saving(by=people["writer"], why="New"):
        new = make_category(guidance, "new")
    cohort = make_cohort(guidance, "anyone")
    submission = submit(guidance, people["writer"], "New.", chosen={new.pk, cohort.pk})
    publishing.approve(submission, people["editor"], live_at=MONDAY, at=NOW)
    pk = edit(guidance, "new", people["writer"], aim="Mended.")
    with pytest.raises(Refused, match="“New”: is not live yet, so no fix can change it"):
        submit(guidance, people["writer"], chosen={pk}, fix=True, at=LATER)
    publishing.put_back(guidance, pk, people["writer"])
    pk = edit(guidance, "one", people["writer"], cohorts=["anyone"])
    with pytest.raises(Refused, match="needs “Anyone”, which is not live yet: let this go after what is scheduled"):
        submit(guidance, people["writer"], chosen={pk}, fix=True, at=LATER)
    assert not submit(guidance, people["writer"], chosen={pk}, at=LATER).is_fix


def test_a_fix_that_fixes_nothing_is_refused(guidance, people):
    schedule(guidance, people, aim="For Monday.")
    pk = edit(guidance, "one", people["writer"], aim="Entry to the aligned occupation.")
    with pytest.raises(Refused, match="What you ticked is live as it is"):
        submit(guidance, people["writer"], chosen={pk}, fix=True, at=LATER)


def test_with_nothing_scheduled_a_fix_is_a_submission_like_any_other(guidance, people):
    assert not fix(guidance, people, "one", aim="At once.").is_fix


def test_an_emergency_passes_what_is_scheduled(guidance, people):
    schedule(guidance, people, aim="For Monday.")
    edit(guidance, "two", people["other"], aim="It was wrong.")
    submission = submit(guidance, people["other"], fix=True, at=LATER)
    live = publishing.publish_in_emergency(submission, people["other"], why="It misleads.", at=LATER)
    assert (live.number, live.submission.review_is_due) == (2, True)
    remade = guidance.editions.newest()
    assert (remade.number, remade.live_at, remade.submission.route) == (3, MONDAY, "remade")
    check(guidance)


def test_a_correction_passes_what_is_scheduled_without_changing_it(guidance, people):
    scheduled = schedule(guidance, people, aim="For Monday.")
    one = guidance.editions.get(number=1)
    options = {"update_type": "minor", "corrects": one, "chosen": set(), "fix": True}
    correction = publishing.approve(
        submit(guidance, people["writer"], "It was May.", at=LATER, **options), people["other"], at=LATER
    )
    assert (correction.number, correction.content_text) == (2, one.content_text)
    again = guidance.editions.newest()
    assert (again.number, again.content_text) == (3, scheduled.content_text)
    assert again.submission == scheduled.submission  # what was approved is what it says, so nothing is approved again
    assert log_of(again.submission)[-2:] == [("taken-off", 2), ("remade", 3)]
    check(guidance)


def test_one_submission_and_one_fix_wait_side_by_side(guidance, people):
    schedule(guidance, people, aim="For Monday.")
    pk = edit(guidance, "two", people["writer"], aim="Next.")
    ordinary = submit(guidance, people["writer"], chosen={pk}, at=LATER)
    quick = fix(guidance, people, "three", title="Three without a typo")
    for is_fix, waiting, word in ((False, ordinary, "another."), (True, quick, "another fix.")):
        with pytest.raises(Refused, match=f"{waiting} by writer already waits for approval.*{word}"):
            submit(guidance, people["writer"], fix=is_fix, at=LATER)
    publishing.approve(quick, people["other"], at=LATER)
    edition = publishing.approve(ordinary, people["other"], live_at=TUESDAY, at=LATER)
    assert (edition.number, edition.submission.remade_from) == (4, ordinary)
    assert (said(guidance, 4, "two")["aim"], said(guidance, 4, "three")["title"]) == ("Next.", "Three without a typo")
    check(guidance)


def test_a_submission_composed_on_an_unscheduled_edition_stands_without_it(guidance, people):
    edition = schedule(guidance, people, aim="For Monday.")
    pk = edit(guidance, "two", people["writer"], aim="Next.")
    submission = submit(guidance, people["writer"], chosen={pk}, at=LATER)
    publishing.unschedule(edition, people["editor"], why="Too soon.", at=LATER)
    live = publishing.approve(submission, people["other"], at=LATER)
    assert live.content_text != submission.content_text
    assert (said(guidance, 2, "one")["aim"], said(guidance, 2, "two")["aim"]) == (
        "Entry to the aligned occupation.",
        "Next.",
    )
    check(guidance)


def test_no_two_editions_go_live_at_one_moment(guidance, people):
    schedule(guidance, people, aim="For Monday.")
    submission = fix(guidance, people, "two", title="Two without a typo")
    with pytest.raises(Refused, match="Another edition goes live at 9am on 9 March 2026"):
        publishing.approve(submission, people["other"], live_at=MONDAY, at=LATER)


def test_a_failure_half_way_leaves_what_is_scheduled_as_it_was(guidance, people, monkeypatch):
    scheduled = schedule(guidance, people, aim="For Monday.")
    submission = fix(guidance, people, "two", title="Two without a typo")
    before = list(Edition.objects.values_list("number", "record_digest"))

    def fail(*args, **options):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(Submission.objects, "create", fail)  # of the edition that is made again
    with pytest.raises(RuntimeError):
        publishing.approve(submission, people["other"], at=LATER)
    assert list(Edition.objects.values_list("number", "record_digest")) == before
    assert Submission.objects.get(pk=scheduled.submission.pk).edition == scheduled


def test_nothing_of_what_is_scheduled_again_is_public(guidance, people, client, monkeypatch):
    schedule(guidance, people, title="secret-title")
    publishing.approve(fix(guidance, people, "two", title="Mended"), people["other"], at=LATER)
    monkeypatch.setattr(timezone, "now", lambda: LATER + timedelta(seconds=2))
    assert "Mended" in client.get(f"/guidance/{guidance.slug}/").content.decode()
    for address in ("", "updates/", "updates/3/", "categories/one/"):
        assert "secret-title" not in client.get(f"/guidance/{guidance.slug}/{address}").content.decode()


# The last ten seconds


def test_a_fix_in_an_editions_last_ten_seconds_goes_after_it(guidance, people):
    scheduled = schedule(guidance, people, aim="For Monday.")
    submission, at = fix(guidance, people, "two", aim="At once."), MONDAY - timedelta(seconds=5)
    plan = publishing.plan_of(submission, people["other"], None, at)
    assert (plan.follows, len(plan.steps)) == (scheduled, 1)
    live = publishing.approve(submission, people["other"], seen=plan.digest, at=at)
    assert (live.number, live.live_at) == (3, MONDAY + timedelta(seconds=1))
    assert (said(guidance, 3, "one")["aim"], said(guidance, 3, "two")["aim"]) == ("For Monday.", "At once.")
    check(guidance)


def test_what_could_only_count_after_what_is_to_follow_it_waits(guidance, people):
    """Many editions in one second: each counts a second later, until the next would meet the ten seconds ahead."""
    for number in range(10):
        pk = edit(guidance, "one", people["writer"], aim=f"Number {number}.")
        publishing.approve(submit(guidance, people["writer"], chosen={pk}), people["other"], at=NOW)
    assert guidance.editions.newest().live_at == NOW + timedelta(seconds=11)
    pk = edit(guidance, "two", people["writer"], aim="One more.")
    submission = submit(guidance, people["writer"], chosen={pk})
    before = list(guidance.editions.values_list("record_digest", flat=True))
    with pytest.raises(Refused, match="Other editions go live within seconds"):
        publishing.approve(submission, people["other"], at=NOW)
    assert list(guidance.editions.values_list("record_digest", flat=True)) == before
    assert publishing.approve(submission, people["other"], at=LATER).number == 12


@pytest.mark.parametrize(("seconds", "is_late"), [(11, True), (30, False)])
def test_what_takes_too_long_is_undone(seconds, is_late, guidance, people, monkeypatch):
    """The clock passes the last ten seconds of what is scheduled while the fix is being made."""
    scheduled = schedule(guidance, people, aim="For Monday.")
    submission = fix(guidance, people, "two", aim="At once.")
    at = MONDAY - timedelta(seconds=seconds)
    clock = chain(repeat(at, 3), repeat(at + timedelta(seconds=1.5)))  # until it is read last, after all is made
    monkeypatch.setattr(timezone, "now", lambda: next(clock))
    if is_late:
        with pytest.raises(Refused, match="Edition 2 goes live within 10 seconds, and nothing changes it so late"):
            publishing.approve(submission, people["other"])
    else:
        publishing.approve(submission, people["other"])
    assert Edition.objects.filter(record_digest=scheduled.record_digest).exists() == is_late


# Rescheduling


def test_an_edition_is_rescheduled_in_place(guidance, people):
    monday = schedule(guidance, people, "one", MONDAY, aim="For Monday.")
    wednesday = schedule(guidance, people, "two", WEDNESDAY, aim="For Wednesday.")
    made = publishing.reschedule(monday, people["other"], live_at=TUESDAY, why="A day later.", at=LATER)
    assert (made.number, made.live_at, made.content_text) == (2, TUESDAY, monday.content_text)
    assert made.submission == monday.submission
    taken_off, rescheduled = made.submission.events.all().order_by("pk")[2:]
    assert (taken_off.verb, taken_off.edition_record_digest, taken_off.live_at) == (
        "taken-off",
        monday.record_digest,
        MONDAY,
    )
    assert (rescheduled.verb, rescheduled.edition_record_digest, rescheduled.why) == (
        "rescheduled",
        made.record_digest,
        "A day later.",
    )
    again = guidance.editions.newest()
    assert (again.number, again.content_text, again.live_at) == (3, wednesday.content_text, WEDNESDAY)
    assert again.submission == wednesday.submission
    check(guidance)


@pytest.mark.parametrize("which", ["earlier", "later"])
def test_an_edition_that_passes_another_says_only_what_it_changes(which, guidance, people):
    monday = schedule(guidance, people, "one", MONDAY, aim="For Monday.")
    tuesday = schedule(guidance, people, "two", TUESDAY, aim="For Tuesday.")
    edition, live_at = (monday, WEDNESDAY) if which == "later" else (tuesday, MONDAY - timedelta(hours=1))
    options = {"live_at": live_at, "why": "First things first.", "at": LATER}
    with pytest.raises(Refused, match="something else than what you saw"):
        publishing.reschedule(edition, people["other"], seen="", **options)
    plan = publishing.plan_to_reschedule(edition, people["other"], live_at, LATER)
    publishing.reschedule(edition, people["other"], seen=plan.digest, **options)
    editions = list(guidance.editions.order_by("number"))
    assert [one.content_text for one in editions[1:]] == [step.text for step in plan.steps]
    assert [one.change_note for one in editions[1:]] == ["For Tuesday.", "For Monday."]
    assert (said(guidance, 2, "one")["aim"], said(guidance, 2, "two")["aim"]) == (
        "Entry to the aligned occupation.",
        "For Tuesday.",
    )
    assert (said(guidance, 3, "one")["aim"], said(guidance, 3, "two")["aim"]) == ("For Monday.", "For Tuesday.")
    check(guidance)


def test_two_editions_that_change_the_same_keep_their_order(guidance, people):
    monday = schedule(guidance, people, "one", MONDAY, aim="For Monday.")
    schedule(guidance, people, "one", TUESDAY, aim="For Tuesday.")
    with pytest.raises(Refused, match="Choose a time that keeps the order") as refused:
        publishing.reschedule(monday, people["other"], live_at=WEDNESDAY, why="Later.", at=LATER)
    assert "Edition 3 cannot be made again in that order:" in refused.value.reasons


BOUNDS = [
    ({"live_at": NOW + timedelta(minutes=2)}, "Choose a time at least five minutes ahead"),
    ({"live_at": london(2028, 3, 3, 9)}, "Choose a time within the next two years"),
    ({"live_at": MONDAY}, "It goes live at 9am on 9 March 2026 already"),
    ({"live_at": TUESDAY}, "Another edition goes live at 9am on 10 March 2026"),
    ({"live_at": WEDNESDAY, "why": " "}, "Say why you reschedule it."),
    ({"live_at": WEDNESDAY, "at": MONDAY - timedelta(seconds=10)}, "goes live within 10 seconds"),
    ({"live_at": WEDNESDAY, "at": MONDAY}, "is live, and what is live is never removed"),
]


@pytest.mark.parametrize(("options", "sentence"), BOUNDS)
def test_rescheduling_has_bounds(options, sentence, guidance, people):
    monday = schedule(guidance, people, "one", MONDAY, aim="For Monday.")
    schedule(guidance, people, "two", TUESDAY, aim="For Tuesday.")
    before = list(guidance.editions.values_list("record_digest", flat=True))
    with pytest.raises(Refused, match=sentence):
        publishing.reschedule(monday, people["other"], **{"why": "Later.", "at": LATER} | options)
    assert list(guidance.editions.values_list("record_digest", flat=True)) == before


@pytest.mark.parametrize(
    ("role", "sentence"),
    [
        ("writer", "Only an Editor can reschedule an edition."),
        ("other", "You changed something in this submission, so somebody else must reschedule it."),
        ("third", ""),
    ],
)
def test_whoever_may_approve_an_edition_may_reschedule_it(role, sentence, guidance, people):
    edition = schedule(guidance, people, by="other", aim="For Monday.")
    reasons = publishing.reasons_not_to_reschedule(edition, people[role], live_at=TUESDAY, why="Later.", at=LATER)
    assert reasons == ([sentence] if sentence else [])


def test_what_is_taken_off_is_rescheduled_no_more(guidance, people):
    edition = schedule(guidance, people, aim="For Monday.")
    publishing.unschedule(edition, people["editor"], why="Too soon.", at=LATER)
    with pytest.raises(Refused, match="Edition 2 is not scheduled any more"):
        publishing.reschedule(edition, people["other"], live_at=TUESDAY, why="Later.", at=LATER)


# The log


@pytest.mark.parametrize("damage", ["cut off", "its making is gone from the log"])
def test_the_log_tells_a_chain_that_was_tampered_with(damage, guidance, people):
    schedule(guidance, people, aim="For Monday.")
    publishing.approve(fix(guidance, people, "two", aim="At once."), people["other"], at=LATER)
    check(guidance)
    newest = guidance.editions.newest()
    if damage == "cut off":
        with forced():
            submission = newest.submission
            submission.edition = None
            submission.save(update_fields=["edition"])
            newest.discard(LATER)  # past the verb that logs it
    else:
        event = newest.submission.remade_from.events.get(verb="approved")
        assert force("DELETE FROM categories_submissionevent WHERE id = %s", event.pk)  # past the log that only grows
    with pytest.raises(SystemExit):
        call_command("check_editions", stdout=StringIO(), stderr=StringIO())
