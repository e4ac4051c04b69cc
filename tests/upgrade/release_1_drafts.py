"""How `release_1_drafts.json.xz` was made: what release 1 itself makes of the drafts in its database.

It runs on that release (commit f768004), not on this one. There it was run, with `restore.py` beside it, as

    PYTHONPATH=.:.../tests/upgrade python .../tests/upgrade/release_1_drafts.py .../tests/upgrade

By guidance: its working copy as content of schema 1; what differs from its newest edition, `[kind, id, action, slug,
title, place, former title, stands after, fields]`; and who would have contributed to a submission of all of that (under
"all") or of one record alone (under its id), by username.
"""

import json
import lzma
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["DATABASE_URL"] = f"sqlite:///{tempfile.mkdtemp()}/release-1.sqlite3"
os.environ["SECRET_KEY"] = "only-for-tests-" * 4
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

import django

django.setup()

from categories.contributors import contributors  # noqa: E402
from categories.snapshot import compose, working_data  # noqa: E402
from restore import restore  # noqa: E402

from categories import diff, publishing  # noqa: E402
from categories.content import canonical, parse  # noqa: E402
from categories.models import Guidance, User  # noqa: E402


def drafts(guidance: Guidance) -> dict[str, Any]:
    newest, working = guidance.editions.newest(), publishing.working_content(guidance)
    changes = diff.changes(newest.content, working)
    people = {}
    for name, chosen in [("all", changes), *[(str(change.id), [change]) for change in changes]]:
        text = canonical(compose(newest.content, working, {change.id for change in chosen}))
        try:
            content = parse(text)
        except ValueError:
            continue  # it names what was not chosen, so nobody could submit it
        found = User.objects.filter(pk__in=contributors(guidance, newest, chosen, content))
        people[name] = sorted(user.username for user in found)
    return {"working": working_data(guidance), "changes": [told(change) for change in changes], "contributors": people}


def told(change: diff.Change) -> list[Any]:
    fields = sorted(field.field for field in change.fields)
    return [change.kind, str(change.id), change.action, change.slug, change.title,
            change.place, change.former_title, change.follows, fields]  # fmt: skip


def main() -> None:
    folder = Path(sys.argv[1])
    restore(json.loads(lzma.decompress((folder / "release_1.json.xz").read_bytes())))
    found = {str(guidance.pk): drafts(guidance) for guidance in Guidance.objects.all()}
    text = json.dumps(found, ensure_ascii=False, separators=(",", ":"))
    (folder / "release_1_drafts.json.xz").write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main()
