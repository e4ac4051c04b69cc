"""Telling followers: finding news of the record, and writing one letter of it for each alert that it concerns.

News are editions that are live, months that came, and what is announced. Each batch of letters is written in one
transaction together with how far they reach, so a teller that is killed leaves nothing half told, and two at once tell
nobody twice.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Min, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator

from ..content import diff
from ..content.arrivals import arrivals
from ..content.vocabulary import UpdateType
from ..content.words import month_words
from ..models.announcement import AnnouncementLine
from ..models.edition import Edition
from ..models.outbox import CHANGE_LINK, END_LINK, Letter, Message
from ..models.signed_head import signed_head
from ..models.subscription import News, Subscription, forget_unconfirmed, weekly_after
from . import followed, months, record, resolver
from .followed import Subject
from .readings import Current

BATCH = 500
LONGEST_NOTE = 120  # characters of a subject line
LineVerb = AnnouncementLine.Verb
LINES: dict[str, str] = {  # short: they stand behind what is followed
    LineVerb.ANNOUNCED: "Announced for {}",
    LineVerb.UPDATED: "Reworded for {}",
    LineVerb.RESCHEDULED: "Now for {}",
    LineVerb.UNSCHEDULED: "Not on {}",
}


def tell(now: Callable[[], datetime] = timezone.now) -> int:
    """Write to everybody who is to be told of something; return how many letters were written."""
    at = now()
    forget_unconfirmed(at)
    every = Subscription.objects.confirmed().order_by().values("guidance").annotate(since=Min("confirmed_at"))
    written = 0
    for row in every:
        if reading := resolver.current_of(row["guidance"], at):
            note(reading, row["since"])
            written += Teller(reading).tell()
    return written


def note(reading: Current, since: datetime) -> None:
    """Write down what is news of a guidance since the last news, or where there are none, since a moment."""
    known = News.objects.filter(guidance=reading.content.id)
    last, editions = known.last(), record.editions(reading)
    untold = _untold(reading, since)
    since = last.at if last else since
    numbers = known.filter(month="", line=0).order_by("-number").values_list("number", flat=True)
    told = numbers.first() or editions.live(since).order_by("-number").values_list("number", flat=True).first() or 0
    live = list(editions.filter(number__gte=told).order_by("number").values_list("number", "live_at"))
    found = [News(number=number, at=live_at) for number, live_at in live if number > told]
    came = [(number, one) for number, one in months.arrived(reading, months.spans(live, reading.at)) if one.at > since]
    taken = record.going_live_at(reading, [one.at for _, one in came]) if came else set()
    found += [News(number=number, month=one.month, at=one.at) for number, one in came if one.at not in taken]
    found += [News(number=0, line=line.pk, at=line.in_force_from) for line in untold]
    found.sort(key=lambda news: news.at)
    for one in found:
        one.guidance_id = reading.content.id
    News.objects.bulk_create(found, ignore_conflicts=True)


def _untold(reading: Current, since: datetime) -> Iterable[AnnouncementLine]:
    """The lines of announcements since a moment that are no news yet."""
    known = News.objects.filter(line=OuterRef("pk"))
    lines: Iterable[AnnouncementLine] = (
        AnnouncementLine.objects.in_force(reading.content.id, reading.at)
        .filter(~Exists(known), in_force_from__gt=since)
        .exclude(verb=LineVerb.SAME)
        .without_texts()
    )
    return lines


@dataclass(frozen=True)
class Section:
    """One of the news, as far as it concerns what somebody follows."""

    title: str
    at: datetime
    url: str
    edition: Edition | None = None
    line: AnnouncementLine | None = None
    changes: list[diff.Change] = field(default_factory=list)
    steps: list[tuple[str, str]] = field(default_factory=list)  # category and words


class Teller:
    """Tells the followers of one guidance. What many are told is made once."""

    def __init__(self, reading: Current) -> None:
        self.reading, self.at = reading, reading.at
        self._editions: dict[int, Edition | None] = {}
        self._letters: dict[tuple[str, tuple[int, ...]], Letter | None] = {}
        self._subjects: dict[str, Subject] = {}
        self._lines: dict[int, AnnouncementLine | None] = {}
        self._all_said: dict[UUID, list[AnnouncementLine]] = {}

    def tell(self) -> int:
        """Tell at once, then weekly."""
        untold = News.objects.filter(guidance=self.reading.content.id, told_at=None)
        written = sum(sum(self._batches(news)) for news in untold)
        while (found := self._weekly()) is not None:
            written += found
        return written

    def _batches(self, news: News) -> Iterator[int]:
        while (found := self._batch(news.pk)) is not None:
            yield found

    def _batch(self, key: int) -> int | None:
        """Tell the next alerts of one of the news, or return None where nothing is left or another teller is at it."""
        with transaction.atomic(durable=True):
            news = News.objects.select_for_update(skip_locked=True).filter(pk=key, told_at=None).first()
            if news is None:
                return None
            alerts = list(self._concerned(news).filter(pk__gt=news.reached).order_by("pk")[:BATCH])
            written = self._write((alert, [news], str(news)) for alert in alerts)
            news.reached = alerts[-1].pk if alerts else news.reached
            news.told_at = None if alerts else self.at
            news.save(update_fields=["reached", "told_at"])
            return written

    def _concerned(self, news: News) -> Any:
        found = Subscription.objects.filter(guidance=news.guidance_id, confirmed_at__lt=news.at, at_once=True)
        return self._of_kind(found.select_related("follower"), news)

    def _of_kind(self, found: Any, news: News) -> Any:
        if news.month:
            return found.filter(months=True)
        return found.filter(minor=True) if self._is_minor(news) else found

    def _weekly(self) -> int | None:
        """Write the next weekly letters that are due, or return None where none is."""
        with transaction.atomic(durable=True):
            due = Subscription.objects.confirmed().filter(guidance=self.reading.content.id, weekly_due_at__lte=self.at)
            due = due.select_for_update(skip_locked=True, of=["self"]).select_related("follower")
            alerts = list(due.order_by("weekly_due_at", "pk")[:BATCH])
            if not alerts:
                return None
            first = min(alert.weekly_told for alert in alerts)
            news = list(News.objects.filter(guidance=self.reading.content.id, pk__gt=first))
            told = _told_at_once(alert for alert in alerts if alert.weekly is None)
            written = self._write(
                (alert, [one for one in news if self._is_for(one, alert, told)], self._name(alert)) for alert in alerts
            )
            for alert in alerts:
                alert.weekly_told = max([alert.weekly_told, *(one.pk for one in news)])
                alert.weekly_due_at = None if alert.weekly is None else weekly_after(alert.weekly, self.at)
            Subscription.objects.bulk_update(alerts, ["weekly_told", "weekly_due_at"])
            return written

    def _name(self, alert: Subscription) -> str:
        """Name a weekly letter, or the one that comes once where an alert is weekly no more."""
        if alert.weekly is None:
            return f"weekly until {alert.weekly_due_at:%Y-%m-%dT%H:%M:%S}"
        return f"week to {timezone.localdate(self.at)}"

    def _is_for(self, news: News, alert: Subscription, told: set[tuple[int, str]]) -> bool:
        if news.pk <= alert.weekly_told or news.at <= (alert.confirmed_at or self.at):
            return False
        if alert.weekly is None and (news.at > (alert.weekly_due_at or self.at) or (alert.pk, str(news)) in told):
            return False
        return alert.months if news.month else alert.minor or not self._is_minor(news)

    def _write(self, found: Iterable[tuple[Subscription, list[News], str]]) -> int:
        """Write one message to each alert that news concern."""
        messages: list[Message] = []
        kept: dict[str, Letter] = {}  # in this very transaction
        for alert, news, name in found:
            made = self._letter(alert.about, news) if news else None
            if made is None:
                continue
            letter = kept.setdefault(made.digest, kept.get(made.digest) or _kept(made))
            about = {"letter": letter, "alert": alert, "told": name, "subject": letter.subject}
            messages.append(Message(to=alert.follower.address, made_at=self.at, due_at=self.at, **about))
        Message.objects.bulk_create(messages, ignore_conflicts=True)
        return len(messages)

    def _letter(self, about: str, news: list[News]) -> Letter | None:
        key = about, tuple(one.pk for one in news)
        if key not in self._letters:
            self._letters[key] = self._made(self._subject(about), news)
        return self._letters[key]

    def _subject(self, about: str) -> Subject:
        if about not in self._subjects:
            self._subjects[about] = followed.subject(self.reading, about)
        return self._subjects[about]

    def _made(self, subject: Subject, news: list[News]) -> Letter | None:
        """Return what is told of news to whoever follows a subject, or None where they do not concern it."""
        sections = [section for one in news if (section := self._section(subject, one))]
        if not sections:
            return None
        title = _title(subject, sections)
        context = {
            "subject": subject,
            "reading": self.reading,
            "sections": sections,
            "site": settings.SITE_ADDRESS,
            "head": signed_head(self.reading.edition),
            "end": END_LINK,
            "change": CHANGE_LINK,
            "privacy": reverse("privacy"),
            "title": title,
        }
        text, html = render_to_string("alerts/letter.txt", context), render_to_string("alerts/letter.html", context)
        digest = hashlib.sha256("\0".join((title, text, html)).encode()).hexdigest()
        return Letter(digest=digest, subject=title, text=text, html=html)

    def _section(self, subject: Subject, news: News) -> Section | None:
        if news.line:
            return self._announced(subject, news)
        if news.month:
            return self._month(subject, news)
        edition, before = self._edition(news.number), self._edition(news.number - 1)
        if edition is None:
            return None
        changes = subject.followed.changes(before, edition)
        if not subject.followed.concerns(changes):
            return None
        url = self.reading.url("update", edition.number)
        return Section(_on_one_line(edition.change_note), edition.live_at, url, edition=edition, changes=changes)

    def _announced(self, subject: Subject, news: News) -> Section | None:
        """What is announced of it, or what became of that, where that still tells its followers something."""
        line = self._line(news.line)
        if line is None or not subject.followed.concerns(changes := _announced_changes(subject, line)):
            return None
        if self._tells_nothing(subject, line, changes):
            return None
        day = date_format(timezone.localdate(line.live_at))
        title = f"{LINES[line.verb].format(day)}: {_on_one_line(line.change_note)}"
        url = f"{self.reading.base}announced/{line.announcement}/"
        return Section(title, news.at, url, line=line, changes=changes)

    def _tells_nothing(self, subject: Subject, line: AnnouncementLine, changes: list[diff.Change]) -> bool:
        """Whether a line is past, since its edition is live, or said otherwise since, or says what was said before."""
        if line.verb == LineVerb.UNSCHEDULED:
            return False
        said = self._said(line.announcement)
        earlier, later = [one for one in said if one.pk < line.pk], [one for one in said if one.pk > line.pk]
        repeats = line.verb == LineVerb.UPDATED and any(
            _announced_changes(subject, one) == changes for one in earlier[-1:]
        )
        return (
            line.live_at <= self.at
            or repeats
            or any(one.verb != LineVerb.UPDATED or _announced_changes(subject, one) != changes for one in later)
        )

    def _said(self, announcement: UUID) -> list[AnnouncementLine]:
        """All that readers are told of an announcement by now, oldest first."""
        if announcement not in self._all_said:
            lines = AnnouncementLine.objects.in_force(self.reading.content.id, self.at)
            self._all_said[announcement] = list(lines.filter(announcement=announcement).exclude(verb=LineVerb.SAME))
        return self._all_said[announcement]

    def _line(self, key: int) -> AnnouncementLine | None:
        if key not in self._lines:
            self._lines[key] = AnnouncementLine.objects.filter(pk=key).first()
        return self._lines[key]

    def _month(self, subject: Subject, news: News) -> Section | None:
        edition = self._edition(news.number)
        content = edition.content if edition else self.reading.content
        found = arrivals(content, news.at - timedelta(microseconds=1), news.at)
        steps = [
            (category.title, content.step_words(step))
            for arrival in found
            for category, step in subject.followed.steps(content, arrival)
        ]
        if not steps:
            return None
        url = f"{self.reading.url('updates')}#month-{news.month}"
        return Section(f"{month_words(news.month)} has come", news.at, url, steps=steps)

    def _edition(self, number: int) -> Edition | None:
        if number not in self._editions:
            self._editions[number] = record.whole(self.reading).filter(number=number).first()
        return self._editions[number]

    def _is_minor(self, news: News) -> bool:
        if news.line:
            line = self._line(news.line)
            return line is not None and not line.is_major
        edition = self._edition(news.number)
        return edition is not None and edition.update_type == UpdateType.MINOR


def _told_at_once(alerts: Iterable[Subscription]) -> set[tuple[int, str]]:
    """Return what alerts were told already, by name."""
    return set(Message.objects.filter(alert__in=[alert.pk for alert in alerts]).values_list("alert_id", "told"))


def _kept(made: Letter) -> Letter:
    """Find a letter in the database, or keep it there."""
    words = {"subject": made.subject, "text": made.text, "html": made.html}
    return Letter.objects.get_or_create(digest=made.digest, defaults=words)[0]


def _announced_changes(subject: Subject, line: AnnouncementLine) -> list[diff.Change]:
    return subject.followed.between(line.before, line.content, timezone.localdate(line.live_at))


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _title(subject: Subject, sections: list[Section]) -> str:
    """Return the subject line: what it is about, and what became of it."""
    what = sections[0].title if len(sections) == 1 else f"{len(sections)} updates"
    words = re.sub("^“([^“”]*)”$", r"\1", subject.words)  # one title alone needs no quotation marks
    return Truncator(f"{words}: {what}").chars(LONGEST_NOTE)
