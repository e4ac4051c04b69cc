"""Every verb of publishing, for every role and in every state: what is allowed, and the sentence where it is not."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from categories import publishing
from categories.content import diff
from categories.content.canonical import canonical
from categories.models import Category, Edition, EditionChange, ExamplesList, Submission, SubmissionEvent, User
from categories.models.history import saving
from categories.publishing import Refused, making
from tests.factories import (
    london,
    make_approval_test,
    make_category,
    make_cohort,
    make_examples_list,
    make_guidance,
    make_user,
    publish_loaded,
)
from tests.forced import force
from tests.mail import forget, written

pytestmark = pytest.mark.django_db

LOADED_AT = london(2026, 1, 5, 9)
NOW = london(2026, 3, 2, 9)
MONDAY = london(2026, 3, 9, 9)


@pytest.fixture
def guidance():
    """Guidance with two categories and one test, live as edition 1."""
    guidance = make_guidance()
    make_category(guidance, "level-3-adults-only")
    make_category(guidance, "level-2-adults-only", levels=(2,))
    publish_loaded(guidance, live_at=LOADED_AT, at=LOADED_AT)
    return guidance


@pytest.fixture
def people(db):
    """One person in each role. `writer` submits, `contributor` is an Editor whose edit is in the submission."""
    return {
        "anonymous": AnonymousUser(),
        "plain staff": make_user("plain"),
        "writer": make_user("writer", "Writer"),
        "other writer": make_user("other", "Writer"),
        "editor": make_user("editor", "Editor"),
        "contributor": make_user("contributor", "Editor"),
        "superuser": make_user("root", is_superuser=True),
    }


def edit(record, by, why="A better wording", **fields):
    """Edit a record as the admin does: one recorded save."""
    record.refresh_from_db()
    for name, value in fields.items():
        setattr(record, name, value)
    with saving(by=by, why=why):
        record.full_clean()
        record.save()
    return record


def first(guidance) -> Category:
    return guidance.category_set.order_by("position").first()


def submitted(guidance, people, **options) -> Submission:
    edit(first(guidance), people["contributor"], aim="Entry to the occupation that it aligns to.")
    options = {"change_note": "The aim is plainer.", "at": NOW} | options
    return publishing.submit(guidance, people["writer"], **options)


def in_state(state, guidance, people):
    """Bring a submission into a state, and return it with its edition."""
    if state == "nothing":
        return None, guidance.editions.newest()
    submission = submitted(guidance, people)
    edition = None
    match state:
        case "rejected":
            publishing.reject(submission, people["editor"], why="Not yet.", at=NOW)
        case "recalled":
            publishing.recall(submission, people["writer"], at=NOW)
        case "live":
            edition = publishing.approve(submission, people["editor"], at=NOW)
        case "scheduled":
            edition = publishing.approve(submission, people["editor"], live_at=MONDAY, at=NOW)
        case "unscheduled":
            edition = publishing.approve(submission, people["editor"], live_at=MONDAY, at=NOW)
            publishing.unschedule(edition, people["editor"], why="Too soon.", at=NOW)
        case "emergency":
            edition = publishing.publish_in_emergency(submission, people["contributor"], why="It is wrong.", at=NOW)
    submission.refresh_from_db()
    return submission, edition or guidance.editions.newest()


LATER = NOW + timedelta(minutes=1)
VERBS = {
    "submit": lambda guidance, submission, edition, by: publishing.submit(
        guidance, by, change_note="Another.", at=LATER
    ),
    "approve": lambda guidance, submission, edition, by: publishing.approve(submission, by, at=LATER),
    "schedule": lambda guidance, submission, edition, by: publishing.approve(submission, by, live_at=MONDAY, at=LATER),
    "reject": lambda guidance, submission, edition, by: publishing.reject(submission, by, why="No.", at=LATER),
    "recall": lambda guidance, submission, edition, by: publishing.recall(submission, by, at=LATER),
    "unschedule": lambda guidance, submission, edition, by: publishing.unschedule(edition, by, why="No.", at=LATER),
    "emergency": lambda guidance, submission, edition, by: publishing.publish_in_emergency(
        submission, by, why="It is wrong.", at=LATER
    ),
    "review": lambda guidance, submission, edition, by: publishing.review_afterwards(submission, by, at=LATER),
    "share": lambda guidance, submission, edition, by: publishing.share_preview(
        submission, by, made_for="A college", at=LATER
    ),
    "answer": lambda guidance, submission, edition, by: publishing.record_answer(
        submission, by, answer="It reads well.", at=LATER
    ),
}
ROLES = ["anonymous", "plain staff", "writer", "other writer", "editor", "contributor", "superuser"]
STATES = ["nothing", "submitted", "rejected", "recalled", "scheduled", "live", "unscheduled", "emergency"]
WRITERS = {"writer", "other writer", "editor", "contributor", "superuser"}
EDITORS = {"editor", "contributor", "superuser"}
PERMITTED = {verb: WRITERS if verb in {"submit", "recall", "share", "answer"} else EDITORS for verb in VERBS}
OWN = "You changed something in this submission, so somebody else must approve it."
CLOSED = "only one that waits for approval can be"
LIVE = "is live, and what is live is never removed"
# What each verb says, in each state, to each role that has the permission: "" is allowed.
OUTCOMES = {
    ("submit", "nothing"): dict.fromkeys(WRITERS, "There are no changes, so there is nothing to submit."),
    ("submit", "submitted"): dict.fromkeys(WRITERS, "already waits for approval"),
    ("submit", "rejected"): dict.fromkeys(WRITERS, ""),
    ("submit", "recalled"): dict.fromkeys(WRITERS, ""),
    ("submit", "unscheduled"): dict.fromkeys(WRITERS, ""),
    ("submit", "scheduled"): dict.fromkeys(WRITERS, "There are no changes"),
    ("submit", "live"): dict.fromkeys(WRITERS, "There are no changes"),
    ("submit", "emergency"): dict.fromkeys(WRITERS, "There are no changes"),
    ("approve", "submitted"): {"editor": "", "superuser": "", "contributor": OWN},
    ("reject", "submitted"): dict.fromkeys(EDITORS, ""),
    ("recall", "submitted"): dict.fromkeys(WRITERS, ""),
    ("emergency", "submitted"): {
        "contributor": "",
        "editor": "you can approve it in the ordinary way",
        "superuser": "you can approve it in the ordinary way",
    },
    **{
        (verb, state): dict.fromkeys(PERMITTED[verb], f"This submission is {word}; {CLOSED}")
        for verb in ("approve", "reject", "recall", "emergency")
        for state, word in (
            ("rejected", "rejected"),
            ("recalled", "recalled"),
            ("scheduled", "approved"),
            ("live", "approved"),
            ("unscheduled", "unscheduled"),
            ("emergency", "approved"),
        )
    },
    **{
        ("unschedule", state): dict.fromkeys(EDITORS, LIVE)
        for state in ("nothing", "submitted", "rejected", "recalled", "live", "emergency")
    },
    ("unschedule", "scheduled"): dict.fromkeys(EDITORS, ""),
    ("unschedule", "unscheduled"): dict.fromkeys(EDITORS, "Edition 2 is not scheduled any more."),
    **{("review", state): dict.fromkeys(EDITORS, "No review after the fact is due.") for state in STATES[1:-1]},
    ("review", "emergency"): {"editor": "", "superuser": "", "contributor": "You published this"},
    **{(verb, state): dict.fromkeys(WRITERS, "") for verb in ("share", "answer") for state in STATES[1:]},
}


@pytest.mark.parametrize(("verb", "state"), OUTCOMES)
def test_every_verb_for_every_role_in_every_state(verb, state, guidance, people):
    submission, edition = in_state(state, guidance, people)
    found = {role: outcome(verb, guidance, submission, edition, people[role]) for role in ROLES}
    expected = {role: OUTCOMES[verb, state].get(role, "Only ") for role in ROLES}
    wrong = {role: found[role] for role in ROLES if not agrees(found[role], expected[role])}
    assert wrong == {}, expected


def agrees(found: str, expected: str) -> bool:
    return expected in found if expected else found == ""


def outcome(verb, guidance, submission, edition, by) -> str:
    """Try a verb and undo it: return "" when it is allowed, else its reasons. A refusal must change nothing."""
    before = list(Edition.objects.values_list("number", "record_digest"))
    savepoint = transaction.savepoint()
    try:
        VERBS[verb](guidance, submission, edition, by)
    except Refused as refused:
        assert before == list(Edition.objects.values_list("number", "record_digest"))
        return str(refused)
    finally:
        transaction.savepoint_rollback(savepoint)
    return ""


# Submitting


def test_what_is_submitted_is_frozen(guidance, people):
    submission = submitted(guidance, people)
    frozen = submission.content_text
    edit(first(guidance), people["writer"], aim="Something else.")
    submission.refresh_from_db()
    assert submission.content_text == frozen
    edition = publishing.approve(submission, people["editor"], at=NOW)
    assert edition.content_text == frozen
    assert edition.content_digest == submission.content_digest
    assert first(guidance).aim == "Something else."


def test_only_the_ticked_records_are_submitted(guidance, people):
    one, two = guidance.category_set.order_by("position")
    edit(one, people["writer"], aim="The urgent change.")
    edit(two, people["other writer"], aim="A draft.")
    submission = publishing.submit(guidance, people["writer"], change_note="Urgent.", chosen={one.pk}, at=NOW)
    live = guidance.editions.newest().content
    assert [change.id for change in diff.changes(live, submission.content)] == [one.pk]
    publishing.approve(submission, people["editor"], at=NOW)
    assert [change.id for change in publishing.pending_changes(guidance)] == [two.pk]


def test_a_category_without_its_new_test_is_refused_by_name(guidance, people):
    test = make_approval_test(guidance, "significant-outcomes-test", position=9)
    category = first(guidance)
    with saving(by=people["writer"]):
        category.approval_tests.add(test)
    with pytest.raises(Refused) as refused:
        publishing.submit(guidance, people["writer"], change_note="A test.", chosen={category.pk}, at=NOW)
    [fault] = refused.value.reasons
    assert fault.record == str(category.pk)
    assert "needs “Significant outcomes test”, which you did not tick" in str(fault)
    publishing.submit(guidance, people["writer"], change_note="A test.", chosen={category.pk, test.pk}, at=NOW)


def test_a_category_without_its_new_cohort_is_refused_by_name(guidance, people):
    cohort = make_cohort(guidance, "under-16", "Under 16")
    with saving(by=people["writer"]):
        first(guidance).cohorts.add(cohort)
    reasons = publishing.reasons_not_to_submit(
        guidance, people["writer"], change_note="A cohort.", chosen={first(guidance).pk}, at=NOW
    )
    assert ["needs “Under 16”, which you did not tick" in str(reason) for reason in reasons] == [True]


def test_every_fault_is_named_with_its_record(guidance, people):
    one, two = guidance.category_set.order_by("position")
    edit(one, people["writer"], aim="")
    two.approval_tests.clear()
    reasons = publishing.reasons_not_to_submit(guidance, people["writer"], change_note="Faulty.", at=NOW)
    assert {(reason.record, reason.field) for reason in reasons} == {
        (str(one.pk), "aim"),
        (str(two.pk), "approval_tests"),
    }


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"change_note": " "}, "Write a change note"),
        ({"change_note": "a\x00b"}, "control character"),
        ({"update_type": "huge"}, "major or minor"),
        ({"chosen": set()}, "You ticked no changes"),
        ({"seen": "0" * 64}, "Somebody has changed the guidance since you opened this page"),
    ],
)
def test_bad_submissions_are_refused_with_the_reason(options, sentence, guidance, people):
    edit(first(guidance), people["writer"], aim="Plainer.")
    options = {"change_note": "The aim is plainer.", "at": NOW} | options
    with pytest.raises(Refused, match=sentence):
        publishing.submit(guidance, people["writer"], **options)
    assert not Submission.objects.filter(status="submitted").exists()


# Who may approve


def test_nobody_approves_what_they_edited_and_a_colleague_submitted(guidance, people):
    edit(first(guidance), people["editor"], aim="Mine.")
    submission = publishing.submit(guidance, people["writer"], change_note="Hers.", at=NOW)
    with pytest.raises(Refused, match="You changed something in this submission"):
        publishing.approve(submission, people["editor"], at=NOW)


def test_nobody_approves_what_they_submitted_superusers_included(guidance, people):
    edit(first(guidance), people["writer"], aim="Hers.")
    submission = publishing.submit(guidance, people["superuser"], change_note="Mine.", at=NOW)
    with pytest.raises(Refused, match="You submitted this"):
        publishing.approve(submission, people["superuser"], at=NOW)


def test_a_change_with_no_known_user_counts_as_the_submitters(guidance, people):
    edit(first(guidance), None, aim="From a file.")
    submission = publishing.submit(guidance, people["editor"], change_note="Loaded.", at=NOW)
    assert not submission.contributors.exists()
    with pytest.raises(Refused, match="You submitted this"):
        publishing.approve(submission, people["editor"], at=NOW)
    publishing.approve(submission, people["contributor"], at=NOW)


def test_an_edit_left_out_of_one_submission_counts_in_the_next(guidance, people):
    """The edit is older than the freeze behind the base edition, and still its author may not approve it."""
    one, two = guidance.category_set.order_by("position")
    edit(two, people["editor"], aim="Mine, early.")
    edit(one, people["writer"], aim="Urgent.")
    urgent = publishing.submit(guidance, people["writer"], change_note="Urgent.", chosen={one.pk}, at=NOW)
    publishing.approve(urgent, people["contributor"], at=NOW)
    later = NOW + timedelta(days=1)
    submission = publishing.submit(guidance, people["writer"], change_note="The rest.", at=later)
    assert people["editor"] in submission.contributors.all()


def test_what_was_published_before_does_not_count_again(guidance, people):
    edit(first(guidance), people["editor"], aim="Mine.")
    publishing.approve(
        publishing.submit(guidance, people["writer"], change_note="One.", at=NOW), people["contributor"], at=NOW
    )
    edit(first(guidance), people["writer"], aim="Hers.")
    submission = publishing.submit(guidance, people["writer"], change_note="Two.", at=NOW + timedelta(days=1))
    publishing.approve(submission, people["editor"], at=NOW + timedelta(days=1))


def test_whoever_deleted_a_record_is_a_contributor(guidance, people):
    examples = make_examples_list(guidance)
    publishing.approve(
        publishing.submit(guidance, people["writer"], change_note="A list.", at=NOW), people["contributor"], at=NOW
    )
    with saving(by=people["editor"], why="Not needed"):
        ExamplesList.objects.get(pk=examples.pk).delete()
    submission = publishing.submit(guidance, people["writer"], change_note="No list.", at=NOW + timedelta(days=1))
    assert list(submission.contributors.all()) == [people["editor"]]


def test_whoever_moved_a_record_is_a_contributor_whichever_way_the_move_is_told(guidance, people):
    one = guidance.category_set.order_by("position").first()
    edit(one, people["editor"], position=99_999)
    submission = publishing.submit(guidance, people["writer"], change_note="Order.", at=NOW)
    assert list(submission.contributors.all()) == [people["editor"]]


def test_contributors_are_frozen_with_the_submission(guidance, people):
    submission = submitted(guidance, people)
    edit(first(guidance), people["editor"], aim="After the freeze.")
    publishing.approve(submission, people["editor"], at=NOW)


def test_people_who_could_approve_are_named(guidance, people):
    submission = submitted(guidance, people)
    assert {person.username for person in publishing.possible_approvers(submission)} == {"editor", "root"}
    for name in ("editor", "superuser"):
        people[name].is_active = False
        people[name].save()
    assert publishing.possible_approvers(submission) == []


# Approving


@pytest.mark.parametrize("verb", ["approve", "emergency"])
@pytest.mark.parametrize(
    ("microseconds", "seconds"), [(0, 2), (1, 2), (500_000, 2), (999_999, 2)], ids=["whole", "first", "half", "last"]
)
def test_what_is_published_now_counts_from_a_whole_second_one_to_two_ahead(
    verb, microseconds, seconds, guidance, people
):
    submission, at = submitted(guidance, people), NOW.replace(microsecond=microseconds)
    if verb == "approve":
        edition = publishing.approve(submission, people["editor"], at=at)
    else:
        edition = publishing.publish_in_emergency(submission, people["contributor"], why="It is wrong.", at=at)
    assert (edition.made_at, edition.live_at) == (at, NOW + timedelta(seconds=seconds))
    assert timedelta(seconds=1) < edition.live_at - at <= timedelta(seconds=2)


def test_what_is_published_now_counts_after_what_was_published_just_now(guidance, people):
    first_of_two = publishing.approve(submitted(guidance, people), people["editor"], at=NOW)
    edit(first(guidance), people["writer"], aim="More.")
    submission = publishing.submit(guidance, people["writer"], change_note="More.", at=NOW)
    edition = publishing.approve(submission, people["editor"], at=NOW)
    assert edition.live_at - first_of_two.live_at == timedelta(seconds=1)


def test_the_clock_is_read_last(guidance, people, monkeypatch):
    """However long an edition takes to build, it counts one to two seconds after it is ready."""
    submission, slow = submitted(guidance, people), timedelta(minutes=3)
    now, index_of = timezone.now, making.index_of

    def built_slowly(*args):
        monkeypatch.setattr(timezone, "now", lambda: now() + slow)
        return index_of(*args)

    monkeypatch.setattr(making, "index_of", built_slowly)
    started = now()
    edition = publishing.approve(submission, people["editor"])
    assert edition.made_at >= started + slow
    assert timedelta(seconds=1) < edition.live_at - edition.made_at <= timedelta(seconds=2)


def test_a_publication_that_would_count_before_it_is_known_is_undone(guidance, people, monkeypatch):
    submission, now, save = submitted(guidance, people), timezone.now, SubmissionEvent.save

    def written_slowly(*args, **options):
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=3))
        save(*args, **options)

    monkeypatch.setattr(SubmissionEvent, "save", written_slowly)
    with pytest.raises(Refused, match="It took too long to publish, so nothing was done"):
        publishing.approve(submission, people["editor"])
    submission.refresh_from_db()
    assert (submission.status, guidance.editions.count()) == ("submitted", 1)


TOO_SOON, TOO_FAR = "at least five minutes ahead, or publish now", "within the next two years"
TWO_YEARS = london(2028, 3, 2, 9) - NOW


@pytest.mark.parametrize(
    ("ahead", "sentence"),
    [
        (timedelta(minutes=5, seconds=-1), TOO_SOON),
        (timedelta(minutes=5), ""),
        (TWO_YEARS, ""),
        (TWO_YEARS + timedelta(seconds=1), TOO_FAR),
    ],
)
def test_a_set_time_is_five_minutes_to_two_years_ahead(ahead, sentence, guidance, people):
    submission = submitted(guidance, people)
    reasons = publishing.reasons_not_to_approve(submission, people["editor"], live_at=NOW + ahead, at=NOW)
    assert agrees(" ".join(reasons), sentence), reasons


def test_two_years_after_a_29_february_is_the_first_of_march(guidance, people):
    submission, at = submitted(guidance, people), london(2028, 2, 29, 9)
    for live_at, allowed in ((london(2030, 3, 1, 9), True), (london(2030, 3, 1, 10), False)):
        assert (not publishing.reasons_not_to_approve(submission, people["editor"], live_at=live_at, at=at)) is allowed


def test_a_set_time_is_a_whole_second(guidance, people):
    live_at = MONDAY.replace(microsecond=1)
    edition = publishing.approve(submitted(guidance, people), people["editor"], live_at=live_at, at=NOW)
    assert edition.live_at == MONDAY + timedelta(seconds=1)


@pytest.mark.parametrize(("seconds", "settled"), [(11, False), (10, True), (1, True)])
def test_nothing_unschedules_an_edition_in_its_last_ten_seconds(seconds, settled, guidance, people):
    edition = publishing.approve(submitted(guidance, people), people["editor"], live_at=MONDAY, at=NOW)
    at = MONDAY - timedelta(seconds=seconds)
    reasons = publishing.reasons_not_to_unschedule(edition, people["editor"], at=at)
    sentence = "Edition 2 goes live within 10 seconds, and nothing changes it so late. Wait until it is live"
    assert agrees(" ".join(reasons), sentence if settled else ""), reasons


def test_what_is_published_in_those_ten_seconds_counts_after_it(guidance, people):
    publishing.approve(submitted(guidance, people), people["editor"], live_at=MONDAY, at=NOW)
    edit(first(guidance), people["writer"], aim="More.")
    submission = publishing.submit(guidance, people["writer"], change_note="More.", at=LATER)
    edition = publishing.approve(submission, people["editor"], at=MONDAY - timedelta(seconds=9))
    assert edition.live_at == MONDAY + timedelta(seconds=1)


def test_an_address_that_was_taken_while_it_waited_is_not_published(guidance, people):
    edit(guidance, people["writer"], slug="wanted")
    submission = publishing.submit(guidance, people["writer"], change_note="Renamed.", at=NOW)
    edit(guidance, people["writer"], slug="guidance-for-tests")
    other = make_guidance(slug="wanted", title="Other")
    make_category(other, "one")
    publish_loaded(other, change_note="First.", at=NOW)
    with pytest.raises(Refused, match="“wanted” has belonged to “Other” since it was published"):
        publishing.approve(submission, people["editor"], at=LATER)


def test_only_the_newest_scheduled_edition_is_unscheduled(guidance, people):
    two = publishing.approve(submitted(guidance, people), people["editor"], live_at=MONDAY, at=NOW)
    edit(first(guidance), people["writer"], aim="More.")
    submission = publishing.submit(guidance, people["writer"], change_note="More.", at=LATER)
    three = publishing.approve(submission, people["editor"], live_at=MONDAY + timedelta(days=1), at=LATER)
    with pytest.raises(Refused, match="Edition 3 follows it; unschedule that one first"):
        publishing.unschedule(two, people["editor"], why="Too soon.", at=LATER)
    assert list(guidance.editions.order_by("number"))[1:] == [two, three]
    for edition in (three, two):
        publishing.unschedule(edition, people["editor"], why="Too soon.", at=LATER)
    assert guidance.editions.count() == 1


def test_damaged_frozen_content_is_not_published(guidance, people):
    submission = submitted(guidance, people)
    force("UPDATE categories_submission SET content_text = content_text || ' '")
    with pytest.raises(Refused, match="damaged"):
        publishing.approve(submission, people["editor"], at=NOW)


def test_a_slug_that_was_live_cannot_go_to_another_record(guidance, people):
    one, two = guidance.category_set.order_by("position")
    old = one.slug
    edit(one, people["writer"], slug="renamed")
    publishing.approve(
        publishing.submit(guidance, people["writer"], change_note="Renamed.", at=NOW), people["editor"], at=NOW
    )
    two.refresh_from_db()
    two.slug = old
    with saving(by=people["writer"]):
        two.save()
    [reason] = publishing.reasons_not_to_submit(guidance, people["writer"], change_note="Taken.", at=LATER)
    assert f"“{old}” has belonged to “Level 3 adults only” since it was published" in str(reason)
    two.slug = "level-2-adults-only"
    two.save()
    edit(one, people["writer"], slug=old)  # its own former slug it may take again
    publishing.submit(guidance, people["writer"], change_note="Named back.", at=LATER)


def test_a_failure_half_way_leaves_everything_as_it_was(guidance, people, monkeypatch):
    submission = submitted(guidance, people)

    def fail(*args, **options):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(SubmissionEvent, "save", fail)
    with pytest.raises(RuntimeError):
        publishing.approve(submission, people["editor"], at=NOW)
    submission.refresh_from_db()
    assert (submission.status, submission.edition) == ("submitted", None)
    assert guidance.editions.count() == 1
    assert not EditionChange.objects.filter(edition__number=2).exists()


# Withdrawing, correcting, putting back


def test_a_withdrawn_category_leaves_the_lists_and_stays_on_record(guidance, people):
    category = edit(first(guidance), people["writer"], withdrawn="It was replaced.")
    edition = publishing.approve(
        publishing.submit(guidance, people["writer"], change_note="Withdrawn.", at=NOW), people["editor"], at=NOW
    )
    said = edition.content.category_by_id[category.pk]
    assert said not in edition.content.current_categories
    assert said.withdrawn == "It was replaced."
    assert edition.changes.get(record_id=category.pk).action == "withdrawn"


def test_no_live_category_may_use_a_withdrawn_test(guidance, people):
    edit(guidance.approvaltest_set.get(), people["writer"], withdrawn="Repealed.")
    reasons = publishing.reasons_not_to_submit(guidance, people["writer"], change_note="Withdrawn.", at=NOW)
    assert len(reasons) == 2
    assert all("is withdrawn; only a withdrawn category may name it" in str(reason) for reason in reasons)


def test_a_change_note_is_corrected_by_a_minor_edition_without_other_changes(guidance, people):
    one = guidance.editions.newest()
    with pytest.raises(Refused, match="A correction is a minor update"):
        publishing.submit(guidance, people["writer"], change_note="Right.", corrects=one, at=NOW)
    submission = publishing.submit(
        guidance, people["writer"], change_note="Right.", update_type="minor", corrects=one, at=NOW
    )
    two = publishing.approve(submission, people["editor"], at=NOW)
    assert two.corrects == one
    assert two.record()["corrects"] == 1
    assert (two.content_text, two.changes.count()) == (one.content_text, 0)
    one.refresh_from_db()
    assert one.change_note == "First published."


def test_only_what_is_live_can_be_corrected(guidance, people):
    scheduled = publishing.approve(submitted(guidance, people), people["editor"], live_at=MONDAY, at=NOW)
    options = {"change_note": "Right.", "update_type": "minor", "corrects": scheduled, "at": LATER}
    with pytest.raises(Refused, match="Edition 2 is not live yet"):
        publishing.submit(guidance, people["writer"], **options)


def test_a_correction_is_of_an_edition_of_the_same_guidance(guidance, people):
    other = make_guidance(slug="other", title="Other")
    make_category(other, "one")
    foreign = publish_loaded(other, change_note="First.", live_at=LOADED_AT, at=LOADED_AT)
    options = {"change_note": "Right.", "update_type": "minor", "corrects": foreign, "at": NOW}
    with pytest.raises(Refused, match="A correction names an edition of the same guidance"):
        publishing.submit(guidance, people["writer"], **options)


def test_the_live_wording_is_put_back_as_a_recorded_save(guidance, people):
    category = edit(first(guidance), people["writer"], aim="A draft.")
    publishing.put_back(guidance, category.pk, people["writer"])
    assert publishing.pending_changes(guidance) == []
    latest = category.history.first()
    assert (latest.history_user, latest.history_change_reason) == (
        people["writer"],
        "Put back the wording of edition 1",
    )
    with pytest.raises(Refused, match="Only a Writer or an Editor"):
        publishing.put_back(guidance, category.pk, people["plain staff"])


def test_a_slug_that_another_draft_has_taken_is_named_before_anything_is_put_back(guidance, people):
    one, two = guidance.category_set.all()
    slug = one.slug
    edit(one, people["writer"], slug="elsewhere")
    two.slug = slug
    with saving(people["writer"], "Past the form"):
        two.save()
    with pytest.raises(Refused, match="is the slug of “Level 2 adults only” in the working copy now"):
        publishing.put_back(guidance, one.pk, people["writer"])


def test_a_level_that_is_made_again_is_the_same_record(guidance, people):
    category = first(guidance)
    level = category.levels.get()
    with saving(people["writer"], "Not any more"):
        category.levels.remove(level)
    level.delete()
    again = type(level)(guidance=guidance, number=level.number)
    again.full_clean()
    with saving(people["writer"], "Again"):
        again.save()
    publishing.put_back(guidance, category.pk, people["writer"])
    assert list(category.levels.all()) == [again]
    assert not publishing.pending_changes(guidance)


def test_a_term_that_another_has_now_is_named_before_what_needs_it_is_put_back(guidance, people):
    category, cohort = first(guidance), make_cohort(guidance, "carers")
    category.cohorts.set([cohort])
    submission = submitted(guidance, people)
    publishing.approve(submission, people["editor"])
    category.cohorts.clear()
    cohort.delete()
    other = make_cohort(guidance, "carers", "Other carers")
    sentence = f"“carers” is the slug of “{other}” in the working copy now. Give that another slug first."
    with pytest.raises(Refused, match=sentence):
        publishing.put_back(guidance, category.pk, people["writer"])


def test_putting_back_makes_only_what_the_person_may_add(guidance, people):
    category = first(guidance)
    test = category.approval_tests.get()
    Model.delete(guidance.category_set.get(pk=category.pk))
    person = people["plain staff"]
    person.user_permissions.add(Permission.objects.get(codename="change_category"))
    with pytest.raises(Refused, match=f"can put back “{category}”"):
        publishing.put_back(guidance, category.pk, User.objects.get(pk=person.pk))
    assert test.category_set.count() == 1
    publishing.put_back(guidance, category.pk, people["writer"])
    assert test.category_set.count() == 2


def test_what_was_published_is_withdrawn_never_removed(guidance, people):
    category = first(guidance)
    with saving(people["writer"], "Past the form"):
        Model.delete(guidance.category_set.get(pk=category.pk))
    with pytest.raises(Refused, match="was published, so it cannot be removed: put back its wording"):
        publishing.submit(guidance, people["writer"], change_note="Away with it.", at=NOW)
    publishing.put_back(guidance, category.pk, people["writer"])
    assert publishing.pending_changes(guidance) == []


def test_a_new_record_has_no_live_wording(guidance, people):
    category = make_category(guidance, "new-category")
    with pytest.raises(Refused, match="it is new"):
        publishing.put_back(guidance, category.pk, people["writer"])


# Emergencies


def test_an_emergency_stays_flagged_until_a_different_editor_reviews_it(guidance, people):
    submission, edition = in_state("emergency", guidance, people)
    assert (submission.route, submission.review_is_due) == ("emergency", True)
    assert submission.events.last().why == "It is wrong."
    publishing.review_afterwards(submission, people["editor"], why="It is right now.", at=LATER)
    submission.refresh_from_db()
    assert submission.review_is_due is False
    assert [event.verb for event in submission.events.all()] == ["submitted", "emergency", "reviewed"]
    assert "emergency" not in canonical(edition.record())


def test_nobody_reviews_afterwards_what_they_had_a_part_in(guidance, people):
    one, two = guidance.category_set.order_by("position")
    edit(one, people["contributor"], aim="By the contributor.")
    edit(two, people["editor"], aim="By the editor.")
    submission = publishing.submit(guidance, people["superuser"], change_note="Better.", at=NOW)
    publishing.publish_in_emergency(submission, people["contributor"], why="It is wrong.", at=NOW)
    for role, part in (("contributor", "published this"), ("superuser", "submitted this"), ("editor", "changed some")):
        with pytest.raises(Refused, match=f"You {part}.*, so somebody else must review it."):
            publishing.review_afterwards(submission, people[role], at=LATER)
    publishing.review_afterwards(submission, make_user("another", "Editor"), at=LATER)


def test_an_emergency_needs_a_reason(guidance, people):
    submission = submitted(guidance, people)
    with pytest.raises(Refused, match="cannot wait for a second person"):
        publishing.publish_in_emergency(submission, people["contributor"], why="  ", at=NOW)


# The log, previews, e-mail


def test_unscheduling_leaves_its_record_in_the_log(guidance, people):
    submission, _ = in_state("unscheduled", guidance, people)
    approved, unscheduled = submission.events.all()[1:]
    assert (unscheduled.edition_number, unscheduled.live_at, unscheduled.why) == (2, MONDAY, "Too soon.")
    assert unscheduled.edition_record_digest == approved.edition_record_digest
    assert guidance.editions.count() == 1
    assert not EditionChange.objects.filter(edition__number=2).exists()


def test_the_log_can_only_grow(guidance, people):
    event = submitted(guidance, people).events.get()
    with pytest.raises(TypeError, match="are a permanent record"):
        event.delete()
    event.why = "Another reason"
    with pytest.raises(TypeError, match="are a permanent record"):
        event.save()
    submission = event.submission
    for rows in (SubmissionEvent.objects.all(), submission.events, Submission.objects.all(), guidance.submissions):
        for write in (lambda rows: rows.update(pk=9), lambda rows: rows.all().delete()):
            with pytest.raises(TypeError, match="are a permanent record"):
                write(rows)
    submission.content_text = "{}"
    for options in ({}, {"update_fields": ["content_text", "status"]}):
        with pytest.raises(TypeError, match="submissions are a permanent record"):
            submission.save(**options)


def test_a_preview_link_works_until_it_expires_or_is_revoked(guidance, people):
    submission = submitted(guidance, people)
    link = publishing.share_preview(submission, people["writer"], made_for="A college", at=NOW)
    find = type(link).from_token
    assert find(link.token, at=NOW) == link
    assert find(link.token, at=NOW + timedelta(days=7)) is None
    assert find(link.token[:-1] + ("a" if link.token[-1] != "a" else "b"), at=NOW) is None
    publishing.revoke_preview(link, people["other writer"], at=LATER)
    assert find(link.token, at=LATER) is None
    link.refresh_from_db()
    with pytest.raises(Refused, match="revoked already"):
        publishing.revoke_preview(link, people["writer"], at=LATER)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [({"made_for": " "}, "Say who"), ({"made_for": "A college", "expires_at": NOW}, "within the next 90 days")],
)
def test_a_preview_names_its_reader_and_expires_in_the_future(options, sentence, guidance, people):
    with pytest.raises(Refused, match=sentence):
        publishing.share_preview(submitted(guidance, people), people["writer"], at=NOW, **options)


def test_a_preview_works_for_90_days_at_most(guidance, people):
    submission, in_90_days = submitted(guidance, people), NOW + timedelta(days=90)
    options = {"made_for": "A college", "at": NOW}
    link = publishing.share_preview(submission, people["writer"], expires_at=in_90_days, **options)
    assert link.expires_at == in_90_days
    with pytest.raises(Refused, match="within the next 90 days"):
        publishing.share_preview(
            submission, people["writer"], expires_at=in_90_days + timedelta(microseconds=1), **options
        )


def test_editors_hear_of_what_waits_and_the_writer_of_the_decision(guidance, people):
    submission = submitted(guidance, people)
    assert {message.to for message in written()} == {"editor@example.org", "root@example.org"}
    assert {message.subject for message in written()} == {f"To approve: {submission} of “{guidance}”"}
    forget()
    publishing.reject(submission, people["editor"], why="The aim is wrong.", at=NOW)
    [message] = written()
    assert message.to == "writer@example.org"
    assert message.subject == f"Rejected: {submission} of “{guidance}”"
    assert "editor rejected it: The aim is wrong." in message.body
    assert f"\nhttp://testserver/admin/categories/submission/{submission.pk}/change/\n" in message.body


DECISIONS = [  # the verb, the state before it, by whom, and what the writer reads
    ("approve", "submitted", "editor", "Approved", "editor approved it: edition 2 is live."),
    ("schedule", "submitted", "editor", "Approved", "editor approved it: edition 2 goes live at 9am on 9 March 2026."),
    ("reject", "submitted", "editor", "Rejected", "editor rejected it: No."),
    ("recall", "submitted", "other writer", "Recalled", "other recalled it."),
    ("unschedule", "scheduled", "editor", "Unscheduled", "editor unscheduled edition 2: No."),
    (
        "emergency",
        "submitted",
        "contributor",
        "Published in an emergency",
        "contributor published it in an emergency: It is wrong.",
    ),
]


@pytest.mark.parametrize(("verb", "state", "role", "outcome", "sentence"), DECISIONS)
def test_the_writer_hears_of_every_decision(verb, state, role, outcome, sentence, guidance, people):
    submission, edition = in_state(state, guidance, people)
    forget()
    VERBS[verb](guidance, submission, edition, people[role])
    [(subject, body)] = [(one.subject, one.body) for one in written() if one.to == "writer@example.org"]
    assert subject.startswith(f"{outcome}: Submission ")
    assert body.startswith(f"{sentence}\n\nhttp://testserver/admin/categories/submission/")


def test_nobody_hears_of_what_they_do_themselves(guidance, people):
    publishing.recall(submitted(guidance, people), people["writer"], at=NOW)
    assert {message.to for message in written()} == {"editor@example.org", "root@example.org"}
    forget()
    submission = publishing.submit(guidance, people["contributor"], change_note="Mine.", at=LATER)
    publishing.publish_in_emergency(submission, people["contributor"], why="It is wrong.", at=LATER)
    assert {message.to for message in written()} == {"editor@example.org", "root@example.org"}


def test_what_is_refused_writes_to_nobody(guidance, people):
    submission = submitted(guidance, people)
    forget()
    with pytest.raises(Refused):
        publishing.reject(submission, people["editor"], why="")
    assert written() == []


# Loading


def test_loaded_guidance_makes_edition_1_once_and_never_in_the_future(guidance, people):
    with pytest.raises(Refused, match="has editions already"):
        publish_loaded(guidance, change_note="Again.")
    other = make_guidance(slug="other", title="Other")
    make_category(other, "one")
    with pytest.raises(Refused, match="cannot go live in the future"):
        publish_loaded(other, change_note="Too soon.", live_at=MONDAY, at=NOW)
    edition = publish_loaded(other, change_note="First.", live_at=LOADED_AT, at=NOW)
    assert (edition.number, edition.live_at, edition.made_at) == (1, LOADED_AT, NOW)
    assert edition.submission.route == "loaded"
