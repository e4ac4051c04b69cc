"""Who may open and use which page of the admin: every address of the URL resolver, for every role, GET and POST.

An address that is not in ACCESS fails, so that a new page cannot be forgotten.
"""

import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from categories import publishing
from categories.admin import users
from categories.admin.verbs import VERBS
from categories.models import Edition, Feedback, FormerAddress, Message, Submission, SubmissionEvent
from categories.models.history import saving
from categories.models.kinds import MODELS
from tests.factories import (
    make_category,
    make_examples_list,
    make_guidance,
    make_reader,
    make_short_form,
    make_t_level,
    make_user,
    publish_loaded,
)

pytestmark = pytest.mark.django_db

ROLES = ["anonymous", "plain staff", "reader", "writer", "editor", "superuser"]
STAFF = set(ROLES) - {"anonymous"}
WRITERS = {"writer", "editor", "superuser"}
EDITORS = {"editor", "superuser"}
READERS = WRITERS | {"reader"}
NAMES = [model._meta.model_name for model in MODELS.values()]
RECORDS = rf"categories_({'|'.join(NAMES)})"
CHANGED = rf"categories_({'|'.join(name for name in NAMES if name != 'level')})"
# Address name -> who may GET it, and who may POST to it.
ACCESS = {
    r"login": (set(ROLES), set(ROLES)),
    r"index|jsi18n|logout|password_change|password_change_done": (STAFF, STAFF),
    r"app_list": (STAFF, STAFF),
    r"view_on_site|autocomplete|None": (STAFF, STAFF),
    rf"{RECORDS}_(add|delete)": (WRITERS, WRITERS),
    rf"{RECORDS}_changelist": (READERS, READERS),
    rf"{CHANGED}_change": (READERS, WRITERS),
    rf"{CHANGED}_open": (WRITERS, WRITERS),
    r"categories_(category|approvaltest|guidance)_preview(_new)?": (WRITERS, WRITERS),
    r"categories_level_open": (set(), set()),
    r"categories_level_change": (READERS, set()),  # a level is its number, which never changes
    rf"{RECORDS}_(history|simple_history)": (READERS, set()),
    r"categories_category_many": (READERS, WRITERS),
    rf"{RECORDS}_restore": (READERS, WRITERS),
    r"categories_guidance_(changes|put_back)": (READERS, WRITERS),
    r"categories_(submission|edition)_changelist": (READERS, READERS),
    r"categories_(submission|edition)_change|categories_edition_(scheduled|compare)": (READERS, READERS),
    r"categories_submission_act:(approve|reject|publish-in-emergency)": (READERS, EDITORS),
    r"categories_submission_act:(announce|reschedule|unschedule|review-afterwards)": (READERS, EDITORS),
    r"categories_submission_act:(recall|share-preview|record-answer)": (READERS, WRITERS),
    r"categories_submission_(revoke|comments)": (READERS, WRITERS),
    r"categories_formeraddress_changelist": (WRITERS, WRITERS),
    r"categories_formeraddress_(change|history)": (WRITERS, set()),
    r"categories_formeraddress_add": (EDITORS, EDITORS),
    r"categories_formeraddress_delete": (set(), set()),
    r"categories_user_changelist": (EDITORS, EDITORS),
    r"categories_user_add": ({"superuser"}, {"superuser"}),
    r"categories_user_change": (EDITORS, {"superuser"}),
    r"categories_user_delete": (set(), set()),
    r"categories_user_history": (EDITORS, set()),
    r"categories_user_act:vouch": (EDITORS, EDITORS),
    r"categories_user_act:(send-link|end-factors|end-sessions|deactivate|reactivate)": ({"superuser"}, {"superuser"}),
    r"categories_feedback_(changelist|change)": (WRITERS, WRITERS),
    r"categories_feedback_(pages|export|done)": (WRITERS, WRITERS),
    r"categories_subscription_changelist": (WRITERS, WRITERS),
    r"categories_message_(changelist|change|send_again)": (EDITORS, EDITORS),
    r"set_password|set_password_done": (set(ROLES), set(ROLES)),
    r"unsent|help": (STAFF, STAFF),
    r"account_login": (set(ROLES), set(ROLES)),
    r"mfa_.*|account_reauthenticate": (STAFF, STAFF),
    r"openid_connect_.*": (set(ROLES), set(ROLES)),
    r"send_own_link|end_session|end_other_sessions": (STAFF, STAFF),
}


def addresses_of_the_admin() -> Iterator[URLPattern]:
    def walk(patterns):
        for pattern in patterns:
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns)
            else:
                yield pattern

    mounted = [one for one in get_resolver().url_patterns if str(one.pattern) == "admin/"]
    return walk([pattern for one in mounted for pattern in one.url_patterns])


@pytest.fixture
def site():
    """One of everything: guidance with a change, a submission that waits, a preview link; and one person a role."""
    people = {
        "plain staff": make_user("plain"),
        "reader": make_reader("reader"),
        "writer": make_user("writer", "Writer"),
        "editor": make_user("editor", "Editor"),
        "superuser": make_user("root", is_superuser=True),
    }
    author = make_user("author", "Writer")
    guidance = make_guidance()
    category = make_category(guidance)
    make_examples_list(guidance)
    make_short_form(guidance)
    make_t_level(guidance)
    publish_loaded(guidance)
    with saving(author, "A better aim"):
        category.aim = "A better aim."
        category.save()
    submission = publishing.submit(guidance, author, change_note="Better.")
    link = publishing.share_preview(submission, author, made_for="A college")
    former = FormerAddress.objects.create(address="/old/", leads_to="/", why="A college links there.")
    feedback = Feedback.objects.create(page="/", wrong="It is out of date.", at=timezone.now())
    return {
        "people": people,
        "feedback": feedback,
        "guidance": guidance,
        "category": category,
        "submission": submission,
        "link": link,
        "former": former,
    }


def addresses(site) -> Iterator[tuple[str, str]]:
    """Every address of the admin with real arguments, and its name; a verb's is named with the verb."""
    guidance, category, submission = site["guidance"], site["category"], site["submission"]
    records = {model._meta.model_name: model.objects.get() for model in MODELS.values()}
    records["user"] = site["people"]["writer"]
    records["formeraddress"] = site["former"]
    for pattern in addresses_of_the_admin():
        name = str(pattern.name)
        model = name.split("_")[1] if name.startswith("categories_") else ""
        record = records.get(model)
        match name:
            case "categories_submission_act":
                for verb in VERBS:
                    yield f"{name}:{verb}", reverse(f"admin:{name}", args=[submission.pk, verb])
                continue
            case "categories_submission_revoke":
                args = [submission.pk, site["link"].pk]
            case "categories_submission_change" | "categories_submission_comments":
                args = [submission.pk]
            case "categories_edition_change" | "categories_edition_compare":
                args = [Edition.objects.get().pk]
            case "categories_message_change" | "categories_message_send_again":
                args = [Message.objects.first().pk]
            case "categories_feedback_change" | "categories_feedback_done":
                args = [site["feedback"].pk]
            case "categories_guidance_put_back":
                args = [guidance.pk, category.pk]
            case "categories_user_act":
                for verb in users.VERBS:
                    yield f"{name}:{verb}", reverse(f"admin:{name}", args=[record.pk, verb])
                continue
            case "mfa_remove_webauthn":
                args = [1]
            case "openid_connect_login" | "openid_connect_callback":
                args = ["organisation"]
            case "end_session":
                args = ["nonsense"]
            case "set_password":
                args = ["MQ", "nonsense"]
            case "view_on_site":
                args = [1, 1]
            case "app_list":
                args = ["categories"]
            case "categories_category_many":
                yield name, f"{reverse(f'admin:{name}')}?id={category.pk}"
                continue
            case _ if name.endswith(("_simple_history", "_restore")):
                args = [record.pk, record.history.first().history_id]
            case _ if re.search(r"_(change|delete|history|changes|open|preview)$", name) and name != "password_change":
                args = [record.pk]
            case "None":
                continue  # Django's redirects of old addresses, and its answer to any other
            case _:
                args = []
        yield name, reverse(name if is_own(name) else f"admin:{name}", args=args)


def is_own(name: str) -> bool:
    """Whether an address stands beside the admin: of how somebody signs in."""
    return name.startswith(("mfa_", "account_", "openid_", "end_")) or name == "send_own_link"


def access(name: str) -> tuple[set[str], set[str]]:
    found = [rule for pattern, rule in ACCESS.items() if re.fullmatch(pattern, name)]
    assert len(found) == 1, f"say in ACCESS who may use {name}"
    return found[0]


def state_of_the_record() -> tuple:
    counts = (Edition.objects.count(), SubmissionEvent.objects.count())
    return (*counts, *Submission.objects.values_list("pk", "status"))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_of_the_admin_for_every_role(method, role, site, client):
    client.raise_request_exception = True
    wrong = []
    for name, url in addresses(site):
        allowed = role in access(name)[method == "post"]
        if role in site["people"]:
            client.force_login(site["people"][role])
        before = state_of_the_record()
        response = getattr(client, method)(url)
        to_login = response.status_code == 302 and response.headers["Location"].startswith("/admin/login/")
        refused = response.status_code == 403 or (to_login and role == "anonymous")
        if name == "logout" and role == "anonymous":
            continue  # it ends in "logged out" for whoever is
        if name in ("view_on_site", "autocomplete", "unsent") and response.status_code in (403, 404):
            continue  # there is nothing behind them for anybody
        if name in ("app_list", "jsi18n") and response.status_code in (200, 404, 405):
            continue  # an empty list for whoever may see nothing; a catalogue of words
        if refused == allowed:
            wrong.append((name, response.status_code))
        if not allowed and state_of_the_record() != before:
            wrong.append((name, "acted"))
        if response.status_code >= 500:
            wrong.append((name, response.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", ["anonymous", "plain staff"])
def test_previews_are_for_staff_who_may_see_them(role, site, client):
    if role in site["people"]:
        client.force_login(site["people"][role])
    for name, key in (("preview-working-copy", "guidance"), ("preview-submission", "submission")):
        response = client.get(reverse(name, args=[site[key].pk]))
        assert response.status_code == (302 if role == "anonymous" else 403)
        assert b"A better aim" not in response.content


def test_nothing_but_the_named_ways_changes_an_edition_or_a_submission(site, client):
    client.force_login(site["people"]["superuser"])
    for address in ("edition/add/", "submission/add/", f"edition/{Edition.objects.get().pk}/delete/"):
        assert client.get(f"/admin/categories/{address}").status_code == 404
    page = reverse("admin:categories_submission_change", args=[site["submission"].pk])
    assert client.post(page, {"status": "approved"}).status_code == 405
    assert not Edition.objects.filter(live_at__gt=timezone.now()).exists()
