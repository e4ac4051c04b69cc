import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ... import publishing
from ...content.canonical import as_json
from ...content.schema import Content
from ...models import Edition, Guidance


class Command(BaseCommand):
    help = "Write guidance as a content file: the working copy, or one edition. Loading it again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="?", help="which guidance; not needed while there is only one")
        parser.add_argument("--edition", type=int, help="the number of an edition; without it, the working copy")
        parser.add_argument("--output", help="the file to write; without it, standard output")

    def handle(self, *args: Any, slug: str | None, edition: int | None, output: str | None, **options: Any) -> None:
        content = self.content(self.guidance(slug), edition)
        text = json.dumps(as_json(content), ensure_ascii=False, indent=2) + "\n"
        if not output:
            self.stdout.write(text, ending="")
            return
        try:
            Path(output).write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error}") from error

    def guidance(self, slug: str | None) -> Guidance:
        found = list(Guidance.objects.filter(slug=slug) if slug else Guidance.objects.all())
        if len(found) == 1:
            return found[0]
        names = ", ".join(Guidance.objects.values_list("slug", flat=True)) or "none"
        wanted = f"There is no guidance “{slug}”." if slug else "Name the guidance."
        raise CommandError(f"{wanted} There is: {names}.")

    def content(self, guidance: Guidance, number: int | None) -> Content:
        if number is None:
            try:
                return publishing.working_content(guidance)
            except publishing.Refused as refused:
                raise CommandError("\n".join(map(str, refused.reasons))) from refused
        try:
            return guidance.editions.get(number=number).content
        except Edition.DoesNotExist as error:
            raise CommandError(f"“{guidance}” has no edition {number}.") from error
