"""Publishing by two writers and two editors in any order of events: what may never happen does not."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from itertools import combinations
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from categories import publishing
from categories.content import diff
from categories.content.canonical import digest
from categories.content.schema import Content
from categories.content.vocabulary import Action
from categories.models import Category, Edition, Guidance, Submission, User
from categories.models.history import saving
from categories.models.kinds import MODELS
from categories.publishing import Refused, loading
from tests.factories import altered, london, make_category, make_cohort, make_guidance, make_user, publish_loaded

START = london(2026, 3, 2, 9)
WRITERS, EDITORS = ("wendy", "will"), ("erin", "ed")
people = st.sampled_from((*WRITERS, *WRITERS, *EDITORS))
editors = st.sampled_from((*EDITORS, *EDITORS, *WRITERS[:1]))  # mostly those who may
places = st.integers(0, 5)
delays = st.sampled_from([None, timedelta(minutes=1), timedelta(minutes=5), timedelta(hours=3)])
EDITS = ["aim", "cohorts", "withdrawn", "place", "put back", "add", "delete", "load", "forget"]
SPARE = "spare"  # a cohort that no category names, so that it may go
AIMS = ["One.", "Two.", "Three.", "Four.", ""]
done: Counter[str] = Counter()  # what came about in all runs, so that the test knows that it tried everything


@dataclass(frozen=True)
class Frozen:
    """What was known of a submission when it was made: its digest, how many edits came before, who made its order."""

    digest: str
    edits: int
    movers: set[str]


class Publishing(RuleBasedStateMachine):
    """Everybody edits, submits and decides. It keeps by hand who touched what, what was reviewed and what was live."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.at = START + timedelta(minutes=1)
        self.people = {user.username: user for user in User.objects.all()}
        self.guidance = Guidance.objects.get()
        self.first = [category.id for category in self.guidance.editions.get().content.categories]
        self.edits: list[tuple[UUID, str]] = []  # record id, who; the place in the list tells earlier from later
        self.turned: dict[frozenset[UUID], str] = {}  # who last turned each two of the first categories round
        self.frozen: dict[int, Frozen] = {}
        self.published: list[tuple[Edition, Submission, str | None]] = []  # with the approver; None in an emergency
        self.was_live: dict[datetime, str] = {}
        self.turn = 0  # which of EDITS comes next: all of them do, whatever is drawn
        self.unasked = 0  # edits since a verb was last tried
        self.stirred = True  # whether anything has happened that the record could have suffered from

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
        before = publishing.working_content(self.guidance)
        yield
        after = publishing.working_content(self.guidance)
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
                    self.delete_or_restore(by)
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

    def delete_or_restore(self, by: str) -> None:
        """A draft goes, or the cohort that nothing names; that one comes back."""
        draft = self.guidance.category_set.exclude(pk__in=self.first).first()
        record = draft or self.guidance.cohort_set.filter(slug=SPARE).first()
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
        before = self.waiting and publishing.possible_approvers(self.waiting)
        for model in MODELS.values():
            history = model.history.all()
            history._raw_delete(history.db)
        assert (self.waiting and publishing.possible_approvers(self.waiting)) == before
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
        self.stirred = True
        return found or True

    def state(self) -> tuple[object, ...]:
        submissions = Submission.objects.order_by("pk").values_list("pk", "status", "edition", "content_digest")
        return list(submissions), list(Edition.objects.values_list("pk", "record_digest"))

    @property
    def waiting(self) -> Submission | None:
        return self.guidance.submissions.filter(status="submitted").first()

    @precondition(lambda self: self.edits and not self.waiting)
    @rule(by=people, ticked=st.none() | st.sets(places, min_size=1, max_size=2))
    def submit(self, by: str, ticked: set[int] | None) -> None:
        chosen = None if ticked is None else {self.category(place).pk for place in ticked}
        submission = self.attempt(
            "submit",
            publishing.submit,
            self.guidance,
            self.people[by],
            change_note="Better.",
            chosen=chosen,
            at=self.at,
        )
        if submission:
            turned = self.turned_round(submission.base().content, submission.content)
            movers = {self.turned[both] for both in turned}
            self.frozen[submission.pk] = Frozen(digest(submission.content_text), len(self.edits), movers)

    @precondition(lambda self: self.waiting)
    @rule(by=editors, delay=delays)
    def approve(self, by: str, delay: timedelta | None) -> None:
        submission, name = self.waiting, "schedule" if delay else "approve"
        options = {"live_at": delay and self.at + delay, "at": self.at}
        if edition := self.attempt(name, publishing.approve, submission, self.people[by], **options):
            self.published.append((edition, submission, by))

    @precondition(lambda self: self.waiting)
    @rule(verb=st.sampled_from(["reject", "recall", "emergency"]), by=editors)
    def decide_otherwise(self, verb: str, by: str) -> None:
        submission, who = self.waiting, self.people[by]
        match verb:
            case "reject":
                self.attempt(verb, publishing.reject, submission, who, why="Not yet.", at=self.at)
            case "recall":
                self.attempt(verb, publishing.recall, submission, who, at=self.at)
            case "emergency":
                options = {"why": "It is wrong.", "at": self.at}
                if edition := self.attempt(verb, publishing.publish_in_emergency, submission, who, **options):
                    self.published.append((edition, submission, None))

    @precondition(lambda self: self.published)
    @rule(by=editors)
    def unschedule(self, by: str) -> None:
        options = {"why": "Too soon.", "at": self.at}
        newest = self.guidance.editions.newest()
        if self.attempt("unschedule", publishing.unschedule, newest, self.people[by], **options):
            self.published.pop()

    @rule(minutes=st.sampled_from([0, 1, 5, 60, 600]))
    def wait(self, minutes: int) -> None:
        self.was_live[self.at] = self.live(self.at)
        self.at += timedelta(minutes=minutes, microseconds=1)

    # What always holds

    @precondition(lambda self: self.stirred)
    @invariant()
    def everything_holds(self) -> None:
        self.what_was_reviewed_is_what_is_published()
        self.nobody_approves_their_own_work()
        self.the_record_is_whole()
        self.what_was_live_stays_so()
        self.stirred = False

    def what_was_reviewed_is_what_is_published(self) -> None:
        for edition, submission, _ in self.published:
            edition.refresh_from_db()
            assert edition.content_digest == digest(edition.content_text) == self.frozen[submission.pk].digest

    def nobody_approves_their_own_work(self) -> None:
        """Whose work an edition carries: the submitter's, all edits to what it changed since that was published, and
        the moves that made its order.
        """
        marks: dict[UUID, int] = {}
        for edition, submission, by in self.published:
            frozen = self.frozen[submission.pk]
            changed = set(edition.changes.exclude(action=Action.MOVED).values_list("record_id", flat=True))
            workers = {
                who
                for place, (record, who) in enumerate(self.edits[: frozen.edits])
                if record in changed and place >= marks.get(record, 0)
            }
            assert by not in {*workers, *frozen.movers, submission.submitted_by.username, *WRITERS}
            marks |= dict.fromkeys(map(UUID, submission.record_ids), frozen.edits)

    def the_record_is_whole(self) -> None:
        call_command("check_editions", stdout=StringIO())
        editions = list(self.guidance.editions.order_by("number"))
        assert [edition.number for edition in editions] == list(range(1, len(self.published) + 2))
        assert [edition.pk for edition in editions[1:]] == [edition.pk for edition, *_ in self.published]
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
    verbs = {"submit", "approve", "schedule", "emergency", "reject", "recall", "unschedule", "put back"}
    acts = {"aim", "cohorts", "place", "add", "delete a category", "delete a cohort", "restore", "load", "forget"}
    assert {verb for verb in verbs | acts if not done[verb]} == set(), done
    assert {verb for verb in verbs - {"put back", "recall"} if not done[f"refused: {verb}"]} == set(), done
