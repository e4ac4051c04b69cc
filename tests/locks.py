"""Two people at once, on the PostgreSQL of DATABASE_URL: who comes second waits for the first, and then sees all of it.

    python -m tests.locks double-add

One holds a lock; the other's request runs in a thread until the server itself says that it waits, so nothing here
depends on how long anything takes. Prints what is wrong and exits 1.
"""

import os
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 - Django is set up first
from django.db import connection, connections, transaction  # noqa: E402
from django.db.models import ProtectedError  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import setup_test_environment  # noqa: E402
from django.urls import reverse  # noqa: E402

from categories import publishing  # noqa: E402
from categories.admin import limits  # noqa: E402
from categories.models import Category, Guidance, Level, User  # noqa: E402
from categories.models.history import saving  # noqa: E402
from categories.models.kinds import MODELS  # noqa: E402
from categories.publishing import loading  # noqa: E402
from tests.factories import make_availability, make_category, make_guidance, make_level, make_user  # noqa: E402
from tests.forms import typed  # noqa: E402
from tests.sign_in import with_second_step  # noqa: E402


class Second(threading.Thread):
    """What somebody else does at the same time; `answer` is what came of it, an exception too."""

    def __init__(self, act: Callable[[], Any]):
        super().__init__(daemon=True)
        self.act = act
        self.answer: Any = None

    def run(self) -> None:
        try:
            self.answer = self.act()
        except Exception as error:
            self.answer = error
        finally:
            connections.close_all()


@contextmanager
def meanwhile(*acts: Callable[[], Any]) -> Iterator[list[Second]]:
    """Start what others do, go on once each of them waits for a lock or is done, and end with all of them done."""
    others = [Second(act) for act in acts]
    for other in others:
        other.start()
    while sum(other.is_alive() for other in others) > waiting():
        time.sleep(0.01)
    yield others


def waiting() -> int:
    """How many sessions of this server, which is ours alone, wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("select count(distinct pid) from pg_locks where not granted")
        return cursor.fetchone()[0]


def finish(others: list[Second]) -> list[Any]:
    for other in others:
        other.join()
    return [other.answer for other in others]


def add_together(name: str, /, **fields: Any) -> list[str]:
    """Two people press “Save” on the same new record, in a form each, while somebody holds its guidance."""
    url, problems = reverse(f"admin:categories_{name}_add"), []
    client = Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="writer"))
    forms = [typed(client, url, **fields) for _ in range(2)]  # the same form sent twice would be one record
    with transaction.atomic():
        Guidance.objects.get(slug="first").lock()
        with meanwhile(*[lambda form=form: client.post(url, form).status_code for form in forms]) as others:
            pass
    answers = sorted(map(str, finish(others)))
    if answers != ["200", "302"]:
        problems.append(f"two adds of one {name} answered {answers}, not a form and a redirect")
    return problems


def double_add() -> list[str]:
    guidance = Guidance.objects.get(slug="first")
    named = {"guidance": guidance, "slug": "twice", "name": "Twice"}
    relationship = guidance.relationship_set.get()
    return [
        *add_together("guidance", slug="twice", title="Twice", publisher="P", applies_to="England"),
        *add_together("level", guidance=guidance, number="8"),
        *add_together("shortform", guidance=guidance, term="TWICE", meaning="Two times"),
        *add_together("cohort", **named),
        *add_together("relationship", **named),
        *add_together("tlevel", **named),
        *add_together("availability", **named),
        *add_together("category", guidance=guidance, slug="twice", title="Twice", relationship=relationship),
        *add_together("approvaltest", **named, description="D"),
        *add_together("exampleslist", **named),
    ]


def add_first() -> list[str]:
    """There is no guidance to lock yet: the second one meets the other's row, and its form says so."""
    with saving():
        for model in reversed(MODELS.values()):
            for record in model.objects.all():
                record.delete()
    url, client = reverse("admin:categories_guidance_add"), Client(raise_request_exception=False)
    client.force_login(User.objects.get(username="writer"))
    data = typed(client, url, slug="twice", title="Twice", publisher="P", applies_to="England")
    with transaction.atomic():
        make_guidance(slug="twice")
        with meanwhile(lambda: client.post(url, data)) as others:
            pass
    [answer] = finish(others)
    if getattr(answer, "status_code", 500) != 200 or "already exists" not in answer.content.decode():
        return [f"the second guidance of one slug was answered {answer}"]
    return []


def delete_in_use() -> list[str]:
    """A level is ticked while somebody who may delete it, since nothing used it, waits."""
    category = Category.objects.first()
    level = make_level(category.guidance, 7)
    with saving():
        category.save()
        with meanwhile(lambda: Level.objects.get(pk=level.pk).delete()) as others:
            category.levels.add(level)
    [answer] = finish(others)
    latest = category.history.first()
    problems = [] if isinstance(answer, ProtectedError) else [f"the level was deleted: {answer}"]
    if list(category.levels.all()) != [row.level for row in latest.levels.all()]:
        problems.append("the category lost a level with no trace in its history")
    return problems


def load_waits() -> list[str]:
    """A file that differs in levels alone waits for the guidance like any other save."""
    guidance = Guidance.objects.get(slug="first")
    content = publishing.working_content(guidance)
    loading.load(content, why="So that the order differs in nothing")
    with saving():
        guidance.category_set.first().levels.set([make_level(guidance, 6)])
    with transaction.atomic():
        guidance.lock()
        with meanwhile(lambda: loading.load(content, why="A file")) as others:
            problems = [] if others[0].is_alive() else ["loading took no lock"]
    [answer] = finish(others)
    return problems + ([f"loading failed: {answer}"] if isinstance(answer, Exception) else [])


def state_in_use() -> list[str]:
    """A state of availability becomes that of a category while somebody who may delete it waits."""
    guidance = Guidance.objects.get(slug="first")
    state, category = make_availability(guidance, "ended"), guidance.category_set.first()
    with saving():
        category.availability = [{"state": str(state.pk), "from": "2030-01"}]
        category.save()
        with meanwhile(lambda: state.delete()) as others:
            pass
    [answer] = finish(others)
    return [] if isinstance(answer, ProtectedError) else [f"the state was deleted: {answer}"]


def own_guidance_alone() -> list[str]:
    """Putting back a record waits for its own guidance and for no other."""
    first, second = Guidance.objects.order_by("slug")
    content, cohort = publishing.working_content(second), second.cohort_set.get()
    cohort.name = "Another name"
    cohort.save()
    problems = []
    for held, waits in ((first, False), (second, True)):
        with transaction.atomic():
            held.lock()
            with meanwhile(lambda: loading.put_back(second, content, cohort.pk, by=None, why="Put back")) as others:
                if others[0].is_alive() != waits:
                    problems.append(f"with {held} held, putting back {'did not wait' if waits else 'waited'}")
        problems += [f"putting back failed: {answer}" for answer in finish(others) if isinstance(answer, Exception)]
    cohort.refresh_from_db()
    return problems + ([] if cohort.name == "Adults" else ["it was not put back"])


def vouch_waits() -> list[str]:
    """An Editor vouches for what they saw while somebody is changing its address: the change is not vouched for."""
    root, editor = make_user("root", is_superuser=True), make_user("editor", "Editor")
    account = publishing.make_account(root, {"username": "new", "is_superuser": True})
    seen = publishing.newest_change(account)
    with transaction.atomic():
        publishing.change_account(account, root, {"email": "trap@example.org"})
        with meanwhile(lambda: publishing.vouch(account, editor, seen=seen)) as others:
            problems = [] if others[0].is_alive() else ["vouching waited for nothing"]
    [answer] = finish(others)
    problems += [] if isinstance(answer, publishing.Refused) else [f"vouching for what was not seen: {answer}"]
    return problems + (["the change is vouched for"] if account.is_vouched_for else [])


def tries_at_once() -> list[str]:
    """A hundred try to sign in with one name at one moment: no more than the limit get as far as the password."""
    make_user("erin", "Editor")
    for limit in ("connect_timeout", "options"):  # a hundred connect at once, and wait for one row
        connection.settings_dict.get("OPTIONS", {}).pop(limit, None)
    ready = threading.Barrier(100)

    def attempt() -> int:
        ready.wait()
        return Client().post("/admin/login/", {"username": "erin", "password": "wrong"}).status_code

    others = [Second(attempt) for _ in range(100)]
    for other in others:
        other.start()
    answers = Counter(map(str, finish(others)))
    expected = {"200": limits.OF_NAME_HERE, "429": 100 - limits.OF_NAME_HERE}
    return [] if answers == expected else [f"a hundred tries at once were answered {answers}"]


SCENES = {
    "double-add": double_add,
    "add-first": add_first,
    "delete-in-use": delete_in_use,
    "load-waits": load_waits,
    "state-in-use": state_in_use,
    "own-guidance-alone": own_guidance_alone,
    "vouch-waits": vouch_waits,
    "tries-at-once": tries_at_once,
}


def set_up() -> None:
    setup_test_environment()  # so that answers bring their forms
    Client._login = with_second_step
    call_command("migrate", verbosity=0, interactive=False)
    make_user("writer", "Writer")
    for slug in ("first", "second"):
        make_category(make_guidance(slug=slug, title=slug.capitalize()))


def main() -> int:
    set_up()
    problems = [f"{name}: {problem}" for name in sys.argv[1:] or SCENES for problem in SCENES[name]()]
    print(*problems, sep="\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
