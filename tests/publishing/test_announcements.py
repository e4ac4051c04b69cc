"""Announcements: who makes them, what they say of every change of plan, and that nothing secret goes before them."""

from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command

from categories import publishing
from categories.content import diff
from categories.content.canonical import parse
from categories.models import AnnouncementLine, Edition, SubmissionEvent
from categories.models.history import saving
from categories.publishing import Refused
from tests.factories import london, make_category, make_guidance, make_user, publish_loaded
from tests.forced import force
from tests.mail import forget, written

pytestmark = pytest.mark.django_db

LOADED_AT = london(2026, 1, 5, 9)
NOW = london(2026, 3, 2, 9)
LATER = NOW + timedelta(minutes=1)
SUNDAY, MONDAY, TUESDAY, WEDNESDAY = (london(2026, 3, day, 9) for day in (8, 9, 10, 11))
AHEAD = timedelta(seconds=2)
SOON = LATER + timedelta(minutes=1)


@pytest.fixture
def guidance():
    guidance = make_guidance()
    for slug in ("one", "two", "three"):
        make_category(guidance, slug)
    publish_loaded(guidance, live_at=LOADED_AT, at=LOADED_AT)
    return guidance


@pytest.fixture
def people(db):
    """`contributor` is an Editor who has worked on all that is submitted here."""
    return {
        "anonymous": AnonymousUser(),
        "plain staff": make_user("plain"),
        "writer": make_user("writer", "Writer"),
        "editor": make_user("editor", "Editor"),
        "other": make_user("other", "Editor"),
        "contributor": make_user("contributor", "Editor"),
        "superuser": make_user("root", is_superuser=True),
    }


def submit(guidance, people, slug="one", at=NOW, fix=False, by="contributor", note="Better.", **fields):
    category = guidance.category_set.get(slug=slug)
    with saving(by=people[by], why="An edit"):
        for name, value in fields.items():
            setattr(category, name, value)
        category.save()
    return publishing.submit(guidance, people["writer"], change_note=note, chosen={category.pk}, fix=fix, at=at)


def schedule(guidance, people, slug="one", live_at=MONDAY, announce=True, at=NOW, **fields):
    submission = submit(guidance, people, slug, at, note=f"For {live_at:%A}.", **fields or {"aim": f"{live_at:%A}."})
    return publishing.approve(submission, people["editor"], live_at=live_at, announce=announce, at=at)


def lines(guidance):
    return list(AnnouncementLine.objects.filter(guidance=guidance))


def verbs(guidance):
    return [str(line.verb) for line in lines(guidance)]


def changed(line):
    """What a line says is to change: the title of each record, and what its fields then say."""
    found = diff.changes(parse(line.before_text), parse(line.content_text))
    return {change.title: {field.field: field.after for field in change.fields} for change in found}


def check(guidance):
    """The record is whole, announcements included, and no secret edition goes before an announced one."""
    call_command("check_editions", stdout=StringIO())
    announced = AnnouncementLine.objects.standing(guidance.pk)
    order = [edition.record_digest in announced for edition in guidance.editions.scheduled(SOON).order_by("number")]
    assert order == sorted(order, reverse=True)


def test_an_editor_announces_what_they_schedule(guidance, people):
    edition = schedule(guidance, people, aim="For Monday.")
    [line] = lines(guidance)
    assert (line.verb, line.live_at, line.change_note, line.update_type) == (
        "announced",
        MONDAY,
        "For Monday.",
        "major",
    )
    assert line.in_force_from == NOW + AHEAD
    assert (line.announcement.version, line.edition_record_digest) == (4, edition.record_digest)
    assert line.before_text == guidance.editions.get(number=1).content_text
    assert changed(line) == {"One": {"aim": "For Monday."}}
    assert line.record_ids == [str(guidance.category_set.get(slug="one").pk)]
    event = edition.submission.events.last()
    assert (event.verb, event.by, event.edition_number) == ("announced", people["editor"], None)
    [message] = [one for one in written() if one.to == "writer@example.org"]
    assert "goes live at 9am on 9 March 2026, and readers are told of it now" in message.body
    check(guidance)


def test_what_is_scheduled_is_secret_unless_it_is_announced(guidance, people):
    edition = schedule(guidance, people, announce=False)
    assert lines(guidance) == []
    assert publishing.announcement_of(edition) is None
    forget()
    line = publishing.announce(edition, people["other"], at=LATER)
    assert publishing.announcement_of(edition) == line
    assert line.in_force_from == LATER + AHEAD
    assert [event.verb for event in edition.submission.events.all()] == ["submitted", "approved", "announced"]
    [message] = written()
    assert message.body.startswith("other announced edition 2, which goes live at 9am on 9 March 2026.")
    check(guidance)


ROLES = ["anonymous", "plain staff", "writer", "editor", "other", "contributor", "superuser"]
EDITORS = {"editor", "other", "contributor", "superuser"}
OWN = "You changed something in this submission, so somebody else must announce it."
STATES = {
    "scheduled": {"editor": "", "other": "", "superuser": "", "contributor": OWN},
    "announced": {**dict.fromkeys(EDITORS, "Edition 2 is announced already."), "contributor": OWN},
    "live": dict.fromkeys(EDITORS, "Edition 2 is live"),
    "about to be": dict.fromkeys(EDITORS, "goes live within 10 seconds"),
    "unscheduled": dict.fromkeys(EDITORS, "Edition 2 is not scheduled any more."),
    "behind a secret one": {
        **dict.fromkeys(EDITORS, "edition 2 goes live before it and is not announced. Announce that first."),
        "contributor": OWN,
    },
}  # fmt: skip


@pytest.mark.parametrize("state", STATES)
def test_announcing_for_every_role_in_every_state(state, guidance, people):
    edition, at = schedule(guidance, people, announce=state == "announced"), LATER
    match state:
        case "live":
            at = MONDAY
        case "about to be":
            at = MONDAY - timedelta(seconds=10)
        case "unscheduled":
            publishing.unschedule(edition, people["editor"], why="No.", at=NOW)
        case "behind a secret one":
            edition = schedule(guidance, people, "two", TUESDAY, announce=False)
    for role in ROLES:
        reasons = publishing.reasons_not_to_announce(edition, people[role], at=at)
        expected = STATES[state].get(role, "Only an Editor can announce an edition.")
        assert (expected in " ".join(map(str, reasons))) if expected else reasons == [], role
        if reasons:
            before = len(lines(guidance))
            with pytest.raises(Refused):
                publishing.announce(edition, people[role], at=at)
            assert len(lines(guidance)) == before


def test_whoever_nobody_vouches_for_announces_nothing(guidance, people):
    edition = schedule(guidance, people, announce=False)
    new = make_user("new")
    new.groups.set(people["editor"].groups.all())
    with pytest.raises(Refused, match="Nobody has vouched for your account"):
        publishing.announce(edition, new, at=LATER)


def test_what_goes_live_now_is_not_announced(guidance, people):
    submission = submit(guidance, people, aim="At once.")
    with pytest.raises(Refused, match="What goes live now is not announced"):
        publishing.approve(submission, people["editor"], announce=True, at=NOW)
    assert (lines(guidance), guidance.editions.count()) == ([], 1)


def test_nothing_secret_is_put_before_what_is_announced(guidance, people):
    schedule(guidance, people, "one", TUESDAY)
    submission = submit(guidance, people, "two", fix=True, at=LATER, aim="For Monday.")
    options = {"live_at": MONDAY, "at": LATER}
    with pytest.raises(Refused) as refused:
        publishing.approve(submission, people["editor"], **options)
    assert str(refused.value) == (
        "Edition 2 is announced, and this one, which is not, would go live before it. Announce this one too, choose a "
        "time after 9am on 10 March 2026, or publish it now."
    )
    with pytest.raises(Refused, match="would go live before it"):
        publishing.publish_in_emergency(submission, people["contributor"], why="Now.", **options)
    publishing.approve(submission, people["editor"], announce=True, **options)
    assert verbs(guidance) == ["announced", "announced", "updated"]
    first, second, again = lines(guidance)
    assert changed(second) == {"Two": {"aim": "For Monday."}}
    assert changed(again) == changed(first) == {"One": {"aim": "Tuesday."}}  # on top of what goes before it
    assert again.announcement == first.announcement != second.announcement
    assert again.before_text == second.content_text
    check(guidance)


def test_what_is_announced_is_not_moved_behind_a_secret_one_nor_that_before_it(guidance, people):
    announced = schedule(guidance, people, "one", MONDAY)
    unannounced = schedule(guidance, people, "two", TUESDAY, announce=False)
    options = {"why": "Later.", "at": LATER}
    with pytest.raises(Refused, match="This one is announced, and edition 3, which is not, would go live before it"):
        publishing.reschedule(announced, people["editor"], live_at=WEDNESDAY, told="Later.", **options)
    with pytest.raises(Refused, match="Edition 2 is announced, and this one, which is not, would go live before it"):
        publishing.reschedule(unannounced, people["editor"], live_at=SUNDAY, **options)
    publishing.reschedule(unannounced, people["editor"], live_at=SUNDAY, announce=True, **options)
    assert verbs(guidance) == ["announced", "announced", "updated"]
    check(guidance)


def test_what_is_secret_cannot_be_announced_before_what_it_follows(guidance, people):
    schedule(guidance, people, "one", MONDAY, announce=False)
    with pytest.raises(Refused, match="It cannot be announced: edition 2 goes live before it"):
        schedule(guidance, people, "two", TUESDAY)
    assert lines(guidance) == []


def test_a_fix_that_goes_live_now_updates_what_is_announced_from_that_second_on(guidance, people):
    schedule(guidance, people, "one", aim="For Monday.")
    fix = submit(guidance, people, "one", fix=True, at=LATER, title="One without a typo")
    live = publishing.approve(fix, people["editor"], at=LATER)
    first, again = lines(guidance)
    assert (again.verb, again.announcement, again.live_at) == ("updated", first.announcement, MONDAY)
    assert again.why == "Something else goes before it, and it was made again on top of that."
    assert again.in_force_from == live.live_at  # not a second before the fix that it stands on is public
    assert changed(first) == {"One": {"aim": "For Monday."}}
    assert changed(again) == {"One without a typo": {"aim": "For Monday."}}
    assert again.edition_record_digest == guidance.editions.newest().record_digest
    check(guidance)


def test_an_announcement_tells_nothing_of_a_fix_that_is_a_few_seconds_ahead(guidance, people):
    schedule(guidance, people, "one", aim="For Monday.")
    for slug in ("two", "three"):  # in one second, so that the second goes live a second after the first
        fix = submit(guidance, people, slug, fix=True, at=LATER, aim="A fix.")
        live = publishing.approve(fix, people["editor"], at=LATER)
    assert live.live_at == LATER + AHEAD + timedelta(seconds=1)
    assert lines(guidance)[-1].in_force_from == live.live_at
    edition = guidance.editions.newest()
    publishing.reschedule(edition, people["editor"], live_at=TUESDAY, why="Later.", told="Later.", at=LATER)
    assert lines(guidance)[-1].in_force_from == live.live_at
    publishing.unschedule(guidance.editions.newest(), people["editor"], why="No.", told="No.", at=LATER)
    assert lines(guidance)[-1].in_force_from == live.live_at  # no line takes the place of a later one


def test_what_is_announced_while_a_fix_is_a_few_seconds_ahead_waits_for_that(guidance, people):
    schedule(guidance, people, "one", announce=False, aim="For Monday.")
    for slug in ("two", "three"):
        live = publishing.approve(
            submit(guidance, people, slug, fix=True, at=LATER, aim="A fix."), people["editor"], at=LATER
        )
    edition = guidance.editions.newest()
    line = publishing.announce(edition, people["editor"], at=LATER)
    assert (line.in_force_from, line.before_text) == (live.live_at, live.content_text)


def test_rescheduling_what_is_announced_says_so_with_what_readers_are_told(guidance, people):
    edition = schedule(guidance, people)
    options = {"live_at": TUESDAY, "why": "The minister asked.", "at": LATER}
    for told in ("", "  \n"):
        with pytest.raises(Refused, match="It was announced: say what readers are told"):
            publishing.reschedule(edition, people["editor"], told=told, **options)
    publishing.reschedule(edition, people["editor"], told="Colleges asked for a day more.", **options)
    first, second = lines(guidance)
    assert (second.verb, second.live_at, second.why) == ("rescheduled", TUESDAY, "Colleges asked for a day more.")
    assert second.announcement == first.announcement
    assert "minister" not in str(second.record())
    check(guidance)


def test_what_follows_a_rescheduled_one_is_the_same_and_says_nothing(guidance, people):
    first = schedule(guidance, people, "one", MONDAY)
    schedule(guidance, people, "two", WEDNESDAY)
    publishing.reschedule(first, people["editor"], live_at=TUESDAY, why="Later.", told="Later.", at=LATER)
    assert verbs(guidance) == ["announced", "announced", "rescheduled", "same"]
    check(guidance)


def test_unscheduling_what_is_announced_says_so_with_what_readers_are_told(guidance, people):
    edition = schedule(guidance, people)
    with pytest.raises(Refused, match="It was announced: say what readers are told"):
        publishing.unschedule(edition, people["editor"], why="The minister asked.", at=LATER)
    assert Edition.objects.filter(pk=edition.pk).exists()
    publishing.unschedule(edition, people["editor"], why="The minister asked.", told="It needs more work.", at=LATER)
    first, second = lines(guidance)
    assert (second.verb, second.why, second.live_at) == ("unscheduled", "It needs more work.", MONDAY)
    assert (second.before_text, second.content_text) == (first.before_text, first.content_text)
    assert "minister" not in str(second.record())
    assert AnnouncementLine.objects.standing(guidance.pk) == {}
    check(guidance)


@pytest.mark.parametrize("told", ["", "We correct that at once."])
def test_what_a_fix_takes_off_is_taken_back_in_public(told, guidance, people):
    schedule(guidance, people, "one", aim="For Monday.")
    fix = submit(guidance, people, "one", fix=True, at=LATER, aim="At once.")
    live = publishing.approve(fix, people["editor"], told=told, at=LATER)
    assert verbs(guidance) == ["announced", "unscheduled"]
    line = lines(guidance)[-1]
    assert line.why == (told or "Something else goes before it, so it has to be approved again.")
    assert line.in_force_from == live.live_at
    assert (changed(line), guidance.editions.newest()) == ({"One": {"aim": "For Monday."}}, live)
    check(guidance)


def test_what_is_scheduled_in_secret_takes_nothing_off_that_is_announced(guidance, people):
    schedule(guidance, people, "one", TUESDAY, aim="For Tuesday.")
    fix = submit(guidance, people, "one", fix=True, at=LATER, aim="For Monday.")
    with pytest.raises(Refused, match="Edition 2 is announced, and this one, which is not"):
        publishing.approve(fix, people["editor"], live_at=MONDAY, at=LATER)
    assert verbs(guidance) == ["announced"]
    publishing.approve(fix, people["editor"], live_at=MONDAY, announce=True, at=LATER)
    assert verbs(guidance) == ["announced", "announced", "unscheduled"]
    check(guidance)


def test_an_emergency_passes_what_is_announced(guidance, people):
    schedule(guidance, people, "one", aim="For Monday.")
    fix = submit(guidance, people, "one", fix=True, at=LATER, aim="At once.")
    publishing.publish_in_emergency(fix, people["contributor"], why="Wrong.", told="It was wrong.", at=LATER)
    assert [line.why for line in lines(guidance)] == ["", "It was wrong."]
    check(guidance)


def test_what_was_taken_back_can_be_announced_anew_under_an_id_of_its_own(guidance, people):
    edition = schedule(guidance, people)
    publishing.unschedule(edition, people["editor"], why="No.", told="Not yet.", at=LATER)
    again = publishing.submit(guidance, people["writer"], change_note="Again.", at=LATER)
    publishing.approve(again, people["editor"], live_at=TUESDAY, announce=True, at=LATER)
    first, _, third = lines(guidance)
    assert verbs(guidance) == ["announced", "unscheduled", "announced"]
    assert third.announcement != first.announcement
    check(guidance)


def test_whoever_did_not_see_that_something_is_announced_approves_nothing(guidance, people):
    edition = schedule(guidance, people, announce=False)
    fix = submit(guidance, people, "two", fix=True, at=LATER, aim="A fix.")
    seen = publishing.plan_of(fix, people["editor"], None, LATER).digest
    publishing.announce(edition, people["other"], at=LATER)
    with pytest.raises(Refused, match="something else than what you saw"):
        publishing.approve(fix, people["editor"], seen=seen, at=LATER)
    seen = publishing.plan_of(fix, people["editor"], None, LATER).digest
    publishing.approve(fix, people["editor"], seen=seen, at=LATER)
    check(guidance)


def test_what_follows_nothing_live_is_not_announced(people):
    guidance = make_guidance(slug="new", title="New")
    for slug in ("one", "two"):
        make_category(guidance, slug)
    submission = publishing.submit(guidance, people["writer"], change_note="The first.", at=NOW)
    editor, nothing_live = people["editor"], "nothing of this guidance is live yet"
    with pytest.raises(Refused, match=nothing_live):
        publishing.approve(submission, editor, live_at=MONDAY, announce=True, at=NOW)
    first = publishing.approve(submission, editor, live_at=MONDAY, at=NOW)
    with pytest.raises(Refused, match=nothing_live):
        publishing.announce(first, editor, at=LATER)
    with pytest.raises(Refused, match=nothing_live):
        publishing.reschedule(first, editor, live_at=TUESDAY, why="Later.", announce=True, at=LATER)
    with pytest.raises(Refused, match=nothing_live):  # where only what is secret precedes
        schedule(guidance, people, "two", WEDNESDAY, at=LATER)
    assert lines(guidance) == []
    second = publishing.approve(guidance.submissions.get(status="submitted"), editor, live_at=WEDNESDAY, at=LATER)
    publishing.announce(second, editor, at=MONDAY)
    assert verbs(guidance) == ["announced"]


def test_announcements_of_two_guidances_do_not_meet(guidance, people):
    other = make_guidance(slug="other", title="Other")
    make_category(other, "one")
    publish_loaded(other, live_at=LOADED_AT, at=LOADED_AT)
    schedule(guidance, people, announce=False)
    edition = schedule(other, people, live_at=TUESDAY)
    assert [line.edition_record_digest for line in lines(other)] == [edition.record_digest]
    assert lines(guidance) == []


def test_an_announcement_that_says_something_else_is_found(guidance, people):
    edition = schedule(guidance, people)
    force("UPDATE categories_announcementline SET why = 'Because'")
    with pytest.raises(SystemExit):
        call_command("check_editions", stdout=StringIO(), stderr=StringIO())
    force("UPDATE categories_announcementline SET why = ''")
    check(guidance)
    force("UPDATE categories_edition SET change_note = 'Another'")
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_editions", stdout=out, stderr=out)
    assert edition.number == 2
    assert "its edition is gone, or says something else" in out.getvalue()


def test_a_line_cannot_be_changed_nor_removed(guidance, people):
    schedule(guidance, people)
    [line] = lines(guidance)
    for write in (line.delete, AnnouncementLine.objects.all().delete, lambda: AnnouncementLine.objects.update(why="x")):
        with pytest.raises(TypeError, match="are a permanent record"):
            write()
    assert SubmissionEvent.objects.filter(verb="announced").count() == 1
