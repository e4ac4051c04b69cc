import json
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, transaction
from django.utils import timezone

from ... import publishing
from ...content.moments import london, when
from ...content.schema import Content
from ...models import Edition, User
from ...publishing import loading

SAVE_AS_UTF_8 = "Save it as UTF-8 and load it again: in Notepad, File, Save as, Encoding: UTF-8."


class Command(BaseCommand):
    help = "Load guidance from a content file: into the working copy, and as edition 1 if it has no edition yet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="a JSON file in the content format, or - for standard input")
        parser.add_argument(
            "--live-at",
            help="when edition 1 counts from, for guidance that was public before it came here: "
            "a past day or time in London, such as 2025-06-02 or 2025-06-02T09:30",
        )
        parser.add_argument("--change-note", help="what edition 1 tells readers of where it comes from; kept for ever")
        parser.add_argument("--by", help="the username to record in the history; none is recorded without it")

    def handle(self, *args: Any, file: str, live_at: str | None, by: str | None, **options: Any) -> None:
        at = timezone.now()
        content, user = self.content(file), self.user(by)
        first = Edition.objects.filter(guidance=content.id, number=1).first()
        starts = first is None
        live = self.live_at(live_at, at)
        if first and live and live != first.live_at:
            raise CommandError(f"Edition 1 counts from {when(first.live_at)} for ever. Leave --live-at out.")
        name = "standard input" if file == "-" else Path(file).name
        try:
            with transaction.atomic():
                loaded = loading.load(content, by=user, why=f"Imported from {name}")
                if starts:
                    note = options["change_note"] or change_note(content, at)
                    edition = publishing.publish_loaded(content, change_note=note, live_at=live, at=at)
        except publishing.Refused as refused:
            raise CommandError("\n".join(map(str, refused.reasons))) from refused
        self.tell(loaded)
        if starts:
            self.stdout.write(f"Edition 1 of “{content.title}” is live from {when(edition.live_at)}.")
        elif loaded.added or loaded.changed:
            self.stdout.write("The working copy has changed. Readers see it once it is submitted and approved.")

    def content(self, file: str) -> Content:
        try:
            content, faults = loading.read(parsed(self.text(file)))
        except UnicodeDecodeError as error:
            raise CommandError(f"{file} is not in UTF-8. {SAVE_AS_UTF_8}") from error
        except DatabaseError as error:
            raise CommandError(f"The database is not ready: {error}. Run “manage.py migrate” first.") from error
        except RecursionError as error:
            raise CommandError(f"{file} is nested too deeply to be guidance.") from error
        except (OSError, ValueError) as error:
            raise CommandError(f"{file} cannot be read as JSON: {error}") from error
        if content is None:
            count = f"{len(faults)} faults" if len(faults) > 1 else "1 fault"
            raise CommandError("\n".join([f"Nothing was loaded. {file} has {count}:", *map(str, faults)]))
        return content

    def text(self, file: str) -> str:
        """Read UTF-8, with a byte order mark or without. Raises UnicodeDecodeError for another encoding."""
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        if b"\0" in data:  # as in UTF-16, which UTF-8 can take for text
            raise UnicodeDecodeError("utf-8", data, 0, 1, "it has a NUL")
        return data.decode("utf-8-sig")

    def user(self, username: str | None) -> User | None:
        if username is None:
            return None
        try:
            return User.objects.get(username=username)
        except User.DoesNotExist as error:
            raise CommandError(f"There is no user “{username}”.") from error

    def live_at(self, value: str | None, at: datetime) -> datetime | None:
        if value is None:
            return None
        try:
            written = datetime.fromisoformat(value)
        except ValueError as error:
            raise CommandError(f"--live-at “{value}” is not a day or a time such as 2025-06-02.") from error
        try:
            moment = (london(written) if timezone.is_naive(written) else written).astimezone(UTC)
        except OverflowError as error:
            raise CommandError(f"--live-at “{value}” is not a day or a time such as 2025-06-02.") from error
        except ValueError as error:
            raise CommandError(f"--live-at: {error}") from error
        if moment > at:
            raise CommandError(f"--live-at “{value}” is in the future. Only the past can be loaded; schedule the rest.")
        return moment

    def tell(self, loaded: loading.Loaded) -> None:
        for title in loaded.kept:
            self.stdout.write(f"Kept, though it is not in the file: “{title}”")
        if loaded.added or loaded.changed:
            self.stdout.write(f"Added {len(loaded.added)} and changed {len(loaded.changed)} records.")
        else:
            self.stdout.write("Nothing to change: the working copy says this already.")


def parsed(text: str) -> Any:
    """Parse JSON. Raises ValueError, for a name given twice too: the second would hide the first."""

    def without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        if twins := {name for name in names if names.count(name) > 1}:
            raise ValueError(f"“{min(twins)}” is given twice in one object")
        return dict(pairs)

    return json.loads(text, object_pairs_hook=without_twins)


def change_note(content: Content, at: datetime) -> str:
    """Say where edition 1 comes from."""
    loaded = f"Loaded on {timezone.localdate(at):%-d %B %Y}"
    if not content.first_published_on:
        return f"First edition on this site. {loaded}."
    published = f"{content.first_published_on:%-d %B %Y}"
    return (
        f"First edition on this site. The facts are from the guidance published on {published}; "
        f"the wording is this project’s. {loaded}."
    )
