"""Publishing by two writers and three editors in any order of events: what may never happen does not."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import StringIO
from itertools import combinations, cycle
from unittest.mock import patch
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from categories import publishing
from categories.content import diff
from categories.content.schema import Content
from categories.content.vocabulary import Action
from categories.models import AnnouncementLine, Category, Edition, Guidance, Submission, User
from categories.models.history import saving
from categories.models.kinds import MODELS
from categories.publishing import Refused, loading
from categories.publishing.timing import SETTLED, whole_second
from tests import addresses
from tests.factories import altered, london, make_category, make_cohort, make_guidance, make_user, publish_loaded
from tests.public.test_scheduled import VALUES

START = london(2026, 3, 2, 9)
WRITERS, EDITORS = ("wendy", "will"), ("erin", "ed", "eve")
people = st.sampled_from((*WRITERS, *WRITERS, *EDITORS[:2]))  # one editor writes nothing, so that somebody may approve
editors = st.sampled_from((*EDITORS, *EDITORS[2:], *WRITERS[:1]))  # mostly those who may
places = st.integers(0, 5)
DAYS = [timedelta(hours=hours) for hours in (20, 30, 40, 50, 60, 70)]
delays = st.sampled_from([None, timedelta(minutes=1), timedelta(minutes=5), *DAYS])
EDITS = ["aim", "cohorts", "withdrawn", "place", "put back", "add", "delete", "load", "forget"]
SPARE = "spare"  # a cohort that no category names, so that it may go
AIMS = ["One.", "Two.", "Three.", "Four.", ""]
PARTS = VALUES | {
    "guidance": ["guidance-for-tests"],
    "on": ["2026-03-02"],
    "categories": ["category-0"],
    "updates": ["2"],
}
NOTE, NEW_CATEGORY = re.compile(r"Note \d+\."), re.compile(r"draft-\d+")
looked_at = cycle(addresses.every(PARTS))  # one after another, in all runs together
done: Counter[str] = Counter()  # what came about in all runs, so that the test knows that it tried everything


@dataclass(frozen=True)
class Frozen:
    """What was known of a submission when it was made: its note, whose work it carries, and which edits it settles."""

    note: str
    people: frozenset[str]
    settles: frozenset[int]


@dataclass(frozen=True)
class Published:
    """What an edition says, from when on, who approved that (None in an emergency), and which submission it was."""

    text: str
    live_at: datetime
    by: str | None
    of: int
    is_announced: bool = False


class Publishing(RuleBasedStateMachine):
    """Everybody edits, submits and decides. It keeps by hand who touched what, what was reviewed and what was live."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.at = START + timedelta(minutes=1)
        self.people = {user.username: user for user in User.objects.all()}
        self.guidance = Guidance.objects.get()
        self.working = publishing.working_content(self.guidance)  # which edits alone change
        self.first = [category.id for category in self.guidance.editions.get().content.categories]
        self.edits: list[tuple[UUID, str]] = []  # record id, who; the place in the list tells earlier from later
        self.turned: dict[frozenset[UUID], str] = {}  # who last turned each two of the first categories round
        self.busy: set[str] = set()  # who has edited anything, if only to leave it as it was
        self.frozen: dict[int, Frozen] = {}
        self.published: list[Published] = []  # after edition 1
        self.was_live: dict[datetime, str] = {}
        self.told: set[str] = set()  # every note and new category that was ever announced
        self.turn = 0  # which of EDITS comes next: all of them do, whatever is drawn
        self.unasked = 0  # edits since a verb was last tried
        self.stirred = True  # whether anything has happened that the record could have suffered from
        self.shown: str | None = None  # what was live when public pages were looked at, until anything happens

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    # The working copy

    def category(self, place: int) -> Category:
        found = list(self.guidance.category_set.order_by("position"))
        return found[place % len(found)]

    @contextmanager
    def noted(self, by: str) -> Iterator[None]:
        """Note, by what the working copy says before and after, who touched which record and whose order it is."""
        before = self.working
        self.busy.add(by)
        yield
        after = self.working = publishing.working_content(self.guidance)
        told = diff.changes(before, after)
        self.edits += [(change.id, by) for change in told if change.action != Action.MOVED]
        self.turned |= dict.fromkeys(self.turned_round(before, after), by)

    def turned_round(self, before: Content, after: Content) -> list[frozenset[UUID]]:
        """Each two of the first categories that stand the other way round."""
        old, new = ([one.id for one in content.categories if one.id in self.first] for content in (before, after))
        return [frozenset((one, other)) for one, other in combinations(old, 2) if new.index(one) > new.index(other)]

    @precondition(lambda self: self.unasked < 5)  # so that there is something to decide as well
    @rule(place=places, by=people, turn=places, to=places)
    def edit(self, place: int, by: str, turn: int, to: int) -> None:
        self.unasked, self.turn = self.unasked + 1, self.turn + 1 + turn
        what = EDITS[self.turn % len(EDITS)]
        category = self.category(place)
        with self.noted(by):
            match what:
                case "put back":
                    self.attempt(what, publishing.put_back, self.guidance, category.pk, self.people[by])
                case "forget":
                    self.forget()
                case "delete":
                    self.delete_or_restore(by, draft=to % 2 == 0)
                case "load":
                    done[what] += 1
                    file = self.file(AIMS[to % len(AIMS)], backwards=place % 2 == 0)
                    loading.load(file, by=self.people[by], why="From a file")
                case _:
                    with saving(by=self.people[by], why="An edit"):
                        self.save(category, what, to)

    def save(self, category: Category, what: str, to: int) -> None:
        done[what] += 1
        match what:
            case "add":
                make_category(self.guidance, f"draft-{len(self.edits)}", aim=AIMS[to % len(AIMS)])
            case "aim":
                category.aim = AIMS[to % len(AIMS)]
            case "cohorts":
                category.cohorts.set(list(self.guidance.cohort_set.exclude(slug=SPARE))[: to % 3])
            case "withdrawn":
                category.withdrawn = "" if category.withdrawn else "It was never used."
            case "place":
                category.place_after(None if category == self.category(to) else self.category(to))
        category.save()

    def delete_or_restore(self, by: str, *, draft: bool) -> None:
        """A draft goes, or the cohort that nothing names; that one comes back."""
        drafts, spare = (
            self.guidance.category_set.exclude(pk__in=self.first),
            self.guidance.cohort_set.filter(slug=SPARE),
        )
        record = drafts.first() if draft and drafts else spare.first()
        if record is None:
            [spare] = [one.id for one in self.guidance.editions.get(number=1).content.cohorts if one.slug == SPARE]
            self.attempt("restore", publishing.put_back, self.guidance, spare, self.people[by])
        elif not record.reasons_not_to_delete():
            with saving(by=self.people[by], why="Not wanted"):
                record.delete()
            done[f"delete a {record._meta.verbose_name}"] += 1

    def file(self, aim: str, *, backwards: bool) -> Content:
        """The newest edition with one aim as it is not, perhaps in another order."""
        content = self.guidance.editions.newest().content
        categories = [one.model_dump() for one in content.categories]
        categories[0]["aim"] = aim
        return altered(content, categories=categories[::-1] if backwards else categories)

    def forget(self) -> None:
        """The audit trail goes. Nobody may do more, or less, than before."""
        before = [publishing.possible_approvers(one) for one in self.waiting]
        for model in MODELS.values():
            history = model.history.all()
            history._raw_delete(history.db)
        assert [publishing.possible_approvers(one) for one in self.waiting] == before
        done["forget"] += 1

    # The verbs

    def attempt(self, name: str, verb, *args, **options):
        """Try a verb. Where it is refused, it says why, and it has changed nothing."""
        before = self.state()
        self.unasked = 0 if name != "put back" else self.unasked
        try:
            found = verb(*args, **options)
        except Refused as refused:
            assert refused.reasons
            assert self.state() == before
            done[f"refused: {name}"] += 1
            return None
        done[name] += 1
        self.stirred, self.shown = True, None
        return found or True

    def state(self) -> tuple[object, ...]:
        submissions = Submission.objects.order_by("pk").values_list("pk", "status", "edition", "content_digest")
        return list(submissions), list(Edition.objects.values_list("pk", "record_digest"))

    @property
    def waiting(self) -> list[Submission]:
        return list(self.guidance.submissions.filter(status="submitted").order_by("pk"))

    @precondition(lambda self: self.edits and len(self.waiting) < 3)
    @rule(by=people, ticked=st.none() | st.sets(places, min_size=1, max_size=2), fix=st.booleans())
    def submit(self, by: str, ticked: set[int] | None, fix: bool) -> None:
        chosen = None if ticked is None else {self.category(place).pk for place in ticked}
        note = f"Note {len(self.frozen)}."
        options = {"change_note": note, "chosen": chosen, "fix": fix, "at": self.at}
        submission = self.attempt("submit", publishing.submit, self.guidance, self.people[by], **options)
        if submission:
            done["submit a fix"] += submission.is_fix
            self.frozen[submission.pk] = self.carried(submission)
            for name, person in self.people.items():
                if name in {*self.frozen[submission.pk].people, *WRITERS}:
                    assert not publishing.may_approve(submission, person)
                elif name not in self.busy:
                    assert publishing.may_approve(submission, person)

    def carried(self, submission: Submission) -> Frozen:
        """Whose work a submission carries: all edits that no edition before it settles, and who moved what it moves."""
        follows = submission.base()
        base, before = follows.content, self.published[: follows.number - 1]
        told = {change.id for change in diff.changes(base, submission.content) if change.action != Action.MOVED}
        settled = {edit for one in before for edit in self.frozen[one.of].settles}
        workers = {who for edit, (record, who) in enumerate(self.edits) if record in told and edit not in settled}
        movers = {self.turned[both] for both in self.turned_round(base, submission.content)}
        chosen = set(map(UUID, submission.record_ids))
        settles = {edit for edit, (record, _) in enumerate(self.edits) if record in chosen}
        people = {*workers, *movers, submission.submitted_by.username}
        return Frozen(submission.change_note, frozenset(people), frozenset(settles))

    @precondition(lambda self: len(self.waiting) < 2)
    @rule(place=places, to=places, writer=people, by=editors, delay=delays, fix=st.booleans())
    def in_one_go(self, place: int, to: int, writer: str, by: str, delay: timedelta | None, fix: bool) -> None:
        """Edit one category, submit that and approve it: what leads somewhere, and seldom comes about by chance."""
        category, before = self.category(place), len(self.waiting)
        with self.noted(writer), saving(by=self.people[writer], why="An edit"):
            self.save(category, "aim" if to % 2 else "cohorts", to // 2)
        self.submit(writer, {place}, fix)
        if len(self.waiting) == before:
            return
        if writer == by:
            self.publish("emergency", publishing.publish_in_emergency, before, by, delay, why="It is wrong.")
        else:
            self.publish(
                "schedule" if delay else "approve", publishing.approve, before, by, delay, announce=place in (1, 4)
            )

    @precondition(lambda self: self.waiting)
    @rule(which=places, by=editors, delay=delays)
    def approve(self, which: int, by: str, delay: timedelta | None) -> None:
        self.publish("schedule" if delay else "approve", publishing.approve, which, by, delay, announce=which in (1, 4))

    @precondition(lambda self: self.waiting)
    @rule(verb=st.sampled_from(["reject", "recall", "emergency"]), which=places, by=editors, delay=delays)
    def decide_otherwise(self, verb: str, which: int, by: str, delay: timedelta | None) -> None:
        submission, who = self.waiting[which % len(self.waiting)], self.people[by]
        match verb:
            case "reject":
                self.attempt(verb, publishing.reject, submission, who, why="Not yet.", at=self.at)
            case "recall":
                self.attempt(verb, publishing.recall, submission, who, at=self.at)
            case "emergency":
                self.publish(verb, publishing.publish_in_emergency, which, by, delay, why="It is wrong.")

    def publish(self, name: str, verb, which: int, by: str, delay: timedelta | None, **options: str | bool) -> None:
        """Look at what a verb would make, and do it."""
        submission, live_at = self.waiting[which % len(self.waiting)], delay and self.at + delay
        plan = publishing.plan_of(submission, self.people[by], live_at, self.at)
        options |= {"live_at": live_at, "seen": plan.digest, "at": self.at}
        if edition := self.attempt(name, verb, submission, self.people[by], **options):
            is_announced = bool(options.get("announce"))
            self.made(plan, edition, by, is_emergency=name == "emergency", is_announced=is_announced)

    def made(
        self,
        plan: publishing.Plan,
        edition: Edition,
        by: str,
        *,
        is_emergency: bool = False,
        is_announced: bool = False,
    ) -> None:
        """Note what somebody has seen and made: from the first on that the plan puts in a place, all of it."""
        place = plan.follows.number - 1
        before = {one.text: one for one in self.published[place:]}
        del self.published[place:]
        for step in plan.made:
            of = step.submission
            while of.pk not in self.frozen:  # it was made again before
                of = of.remade_from
            approver = None if step.is_subject and is_emergency else by
            if not step.is_subject and step.is_as_it_was:
                approver = before[step.text].by  # nobody had to approve it again
            live_at = whole_second(step.live_at or edition.live_at)
            was = before[step.edition.content_text].is_announced if step.edition else False
            one = Published(step.text, live_at, approver, of.pk, was or (step.is_subject and is_announced))
            done["announcement updated"] += was
            self.published.append(one)
            self.tell(one)
        done["remade"] += sum(not step.is_as_it_was for step in plan.remade)
        done["unscheduled by a fix"] += len(plan.unscheduled)
        assert {one.submission.pk for one in plan.unscheduled} <= {one.pk for one in self.waiting}

    def tell(self, one: Published) -> None:
        if one.is_announced:
            self.told |= {self.frozen[one.of].note, *NEW_CATEGORY.findall(one.text)}

    def announce(self, edition: Edition, by: str) -> None:
        if self.attempt("announce", publishing.announce, edition, self.people[by], at=self.at):
            self.published[edition.number - 2] = replace(self.published[edition.number - 2], is_announced=True)
            self.tell(self.published[edition.number - 2])

    @precondition(lambda self: self.published and self.unasked)  # now and then, so that editions follow each other
    @rule(by=editors)
    def unschedule(self, by: str) -> None:
        options = {"why": "Too soon.", "told": "It is too soon.", "at": self.at}
        newest = self.guidance.editions.newest()
        if self.attempt("unschedule", publishing.unschedule, newest, self.people[by], **options):
            done["announcement taken back"] += self.published.pop().is_announced

    @precondition(lambda self: self.guidance.editions.scheduled(self.at).exists())
    @rule(by=st.sampled_from(EDITORS[1:]), which=places, delay=delays)
    def reschedule(self, by: str, which: int, delay: timedelta | None) -> None:
        scheduled = list(self.guidance.editions.scheduled(self.at).order_by("number"))
        edition, live_at = scheduled[which % len(scheduled)], self.at + (delay or timedelta(hours=5))
        if which % 2:  # the first past all others
            edition, live_at = scheduled[0], scheduled[-1].live_at + timedelta(minutes=1)
        plan = publishing.plan_to_reschedule(edition, self.people[by], live_at, self.at)
        options = {"live_at": live_at, "why": "Another day.", "told": "It comes on another day.", "at": self.at}
        options["seen"] = plan.digest
        before = [one for one in self.published if one.text == edition.content_text]
        if found := self.attempt("reschedule", publishing.reschedule, edition, self.people[by], **options):
            subject = next(step for step in plan.steps if step.is_subject)
            done["reschedule past another"] += not subject.is_as_it_was
            self.made(plan, found, by)
            assert before

    @rule(minutes=st.sampled_from([0, 1, 5, 60, 1500]))
    def wait(self, minutes: int) -> None:
        self.was_live[self.at] = self.live(self.at)
        if self.shown != self.was_live[self.at]:
            self.shown = self.was_live[self.at]
            self.nothing_is_public_before_its_time()
        self.at += timedelta(minutes=minutes, microseconds=1)
        for edition in self.guidance.editions.scheduled(self.at).order_by("number")[:2] if minutes in (5, 60) else []:
            self.announce(edition, EDITORS[self.turn % len(EDITORS)])

    def nothing_is_public_before_its_time(self) -> None:
        """No address names a note or a new category that is not live: scheduled, waiting, taken off, refused, a draft.

        The list of updates names all that is, and of the other addresses each has its turn.
        """
        live = [one for one in self.published if one.live_at <= self.at]
        notes = {self.frozen[one.of].note for one in live}
        known = notes | {name for one in live for name in NEW_CATEGORY.findall(one.text)}
        with patch("django.utils.timezone.now", lambda: self.at):
            updates = Client().get(f"/guidance/{self.guidance.slug}/updates/").content.decode()
            assert set(NOTE.findall(updates)) == notes
            address = next(looked_at)
            said = Client().get(address).content.decode(errors="replace")
            told = known | self.told if "/announced/" in address else known
            assert {*NOTE.findall(said), *NEW_CATEGORY.findall(said.replace("Draft ", "draft-"))} <= told, address
            self.only_what_is_announced_is_told(known)

    def only_what_is_announced_is_told(self, known: set[str]) -> None:
        """The list of announced changes has the notes of all that is announced and to come, once that is in force."""
        page = f"/guidance/{self.guidance.slug}/announced/"
        said = Client().get(page).content.decode()
        lines = AnnouncementLine.objects.all()
        for line in lines.values_list("announcement", flat=True).distinct().order_by("-pk")[:1]:
            said_of_one = Client().get(f"{page}{line}/").content.decode()
            found = {*NOTE.findall(said_of_one), *NEW_CATEGORY.findall(said_of_one.replace("Draft ", "draft-"))}
            assert found <= known | self.told
        assert {*NOTE.findall(said), *NEW_CATEGORY.findall(said.replace("Draft ", "draft-"))} <= known | self.told
        if not lines.filter(in_force_from__gt=self.at).exists():
            coming = [one for one in self.published if one.is_announced and one.live_at > self.at]
            assert set(NOTE.findall(said)) == {self.frozen[one.of].note for one in coming}

    # What always holds

    @precondition(lambda self: self.stirred)
    @invariant()
    def everything_holds(self) -> None:
        self.what_was_seen_is_what_is_published()
        self.nobody_approves_their_own_work()
        self.the_record_is_whole()
        self.what_was_live_stays_so()
        self.nothing_secret_goes_before_what_is_announced()
        self.stirred = False

    def nothing_secret_goes_before_what_is_announced(self) -> None:
        order = [one.is_announced for one in self.published if one.live_at > self.at + SETTLED]
        assert order == sorted(order, reverse=True)

    def what_was_seen_is_what_is_published(self) -> None:
        """Each edition says, to the byte, what its approver saw, from the time on that they set."""
        editions = self.guidance.editions.order_by("number")[1:]
        assert [(one.content_text, one.live_at) for one in editions] == [
            (one.text, one.live_at) for one in self.published
        ]

    def nobody_approves_their_own_work(self) -> None:
        for one in self.published:
            assert one.by not in {*self.frozen[one.of].people, *WRITERS}

    def the_record_is_whole(self) -> None:
        call_command("check_editions", stdout=StringIO())
        editions = list(self.guidance.editions.order_by("number"))
        assert [edition.number for edition in editions] == list(range(1, len(self.published) + 2))
        times = [edition.live_at for edition in editions]
        assert times == sorted(set(times))

    def what_was_live_stays_so(self) -> None:
        assert {at: self.live(at) for at in self.was_live} == self.was_live

    def live(self, at: datetime) -> str:
        return self.guidance.editions.live(at).values_list("record_digest", flat=True).newest()


@pytest.mark.django_db
def test_publishing_in_any_order_of_events():
    for names, group in ((WRITERS, "Writer"), (EDITORS, "Editor")):
        for name in names:
            make_user(name, group)
    guidance = make_guidance()
    make_cohort(guidance, "16-to-19")
    make_cohort(guidance, SPARE)
    for number in range(3):
        make_category(guidance, f"category-{number}", position=number * 1000)
    publish_loaded(guidance, at=START)
    done.clear()
    # The same events every time; a failure is told as it was found, since making it smaller takes minutes
    run_state_machine_as_test(
        Publishing,
        settings=settings(
            max_examples=40, stateful_step_count=40, derandomize=True, database=None, phases=[Phase.generate]
        ),
    )
    verbs = {"submit", "approve", "schedule", "emergency", "reject", "recall", "unschedule", "reschedule", "put back"}
    verbs |= {"announce"}
    refused = {"submit", "schedule", "emergency", "unschedule", "reschedule", "announce"}
    outcomes = {"submit a fix", "remade", "unscheduled by a fix", "reschedule past another"}
    outcomes |= {"announcement updated"}
    acts = {"aim", "cohorts", "place", "add", "delete a category", "delete a cohort", "restore", "load", "forget"}
    assert {verb for verb in verbs | acts | outcomes if not done[verb]} == set(), done
    assert {verb for verb in refused if not done[f"refused: {verb}"]} == set(), done
