"""What an uncached page of the same categories costs in Wagtail. Runs in an environment of its own.

    python tests/peer/measure.py <content file> <database>

For each line of input, answers with the seconds of processor time that one request takes, the median of that many.
"""

import json
import sys
import time
from pathlib import Path
from statistics import median
from unittest.mock import patch

import django
from django.conf import settings

APPS = ["contrib.redirects", "embeds", "sites", "users", "snippets", "documents", "images", "search", "admin", ""]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "wagtail.contrib.redirects.middleware.RedirectMiddleware",
]
PROCESSORS = ["template.context_processors.request", "contrib.auth.context_processors.auth"]
DJANGO_APPS = ["admin", "auth", "contenttypes", "sessions", "messages", "staticfiles"]


def set_up(database: str) -> None:
    settings.configure(
        ALLOWED_HOSTS=["testserver", "127.0.0.1"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        INSTALLED_APPS=[
            "peer",
            *(f"wagtail.{app}".rstrip(".") for app in APPS),
            "modelcluster",
            "taggit",
            *(f"django.contrib.{app}" for app in DJANGO_APPS),
        ],
        MIDDLEWARE=MIDDLEWARE,
        ROOT_URLCONF="wagtail.urls",
        SECRET_KEY="only-for-the-bench-" * 3,
        STATIC_URL="/static/",
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {"context_processors": [f"django.{name}" for name in PROCESSORS]},
            }
        ],
        USE_TZ=True,
        WAGTAILADMIN_BASE_URL="http://testserver",
        WAGTAIL_SITE_NAME="The peer",
    )
    django.setup()


def fill(content: dict) -> None:
    """Make a page of the guidance, the root of its site, with a page below it for each category."""
    from django.core.management import call_command
    from peer.models import ApprovalTest, CategoryPage, GuidancePage
    from wagtail.models import Page, Site

    call_command("migrate", verbosity=0)
    names = {kind: {one["slug"]: one["name"] for one in content[kind]} for kind in NAMED}
    tests = {one["slug"]: ApprovalTest.objects.create(name=one["name"]) for one in content["approval_tests"]}
    said = {name: content[name] for name in ("title", "slug", "summary", "publisher", "notice")}
    guidance = Page.get_first_root_node().add_child(instance=GuidancePage(**said))
    Site.objects.update(root_page=guidance)
    for category in content["categories"]:
        states = [f"{names['availabilities'][step['state']]} from {step['from']}" for step in category["availability"]]
        page = CategoryPage(
            **{name: category[name] for name in ("title", "slug", "relationship_text", "aim", "example")},
            levels=", ".join(map(str, category["levels"])),
            cohorts=", ".join(names["cohorts"][slug] for slug in category["cohorts"]),
            relationship=names["relationships"][category["relationship"]],
            availability=", ".join(states),
        )
        guidance.add_child(instance=page)
        page.approval_tests.set([tests[slug] for slug in category["approval_tests"]])
        page.save()


NAMED = ("availabilities", "cohorts", "relationships")


def seconds(runs: int) -> float:
    """Return the processor time of one request, the median of so many."""
    from django.core.handlers.base import BaseHandler
    from django.test import RequestFactory

    handler, requests = BaseHandler(), RequestFactory()
    handler.load_middleware()
    found = []
    for _ in range(runs):
        start = time.process_time()
        response = handler.get_response(requests.get("/"))
        found.append(time.process_time() - start)
        assert response.status_code == 200, response.status_code
    return median(found)


def main() -> None:
    file, database = sys.argv[1:]
    set_up(database)
    with patch("django_tasks.backends.immediate.ImmediateBackend.enqueue"):  # what a save leaves for later
        fill(json.loads(Path(file).read_text(encoding="utf-8")))
    for line in sys.stdin:
        print(seconds(int(line)), flush=True)


if __name__ == "__main__":
    main()
